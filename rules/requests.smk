# Requests to rephrase passages, and to write notes after case reports. A request set is a source, a
# prompt and the context where there is one, the same for every LLM, or a further round of one LLM. Requests of datasets are in
# dataset_requests.smk. Needs: passages, or notes, and prompts; a further round needs what the round
# before rejected.


rule rephrase_requests:
    """Build the requests to rephrase a shard's passages."""
    input:
        unpack(reads("rephrase_requests")),
    output:
        requests="<results>/requests/{source}.{prompt}/{shard}.parquet",
        manifest="<results>/requests/{source}.{prompt}/{shard}.json",
    log:
        "<logs>/rephrase_requests/{source}.{prompt}/{shard}.log",
    benchmark:
        "<benchmarks>/rephrase_requests/{source}.{prompt}/{shard}.tsv"
    wildcard_constraints:
        source=CONSTRAINTS["rephrased_source"],
        prompt=CONSTRAINTS["rephrase_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("rephrase_requests"),
        code=code_of("scripts/requests/rephrase_requests.py"),
    shell:
        """
        python scripts/requests/rephrase_requests.py \
            --passages {input.passages:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule rephrase_in_context:
    """Build the requests to rephrase a shard's passages, each with what a context tells of its note."""
    input:
        unpack(reads("rephrase_in_context")),
    output:
        requests="<results>/requests/{source}.{prompt}.{context}/{shard}.parquet",
        manifest="<results>/requests/{source}.{prompt}.{context}/{shard}.json",
    log:
        "<logs>/rephrase_in_context/{source}.{prompt}.{context}/{shard}.log",
    benchmark:
        "<benchmarks>/rephrase_in_context/{source}.{prompt}.{context}/{shard}.tsv"
    wildcard_constraints:
        source=CONSTRAINTS["rephrased_source"],
        prompt=CONSTRAINTS["rephrase_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("rephrase_in_context"),
        code=code_of("scripts/requests/rephrase_in_context.py"),
    shell:
        """
        python scripts/requests/rephrase_in_context.py \
            --passages {input.passages:q} \
            --notes {input.notes:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule synthesis_requests:
    """Build the requests to write notes after a shard's case reports."""
    input:
        unpack(reads("synthesis_requests")),
    output:
        requests="<results>/requests/{source}.{prompt}/{shard}.parquet",
        manifest="<results>/requests/{source}.{prompt}/{shard}.json",
    log:
        "<logs>/synthesis_requests/{source}.{prompt}/{shard}.log",
    benchmark:
        "<benchmarks>/synthesis_requests/{source}.{prompt}/{shard}.tsv"
    wildcard_constraints:
        source=CONSTRAINTS["synthesis_source"],
        prompt=CONSTRAINTS["synthesis_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("synthesis_requests"),
        code=code_of("scripts/requests/synthesis_requests.py"),
    shell:
        """
        python scripts/requests/synthesis_requests.py \
            --notes {input.notes:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --shard {wildcards.shard:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule retry_requests:
    """Build the requests of a further round from what the round before rejected."""
    input:
        unpack(reads("retry_requests")),
    output:
        requests="<results>/requests/{llm}/{source}.{prompt}.retry{round}/{shard}.parquet",
        manifest="<results>/requests/{llm}/{source}.{prompt}.retry{round}/{shard}.json",
    log:
        "<logs>/retry_requests/{llm}/{source}.{prompt}.retry{round}/{shard}.log",
    benchmark:
        "<benchmarks>/retry_requests/{llm}/{source}.{prompt}.retry{round}/{shard}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("retry_requests"),
        code=code_of("scripts/requests/retry_requests.py"),
    shell:
        """
        python scripts/requests/retry_requests.py \
            --requests {input.requests:q} \
            --rejects {input.rejects:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


use rule retry_requests as retry_in_context with:
    # The same where a context is told: the next round tells it again.
    input:
        unpack(reads("retry_in_context")),
    output:
        requests="<results>/requests/{llm}/{source}.{prompt}.{context}.retry{round}/{shard}.parquet",
        manifest="<results>/requests/{llm}/{source}.{prompt}.{context}.retry{round}/{shard}.json",
    log:
        "<logs>/retry_in_context/{llm}/{source}.{prompt}.{context}.retry{round}/{shard}.log",
    benchmark:
        "<benchmarks>/retry_in_context/{llm}/{source}.{prompt}.{context}.retry{round}/{shard}.tsv"
    params:
        spec=spec("retry_in_context"),
