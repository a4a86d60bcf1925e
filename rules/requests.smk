# Requests: what an LLM is asked, the same for every LLM. A request set is a source and a prompt.
# Needs: passages, and the texts of a prompt.


def request_tokens(wildcards):
    """A shard's part of the token budget of a source and prompt."""
    for entry in STUDY.rephrasings:
        if entry.source == wildcards.source and wildcards.prompt in entry.prompts:
            return -(-entry.tokens // CATALOGUE.source(entry.source).shards)
    raise WorkflowError(
        f"no rephrasing declares source '{wildcards.source}' and prompt '{wildcards.prompt}'"
    )


rule build_requests:
    """Build the requests that ask for rephrases of a shard's passages."""
    input:
        manifest="<results>/passages/{source}/{shard}.json",
        passages=ancient("<results>/passages/{source}/{shard}.parquet"),
    output:
        requests="<results>/requests/{source}.{prompt}/{shard}.parquet",
        manifest="<results>/requests/{source}.{prompt}/{shard}.json",
    params:
        # How answers are cleaned is the screens' business: it changes no request.
        prompt=lambda w: canonical_json(
            declared(CATALOGUE.prompts[w.prompt], exclude={"lead_in"})
        ),
        tokens=request_tokens,
        seed=f"seed {STUDY.seed}",
        code=code_of("scripts/requests/build_requests.py"),
    log:
        "<logs>/build_requests/{source}.{prompt}/{shard}.log",
    benchmark:
        "<benchmarks>/build_requests/{source}.{prompt}/{shard}.tsv"
    resources:
        mem_mb=2000,
        runtime=60,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/requests/build_requests.py \
            --passages {input.passages:q} \
            --prompt {params.prompt:q} \
            --tokens {params.tokens:q} \
            --seed {STUDY.seed} \
            --out {output.requests:q} > {log:q} 2>&1
        """
