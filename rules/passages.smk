# Passages: pieces of the training notes, one table a shard; other patients' notes stop here.
# Needs: notes and the tokenizer that counts.


rule cut_passages:
    """Cut the training notes of a shard into passages."""
    input:
        **weights_of(STUDY.passages.tokenizer),
        manifest="<results>/notes/{source}.json",
        notes=ancient("<results>/notes/{source}.parquet"),
    output:
        passages="<results>/passages/{source}/{shard}.parquet",
        manifest="<results>/passages/{source}/{shard}.json",
    log:
        "<logs>/cut_passages/{source}/{shard}.log",
    benchmark:
        "<benchmarks>/cut_passages/{source}/{shard}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        max_tokens=f"--max-tokens={STUDY.passages.max_tokens}",
        code=code_of("scripts/passages/cut_passages.py"),
    shell:
        """
        python scripts/passages/cut_passages.py \
            --notes {input.notes:q} \
            --tokenizer {input.weights:q}/tokenizer.json \
            {params.max_tokens:q} \
            --shard {wildcards.shard:q} \
            --out {output.passages:q} >{log:q} 2>&1
        """
