# Completions: LLMs' answers to requests. The ledger that keeps them, in results/state, is no output.
# Needs: requests and an LLM.


rule complete_requests:
    """Complete the requests of a shard that are not in its ledger."""
    input:
        unpack(reads("complete_requests")),
    output:
        completions="<results>/completions/{llm}/{request_set}/{shard}.parquet",
        manifest="<results>/completions/{llm}/{request_set}/{shard}.json",
    log:
        "<logs>/complete_requests/{llm}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/complete_requests/{llm}/{request_set}/{shard}.tsv"
    # Everything waits for completions, so they go first.
    priority: 10
    conda:
        "../envs/llm.yaml"
    threads: wants("complete_requests", "threads")
    resources:
        mem_mb=wants("complete_requests", "memory_mb"),
        runtime=wants("complete_requests", "runtime_minutes"),
        gpu=wants("complete_requests", "gpus"),
    params:
        spec=spec("complete_requests"),
        state=f"{STUDY.results}/state/ledger",
        code=code_of("scripts/completions/complete_requests.py"),
    shell:
        """
        python scripts/completions/complete_requests.py \
            --requests {input.requests:q} \
            --llm {input.llm:q} \
            --weights {input.weights:q} \
            --spec {params.spec:q} \
            --state {params.state:q} \
            --out {output.completions:q} >{log:q} 2>&1
        """
