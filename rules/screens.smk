# Screens: completions that pass become rephrases, or synthetic notes. Needs: requests and
# completions.


rule screen_completions:
    """Keep the completions that pass every screen; count the others by reason."""
    input:
        unpack(reads("screen_completions")),
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
        request_set=CONSTRAINTS["rephrase_set"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("screen_completions"),
        code=code_of("scripts/screens/screen_completions.py"),
    shell:
        """
        python scripts/screens/screen_completions.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output.rephrases:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """


rule screen_synthetic_notes:
    """Keep the notes after case reports that pass every screen; count the others by reason."""
    input:
        unpack(reads("screen_synthetic_notes")),
    output:
        notes="<results>/synthetic-notes/{llm}/{request_set}/{shard}.parquet",
        manifest="<results>/synthetic-notes/{llm}/{request_set}/{shard}.json",
        rejects="<results>/synthetic-notes/{llm}/{request_set}/{shard}.rejects.parquet",
        rejects_manifest="<results>/synthetic-notes/{llm}/{request_set}/{shard}.rejects.json",
    log:
        "<logs>/screen_synthetic_notes/{llm}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/screen_synthetic_notes/{llm}/{request_set}/{shard}.tsv"
    wildcard_constraints:
        request_set=CONSTRAINTS["synthesis_set"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("screen_synthetic_notes"),
        code=code_of("scripts/screens/screen_completions.py"),
    shell:
        """
        python scripts/screens/screen_completions.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output.notes:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
