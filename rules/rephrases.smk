# Rephrases: the completions that pass every screen. Needs: requests, completions and screens.


rule screen_completions:
    """Keep the completions that pass every screen; count the others by reason."""
    input:
        unpack(request_table),
        completions_manifest="<results>/completions/{llm}/{request_set}/{shard}.json",
        completions=ancient("<results>/completions/{llm}/{request_set}/{shard}.parquet"),
    output:
        rephrases="<results>/rephrases/{llm}/{request_set}/{shard}.parquet",
        manifest="<results>/rephrases/{llm}/{request_set}/{shard}.json",
        rejects="<results>/rephrases/{llm}/{request_set}/{shard}.rejects.parquet",
        rejects_manifest="<results>/rephrases/{llm}/{request_set}/{shard}.rejects.json",
    log:
        "<logs>/screen_completions/{llm}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/screen_completions/{llm}/{request_set}/{shard}.tsv"
    wildcard_constraints:
        request_set=rf"({SOURCES_REPHRASED})\.({PROMPTS_TO_REPHRASE})(\.again[1-9])?",
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        screens=identity([declared(screen) for screen in STUDY.screens]),
        lead_in=lambda w: canonical_json(CATALOGUE.prompts[w.request_set.split(".")[1]].lead_in),
        code=code_of("scripts/screens/screen_completions.py"),
    shell:
        """
        python scripts/screens/screen_completions.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --screens {params.screens:q} \
            --lead-in {params.lead_in:q} \
            --out {output.rephrases:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
