# Fidelity: what rephrases kept, changed, left out and added of their passages. Needs: requests,
# which hold the passages, the passages' patients, and rephrases. No LLM is asked.


rule compare_facts:
    """Compare the facts of each rephrase of a shard with those of its passage."""
    input:
        unpack(reads("compare_facts")),
    output:
        findings="<results>/fidelity/{llm}/{request_set}/{shard}.parquet",
        manifest="<results>/fidelity/{llm}/{request_set}/{shard}.json",
    log:
        "<logs>/compare_facts/{llm}/{request_set}/{shard}.log",
    benchmark:
        "<benchmarks>/compare_facts/{llm}/{request_set}/{shard}.tsv"
    wildcard_constraints:
        request_set=CONSTRAINTS["rephrase_set"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("compare_facts"),
        code=code_of("scripts/fidelity/compare_facts.py"),
    shell:
        """
        python scripts/fidelity/compare_facts.py \
            --requests {input.requests:q} \
            --rephrases {input.rephrases:q} \
            --passages {input.passages:q} \
            --spec {params.spec:q} \
            --out {output.findings:q} >{log:q} 2>&1
        """


rule fidelity_rates:
    """Count findings by LLM, prompt, context and type, over all shards of a source."""
    input:
        unpack(reads("fidelity_rates")),
    output:
        rates="<results>/fidelity/{source}.parquet",
        manifest="<results>/fidelity/{source}.json",
    log:
        "<logs>/fidelity_rates/{source}.log",
    benchmark:
        "<benchmarks>/fidelity_rates/{source}.tsv"
    wildcard_constraints:
        source=CONSTRAINTS["rephrased_source"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("fidelity_rates"),
        code=code_of("scripts/fidelity/fidelity_rates.py"),
    shell:
        """
        python scripts/fidelity/fidelity_rates.py \
            --findings {input.findings:q} \
            --spec {params.spec:q} \
            --out {output.rates:q} >{log:q} 2>&1
        """
