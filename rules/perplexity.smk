# Perplexity: decoders scored on held-out notes, which no LLM and no training has read.
# Needs: checkpoints and notes.


rule score_decoder:
    """Score a decoder on held-out notes."""
    input:
        unpack(reads("score_decoder")),
    output:
        scores="<results>/perplexity/{model}/{corpus}/seed{seed}/{evaluation}.parquet",
        manifest="<results>/perplexity/{model}/{corpus}/seed{seed}/{evaluation}.json",
    log:
        "<logs>/score_decoder/{model}/{corpus}/seed{seed}/{evaluation}.log",
    benchmark:
        "<benchmarks>/score_decoder/{model}/{corpus}/seed{seed}/{evaluation}.tsv"
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
        gpu=wants("score_decoder", "gpus"),
    params:
        spec=spec("score_decoder"),
        code=code_of("scripts/perplexity/score_decoder.py"),
    shell:
        """
        python scripts/perplexity/score_decoder.py \
            --checkpoint {input.checkpoint:q} \
            --corpus {input.corpus:q} \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --gpus {resources.gpu} \
            --out {output.scores:q} >{log:q} 2>&1
        """
