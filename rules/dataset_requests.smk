# Requests of datasets: to label, to check and to write sentences, and the screens of written ones.
# Their completions are made in completions.smk. Needs: sentences, a taxonomy, prompts.


rule label_requests:
    """Build the requests to label: for each sentence and category, whether it applies."""
    input:
        unpack(reads("label_requests")),
    output:
        requests="<results>/requests/{dataset}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{dataset}.{prompt}/000-of-001.json",
    log:
        "<logs>/label_requests/{dataset}.{prompt}.log",
    benchmark:
        "<benchmarks>/label_requests/{dataset}.{prompt}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["silver_dataset"],
        prompt=CONSTRAINTS["label_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("label_requests"),
        code=code_of("scripts/requests/label_requests.py"),
    shell:
        """
        python scripts/requests/label_requests.py \
            --sentences {input.sentences:q} \
            --labels {input.labels:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


use rule label_requests as check_requests with:
    # Those that ask once more: about labels, or what a sentence was written for.
    input:
        unpack(reads("check_requests")),
    log:
        "<logs>/check_requests/{dataset}.{prompt}.log",
    benchmark:
        "<benchmarks>/check_requests/{dataset}.{prompt}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["llm_dataset"],
        prompt=CONSTRAINTS["check_prompt"],
    params:
        spec=spec("check_requests"),


rule generate_requests:
    """Build the requests to write sentences for each category and for none."""
    output:
        requests="<results>/requests/{dataset}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{dataset}.{prompt}/000-of-001.json",
    log:
        "<logs>/generate_requests/{dataset}.{prompt}.log",
    benchmark:
        "<benchmarks>/generate_requests/{dataset}.{prompt}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["bronze_dataset"],
        prompt=CONSTRAINTS["write_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        spec=spec("generate_requests"),
        code=code_of("scripts/requests/generate_requests.py"),
    shell:
        """
        python scripts/requests/generate_requests.py \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule screen_sentences:
    """Keep written sentences that pass every screen; count the others by reason."""
    input:
        unpack(reads("screen_sentences")),
    output:
        sentences="<results>/sentences/{dataset}.parquet",
        manifest="<results>/sentences/{dataset}.json",
        rejects="<results>/sentences/{dataset}.rejects.parquet",
        rejects_manifest="<results>/sentences/{dataset}.rejects.json",
        generic="<results>/sentences/{dataset}.generic.csv",
    log:
        "<logs>/screen_sentences/{dataset}.log",
    benchmark:
        "<benchmarks>/screen_sentences/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["bronze_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        spec=spec("screen_sentences"),
        code=code_of("scripts/screens/screen_sentences.py"),
    shell:
        """
        python scripts/screens/screen_sentences.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --out {output.sentences:q} \
            --rejects {output.rejects:q} \
            --generic {output.generic:q} >{log:q} 2>&1
        """
