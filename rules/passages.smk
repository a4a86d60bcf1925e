# Passages: pieces of the training notes, one table a shard; other patients' notes stop here.
# Needs: notes and the tokenizer that counts.


rule cut_passages:
    """Cut the training notes of a shard into passages."""
    input:
        manifest="<results>/notes/{source}.json",
        notes=ancient("<results>/notes/{source}.parquet"),
        **weights_of(STUDY.passages.tokenizer),
    output:
        passages="<results>/passages/{source}/{shard}.parquet",
        manifest="<results>/passages/{source}/{shard}.json",
    params:
        max_tokens=STUDY.passages.max_tokens,
        code=code_of("scripts/passages/cut_passages.py"),
    log:
        "<logs>/cut_passages/{source}/{shard}.log",
    benchmark:
        "<benchmarks>/cut_passages/{source}/{shard}.tsv"
    resources:
        mem_mb=4000,
        runtime=120,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/passages/cut_passages.py \
            --notes {input.notes:q} \
            --tokenizer {input.weights:q}/tokenizer.json \
            --max-tokens {params.max_tokens:q} \
            --shard {wildcards.shard:q} \
            --out {output.passages:q} > {log:q} 2>&1
        """
