# Requests: what an LLM is asked to rephrase. A request set is a source and a prompt, the same for
# every LLM, or a further round of one; those of labelled sets are in silver.smk and bronze.smk.
# Needs: passages, and the texts of a prompt; a further round needs what the round before turned
# down.
SOURCES_REPHRASED = named("rephrased-source", sorted({entry.source for entry in STUDY.rephrasings}))
PROMPTS_TO_REPHRASE = named("rephrasing-prompt", sorted(PROMPTS["rephrase"]))


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
    wildcard_constraints:
        source=SOURCES_REPHRASED,
        prompt=PROMPTS_TO_REPHRASE,
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


rule ask_again:
    """Build the requests of a further round from what the round before turned down."""
    input:
        unpack(round_before),
        **weights_of(STUDY.passages.tokenizer),
    output:
        requests="<results>/requests/{llm}/{source}.{prompt}.again{round}/{shard}.parquet",
        manifest="<results>/requests/{llm}/{source}.{prompt}.again{round}/{shard}.json",
    log:
        "<logs>/ask_again/{llm}/{source}.{prompt}.again{round}/{shard}.log",
    benchmark:
        "<benchmarks>/ask_again/{llm}/{source}.{prompt}.again{round}/{shard}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        prompt=lambda w: canonical_json(declared(CATALOGUE.prompts[w.prompt], exclude={"lead_in"})),
        reasons=again_reasons,
        code=code_of("scripts/requests/ask_again.py"),
    shell:
        """
        python scripts/requests/ask_again.py \
            --requests {input.requests:q} \
            --rejects {input.rejects:q} \
            --tokenizer {input.weights:q}/tokenizer.json \
            --prompt {params.prompt:q} \
            --reasons {params.reasons:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """
