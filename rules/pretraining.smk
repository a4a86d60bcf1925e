# Pretraining: tokenizers for models from scratch, and a checkpoint for each model, corpus and seed.
# A cache under results/state keeps resumable and finished checkpoints: a killed job resumes, and an
# undone edit trains nothing. Needs: corpora, the weights that encoders start from, and valid notes.


rule train_tokenizer:
    """Train a tokenizer on a source's original training notes."""
    input:
        unpack(reads("train_tokenizer")),
    output:
        "<results>/tokenizers/{tokenizer}/tokenizer.json",
        manifest="<results>/tokenizers/{tokenizer}.json",
    log:
        "<logs>/train_tokenizer/{tokenizer}.log",
    benchmark:
        "<benchmarks>/train_tokenizer/{tokenizer}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        spec=spec("train_tokenizer"),
        code=code_of("scripts/pretraining/train_tokenizer.py"),
    shell:
        """
        python scripts/pretraining/train_tokenizer.py \
            --passages {input.passages:q} \
            --spec {params.spec:q} \
            --manifest {output.manifest:q} >{log:q} 2>&1
        """


rule train_corpus_tokenizer:
    """Train a tokenizer on a corpus."""
    input:
        unpack(reads("train_corpus_tokenizer")),
    output:
        "<results>/tokenizers/{tokenizer}/{corpus}/tokenizer.json",
        manifest="<results>/tokenizers/{tokenizer}/{corpus}.json",
    log:
        "<logs>/train_corpus_tokenizer/{tokenizer}/{corpus}.log",
    benchmark:
        "<benchmarks>/train_corpus_tokenizer/{tokenizer}/{corpus}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        spec=spec("train_corpus_tokenizer"),
        code=code_of("scripts/pretraining/train_tokenizer.py"),
    shell:
        """
        python scripts/pretraining/train_tokenizer.py \
            --corpus {input.corpus:q} \
            --spec {params.spec:q} \
            --manifest {output.manifest:q} >{log:q} 2>&1
        """


rule train_model:
    """Train a decoder or an encoder on a corpus, from scratch or from weights."""
    input:
        unpack(reads("train_model")),
    output:
        "<results>/checkpoints/{model}/{corpus}/seed{seed}/config.json",
        "<results>/checkpoints/{model}/{corpus}/seed{seed}/model.safetensors",
        "<results>/checkpoints/{model}/{corpus}/seed{seed}/tokenizer.json",
        "<results>/checkpoints/{model}/{corpus}/seed{seed}/tokenizer_config.json",
        manifest="<results>/checkpoints/{model}/{corpus}/seed{seed}.json",
        curve="<results>/curves/{model}/{corpus}/seed{seed}.parquet",
        curve_manifest="<results>/curves/{model}/{corpus}/seed{seed}.json",
        curve_csv="<results>/curves/{model}/{corpus}/seed{seed}.csv",
    log:
        "<logs>/train_model/{model}/{corpus}/seed{seed}.log",
    benchmark:
        "<benchmarks>/train_model/{model}/{corpus}/seed{seed}.tsv"
    priority: 5
    conda:
        "../envs/train.yaml"
    threads: wants("train_model", "threads")
    resources:
        mem_mb=wants("train_model", "memory_mb"),
        runtime=wants("train_model", "runtime_minutes"),
        gpu=wants("train_model", "gpus"),
    params:
        spec=spec("train_model"),
        state=f"{STUDY.results}/state/training",
        code=code_of("scripts/pretraining/train_model.py"),
    shell:
        """
        python scripts/pretraining/train_model.py \
            --corpus {input.corpus:q} \
            --valid {input.valid:q} \
            --model {input.model:q} \
            --start {input.start:q} \
            --spec {params.spec:q} \
            --state {params.state:q} \
            --curve {output.curve:q} \
            --manifest {output.manifest:q} >{log:q} 2>&1
        """


rule count_tokens:
    """Count a corpus as the training of one model sees it."""
    input:
        unpack(reads("count_tokens")),
    output:
        "<results>/tokens/{model}/{corpus}.json",
    log:
        "<logs>/count_tokens/{model}/{corpus}.log",
    benchmark:
        "<benchmarks>/count_tokens/{model}/{corpus}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        spec=spec("count_tokens"),
        code=code_of("scripts/pretraining/count_tokens.py"),
    shell:
        """
        python scripts/pretraining/count_tokens.py \
            --corpus {input.corpus:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output:q} >{log:q} 2>&1
        """
