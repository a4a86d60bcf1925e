# Passages: pieces of the training notes, one table per shard; other patients' notes stop here.
# Skipped parts of notes are listed beside them. Needs: notes and the tokenizer that counts.


rule cut_passages:
    """Cut the training notes of a shard into passages."""
    input:
        unpack(reads("cut_passages")),
    output:
        passages="<results>/passages/{source}/{shard}.parquet",
        manifest="<results>/passages/{source}/{shard}.json",
        rejects="<results>/passages/{source}/{shard}.rejects.parquet",
        rejects_manifest="<results>/passages/{source}/{shard}.rejects.json",
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
        spec=spec("cut_passages"),
        code=code_of("scripts/passages/cut_passages.py"),
    shell:
        """
        python scripts/passages/cut_passages.py \
            --notes {input.notes:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --shard {wildcards.shard:q} \
            --out {output.passages:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
