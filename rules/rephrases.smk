# Rephrases: the completions that pass every screen. Needs: requests, completions and screens.


rule screen_completions:
    """Keep the completions that pass every screen; count the others by reason."""
    input:
        "<results>/requests/{source}.{prompt}/{shard}.json",
        "<results>/completions/{llm}/{source}.{prompt}/{shard}.json",
        requests=ancient("<results>/requests/{source}.{prompt}/{shard}.parquet"),
        completions=ancient("<results>/completions/{llm}/{source}.{prompt}/{shard}.parquet"),
    output:
        rephrases="<results>/rephrases/{llm}/{source}.{prompt}/{shard}.parquet",
        manifest="<results>/rephrases/{llm}/{source}.{prompt}/{shard}.json",
        rejects="<results>/rephrases/{llm}/{source}.{prompt}/{shard}.rejects.parquet",
        rejects_manifest="<results>/rephrases/{llm}/{source}.{prompt}/{shard}.rejects.json",
    log:
        "<logs>/screen_completions/{llm}/{source}.{prompt}/{shard}.log",
    benchmark:
        "<benchmarks>/screen_completions/{llm}/{source}.{prompt}/{shard}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        screens=identity([declared(screen) for screen in STUDY.screens]),
        lead_in=lambda w: canonical_json(CATALOGUE.prompts[w.prompt].lead_in),
        code=code_of("scripts/rephrases/screen_completions.py"),
    shell:
        """
        python scripts/rephrases/screen_completions.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --screens {params.screens:q} \
            --lead-in {params.lead_in:q} \
            --out {output.rephrases:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
