# Perplexity: models scored on held-out notes, which no LLM has read and no model was trained on. One
# rule computes losses and the next one sums them: an edit of a metric costs no forward pass.
# Needs: checkpoints, corpora and notes.


rule token_losses:
    """Compute the losses of a model on held-out notes."""
    input:
        unpack(reads("token_losses")),
    output:
        losses="<results>/losses/{model}/{corpus}/seed{seed}/{evaluation}.parquet",
        manifest="<results>/losses/{model}/{corpus}/seed{seed}/{evaluation}.json",
    log:
        "<logs>/token_losses/{model}/{corpus}/seed{seed}/{evaluation}.log",
    benchmark:
        "<benchmarks>/token_losses/{model}/{corpus}/seed{seed}/{evaluation}.tsv"
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=wants("token_losses", "memory_mb"),
        runtime=wants("token_losses", "runtime_minutes"),
        gpu=wants("token_losses", "gpus"),
    params:
        spec=spec("token_losses"),
        code=code_of("scripts/perplexity/token_losses.py"),
    shell:
        """
        python scripts/perplexity/token_losses.py \
            --checkpoint {input.checkpoint:q} \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --gpus {resources.gpu} \
            --out {output.losses:q} >{log:q} 2>&1
        """


rule measure_perplexity:
    """Measure perplexity and bits per byte of a model, beside the unigram of its corpus."""
    input:
        unpack(reads("measure_perplexity")),
    output:
        perplexity="<results>/perplexity/{model}/{corpus}/seed{seed}/{evaluation}.parquet",
        manifest="<results>/perplexity/{model}/{corpus}/seed{seed}/{evaluation}.json",
    log:
        "<logs>/measure_perplexity/{model}/{corpus}/seed{seed}/{evaluation}.log",
    benchmark:
        "<benchmarks>/measure_perplexity/{model}/{corpus}/seed{seed}/{evaluation}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("measure_perplexity"),
        code=code_of("scripts/perplexity/measure_perplexity.py"),
    shell:
        """
        python scripts/perplexity/measure_perplexity.py \
            --losses {input.losses:q} \
            --tokenizer {input.tokenizer:q} \
            --corpus {input.corpus:q} \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --out {output.perplexity:q} >{log:q} 2>&1
        """
