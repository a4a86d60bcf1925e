# Requests: what an LLM is asked, the same for every LLM. A request set is a source and a prompt.
# Needs: passages, and the texts of a prompt.


rule build_requests:
    """Build the requests that ask for rephrases of a shard's passages."""
    input:
        manifest="<results>/passages/{source}/{shard}.json",
        passages=ancient("<results>/passages/{source}/{shard}.parquet"),
    output:
        requests="<results>/requests/{source}.{prompt}/{shard}.parquet",
        manifest="<results>/requests/{source}.{prompt}/{shard}.json",
    log:
        "<logs>/build_requests/{source}.{prompt}/{shard}.log",
    benchmark:
        "<benchmarks>/build_requests/{source}.{prompt}/{shard}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        # How answers are cleaned is the screens' business: it changes no request.
        prompt=lambda w: canonical_json(declared(CATALOGUE.prompts[w.prompt], exclude={"lead_in"})),
        tokens=request_tokens,
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/requests/build_requests.py"),
    shell:
        """
        python scripts/requests/build_requests.py \
            --passages {input.passages:q} \
            --prompt {params.prompt:q} \
            {params.tokens:q} \
            {params.seed:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """
