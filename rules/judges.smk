# Judges: LLMs that are asked what rephrases invented and left out, and how well they find it. Needs:
# findings of rephrases, the rephrases and their requests. Completions are made in completions.smk.


rule judge_requests:
    """Build the requests to judge a sample of rephrases, and pairs whose truth is known."""
    input:
        unpack(reads("judge_requests")),
    output:
        requests="<results>/requests/{judge}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{judge}.{prompt}/000-of-001.json",
    log:
        "<logs>/judge_requests/{judge}.{prompt}.log",
    benchmark:
        "<benchmarks>/judge_requests/{judge}.{prompt}.tsv"
    wildcard_constraints:
        prompt=CONSTRAINTS["judge_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("judge_requests"),
        code=code_of("scripts/requests/judge_requests.py"),
    shell:
        """
        python scripts/requests/judge_requests.py \
            --findings {input.findings:q} \
            --rephrases {input.rephrases:q} \
            --requests {input.requests:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule judge_rates:
    """Read what a judge answered, and count its claims beside its recall and false alarms."""
    input:
        unpack(reads("judge_rates")),
    output:
        rates="<results>/judge/{judge}.parquet",
        manifest="<results>/judge/{judge}.json",
        judgements="<results>/judgements/{judge}.parquet",
        judgements_manifest="<results>/judgements/{judge}.json",
    log:
        "<logs>/judge_rates/{judge}.log",
    benchmark:
        "<benchmarks>/judge_rates/{judge}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("judge_rates"),
        code=code_of("scripts/fidelity/judge_rates.py"),
    shell:
        """
        python scripts/fidelity/judge_rates.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --spec {params.spec:q} \
            --out {output.rates:q} \
            --judgements {output.judgements:q} >{log:q} 2>&1
        """
