# The plan: what the LLM jobs will cost, before they run. Needs: requests. Completions in ledgers,
# such as a pilot's, improve it: `snakemake pilot`, then `snakemake plan`.


rule plan_llm:
    """Count the requests that an LLM must still complete, and estimate the hours."""
    input:
        unpack(reads("plan_llm")),
    output:
        "<results>/plan/{llm}.csv",
    log:
        "<logs>/plan_llm/{llm}.log",
    benchmark:
        "<benchmarks>/plan_llm/{llm}.tsv"
    conda:
        "../envs/llm.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
        # A profile may declare a throughput, in generated tokens per second, with `set-resources`.
        # 0 takes what was measured on the machine where this job runs. A changed throughput reruns
        # nothing by itself: Snakemake remembers no resources.
        tokens_per_second=0,
    params:
        spec=spec("plan_llm"),
        state=f"{STUDY.results}/state/ledger",
        code=code_of("scripts/plan/plan_llm.py"),
    shell:
        """
        python scripts/plan/plan_llm.py \
            --requests {input.requests:q} \
            --llm {input.llm:q} \
            --weights {input.weights:q} \
            --spec {params.spec:q} \
            --tokens-per-second {resources.tokens_per_second} \
            --state {params.state:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule plan:
    """Join the plans of all LLMs in one table, and print it."""
    input:
        unpack(reads("plan")),
    output:
        "<results>/plan.csv",
    log:
        "<logs>/plan.log",
    benchmark:
        "<benchmarks>/plan.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code_of("scripts/plan/plan_table.py"),
    shell:
        """
        python scripts/plan/plan_table.py --plans {input.plans:q} --out {output:q} >{log:q} 2>&1
        """


use rule complete_requests as ask_pilot with:
    # An LLM's first window of requests of a prompt. The completions stay in the ledger.
    output:
        completions="<results>/plan/pilot/{llm}/{request_set}/{shard}.parquet",
        manifest="<results>/plan/pilot/{llm}/{request_set}/{shard}.json",
    log:
        "<logs>/ask_pilot/{llm}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/ask_pilot/{llm}/{request_set}/{shard}.tsv"
    params:
        spec=spec("ask_pilot"),


localrules:
    pilot,


rule pilot:
    """Complete a first window of requests of each LLM, source or dataset, and prompt."""
    input:
        unpack(reads("pilot")),
