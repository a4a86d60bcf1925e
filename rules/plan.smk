# The plan: what asking the LLMs will cost, before it is done. Needs: requests and, to say more,
# answers in the ledgers, such as a pilot's. `snakemake pilot`, then `snakemake plan`.


rule plan_llm:
    """Count what an LLM is still to be asked, and the hours that it takes at its known rate."""
    input:
        unpack(llm_weights),
        planned_requests,
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
        llm=lambda w: canonical_json(declared(CATALOGUE.llms[w.llm])),
        weights=weights_options,
        sets=lambda w: canonical_json(planned_sets(w.llm)),
        state=f"{STUDY.results}/state/ledger",
        ledgers=ledgers_now,
        code=code_of("scripts/plan/plan_llm.py"),
    shell:
        """
        python scripts/plan/plan_llm.py \
            --llm {params.llm:q} \
            --llm-file config/llms/{wildcards.llm:q}.yaml \
            {params.weights:q} \
            --sets {params.sets:q} \
            --tokens-per-second {resources.tokens_per_second} \
            --state {params.state:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule plan:
    """Put the plans of all LLMs into one table, and show it."""
    input:
        expand("<results>/plan/{llm}.csv", llm=CATALOGUE.asked_llms()),
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
        python scripts/plan/plan_table.py --plans {input:q} --out {output:q} >{log:q} 2>&1
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
        part=["--first-window"],


localrules:
    pilot,


rule pilot:
    """Ask each LLM a first window of requests under each of its prompts."""
    input:
        pilots,
