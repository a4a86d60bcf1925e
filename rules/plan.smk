# The plan: what asking the LLMs will cost, before it is done. Needs: requests and, to say more,
# answers in the ledgers, such as a pilot's. `snakemake pilot`, then `snakemake plan`.


rule plan_llm:
    """Count what an LLM is still to be asked, and the hours that it takes at its known rate."""
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
        # A profile may declare a rate of answers, in tokens a second, with `set-resources`; 0 takes
        # what was measured on the machine where this job runs. A changed rate reruns nothing by
        # itself: Snakemake remembers no resources.
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
    """Put the plans of all LLMs into one table, and show it."""
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
    # An LLM's first window of requests under a prompt. The answers stay in the ledger.
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
    """Ask each LLM a first window of requests under each of its prompts."""
    input:
        unpack(reads("pilot")),
