# Models: a tokenizer for decoders, and a checkpoint for each model, corpus and seed. Checkpoints on
# the way, and finished ones by content, are kept under results/state: a killed job resumes, and an
# undone edit trains nothing. Needs: corpora, and the weights that encoders start from.


rule train_tokenizer:
    """Train the decoders' tokenizer on a source's original training notes."""
    input:
        lambda w: manifests(tokenizer_tables(w)),
        passages=lambda w: [ancient(path) for path in tokenizer_tables(w)],
    output:
        "<results>/tokenizers/{tokenizer}/tokenizer.json",
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
        vocab_size=lambda w: f"--vocab-size={CATALOGUE.tokenizer(w.tokenizer).vocab_size}",
        code=code_of("scripts/pretraining/train_tokenizer.py"),
    shell:
        """
        python scripts/pretraining/train_tokenizer.py \
            --passages {input.passages:q} \
            {params.vocab_size:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule train_model:
    """Train a decoder, or go on pretraining an encoder, on a corpus."""
    input:
        unpack(starting_point),
        manifest="<results>/corpora/{corpus}.json",
        corpus=ancient("<results>/corpora/{corpus}.parquet"),
    output:
        folder=directory("<results>/checkpoints/{model}/{corpus}/seed{seed}"),
        manifest="<results>/checkpoints/{model}/{corpus}/seed{seed}.json",
    log:
        "<logs>/train_model/{model}/{corpus}/seed{seed}.log",
    benchmark:
        "<benchmarks>/train_model/{model}/{corpus}/seed{seed}.tsv"
    conda:
        "../envs/train.yaml"
    threads: lambda w: CATALOGUE.models[w.model].engine.threads
    resources:
        mem_mb=lambda w: CATALOGUE.models[w.model].engine.memory_mb,
        runtime=lambda w: CATALOGUE.models[w.model].engine.runtime_minutes,
        gpu=lambda w: CATALOGUE.models[w.model].engine.gpus,
    params:
        model=lambda w: canonical_json(declared(CATALOGUE.models[w.model])),
        start=start_options,
        state=f"{STUDY.results}/state/training",
        # In the store a checkpoint is known by what trains it, not by how the script is called.
        trained_by=lambda w: code_of(f"src/palimpsest/pretraining/{CATALOGUE.models[w.model].kind}.py"),
        code=code_of("scripts/pretraining/train_model.py"),
    shell:
        """
        python scripts/pretraining/train_model.py \
            --corpus {input.corpus:q} \
            --model {params.model:q} \
            --model-file config/models/{wildcards.model:q}.yaml \
            {params.start:q} \
            --seed {wildcards.seed:q} \
            --code {params.trained_by:q} \
            --state {params.state:q} \
            --out {output.folder:q} \
            --manifest {output.manifest:q} >{log:q} 2>&1
        """
