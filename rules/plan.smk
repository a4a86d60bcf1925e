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


rule pilot_requests:
    """Take a shard's first requests, in their sampling order, as what a pilot asks."""
    input:
        unpack(reads("pilot_requests")),
    output:
        requests="<results>/pilot/requests/{llm}/{request_set}/{shard}.parquet",
        manifest="<results>/pilot/requests/{llm}/{request_set}/{shard}.json",
    log:
        "<logs>/pilot_requests/{llm}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/pilot_requests/{llm}/{request_set}/{shard}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        spec=spec("pilot_requests"),
        code=code_of("scripts/plan/pilot_requests.py"),
    shell:
        """
        python scripts/plan/pilot_requests.py \
            --requests {input.requests:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


use rule complete_requests as ask_pilot with:
    # Under each sampling. The completions stay in the ledger that the study reads.
    input:
        unpack(reads("ask_pilot")),
    output:
        completions="<results>/pilot/completions/{llm}/{sampling}/{request_set}/{shard}.parquet",
        manifest="<results>/pilot/completions/{llm}/{sampling}/{request_set}/{shard}.json",
    log:
        "<logs>/ask_pilot/{llm}/{sampling}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/ask_pilot/{llm}/{sampling}/{request_set}/{shard}.tsv"
    params:
        spec=spec("ask_pilot"),


use rule screen_completions as screen_pilot with:
    input:
        unpack(reads("screen_pilot")),
    output:
        rephrases="<results>/pilot/rephrases/{llm}/{sampling}/{request_set}/{shard}.parquet",
        manifest="<results>/pilot/rephrases/{llm}/{sampling}/{request_set}/{shard}.json",
        rejects="<results>/pilot/rephrases/{llm}/{sampling}/{request_set}/{shard}.rejects.parquet",
        rejects_manifest="<results>/pilot/rephrases/{llm}/{sampling}/{request_set}/{shard}.rejects.json",
    log:
        "<logs>/screen_pilot/{llm}/{sampling}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/screen_pilot/{llm}/{sampling}/{request_set}/{shard}.tsv"
    wildcard_constraints:
        request_set=CONSTRAINTS["rewriting_set"],
    params:
        spec=spec("screen_pilot"),


use rule compare_facts as pilot_findings with:
    input:
        unpack(reads("pilot_findings")),
    output:
        findings="<results>/pilot/fidelity/{llm}/{sampling}/{request_set}/{shard}.parquet",
        manifest="<results>/pilot/fidelity/{llm}/{sampling}/{request_set}/{shard}.json",
    log:
        "<logs>/pilot_findings/{llm}/{sampling}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/pilot_findings/{llm}/{sampling}/{request_set}/{shard}.tsv"
    params:
        spec=spec("pilot_findings"),


rule pilot_table:
    """Write and draw what each LLM, prompt, context and sampling kept, and what the study will cost."""
    input:
        unpack(reads("pilot_table")),
    output:
        table="<results>/pilot.csv",
        figure="<results>/pilot.svg",
        png="<results>/pilot.png",
    log:
        "<logs>/pilot_table.log",
    benchmark:
        "<benchmarks>/pilot_table.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        state=f"{STUDY.results}/state/ledger",
        code=code_of("scripts/plan/pilot_table.py"),
    shell:
        """
        python scripts/plan/pilot_table.py \
            --completions {input.completions:q} \
            --kept {input.kept:q} \
            --rejects {input.rejects:q} \
            --samples {input.samples:q} \
            --requests {input.requests:q} \
            --notes {input.notes:q} \
            --findings {input.findings:q} \
            --state {params.state:q} \
            --out {output.table:q} \
            --figure {output.figure:q} >{log:q} 2>&1
        """


localrules:
    pilot,


rule pilot:
    """Try each LLM, prompt, context and sampling on a sample, before the study is paid for."""
    input:
        unpack(reads("pilot")),
