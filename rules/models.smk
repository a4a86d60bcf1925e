# Models: a tokenizer for decoders, and a checkpoint for each model, corpus and seed. Checkpoints on
# the way, and finished ones by content, are kept under results/state: a killed job resumes, and an
# undone edit trains nothing. Needs: corpora, and the weights that encoders start from.


def tokenizer_tables(wildcards):
    """The passages that a tokenizer learns from."""
    source = CATALOGUE.tokenizer(wildcards.tokenizer).source
    return tables(f"<results>/passages/{source}", source)


rule train_tokenizer:
    """Train the decoders' tokenizer on a source's original training notes."""
    input:
        lambda w: manifests(tokenizer_tables(w)),
        passages=lambda w: [ancient(path) for path in tokenizer_tables(w)],
    output:
        "<results>/tokenizers/{tokenizer}/tokenizer.json",
    params:
        vocab_size=lambda w: CATALOGUE.tokenizer(w.tokenizer).vocab_size,
        code=code_of("scripts/models/train_tokenizer.py"),
    log:
        "<logs>/train_tokenizer/{tokenizer}.log",
    benchmark:
        "<benchmarks>/train_tokenizer/{tokenizer}.tsv"
    resources:
        mem_mb=8000,
        runtime=120,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/models/train_tokenizer.py \
            --passages {input.passages:q} \
            --vocab-size {params.vocab_size:q} \
            --out {output:q} > {log:q} 2>&1
        """


def starting_point(wildcards):
    """What training starts from: a decoder's tokenizer or an encoder's weights."""
    model = CATALOGUE.models[wildcards.model]
    if isinstance(model, Decoder):
        return {"tokenizer": f"<results>/tokenizers/{model.tokenizer}/tokenizer.json"}
    return weights_of(wildcards.model)


def start_options(wildcards, input):
    """Command-line options for the starting point."""
    names = ("tokenizer", "weights", "weights_manifest")
    pairs = [(f"--{name.replace('_', '-')}", input.get(name)) for name in names]
    return [word for option, path in pairs if path for word in (option, path)]


rule train_model:
    """Train a decoder, or go on pretraining an encoder, on a corpus."""
    input:
        unpack(starting_point),
        manifest="<results>/corpora/{corpus}.json",
        corpus=ancient("<results>/corpora/{corpus}.parquet"),
    output:
        folder=directory("<results>/checkpoints/{model}/{corpus}/seed{seed}"),
        manifest="<results>/checkpoints/{model}/{corpus}/seed{seed}.json",
    params:
        model=lambda w: canonical_json(declared(CATALOGUE.models[w.model])),
        start=start_options,
        code=code_of("scripts/models/train_model.py"),
    log:
        "<logs>/train_model/{model}/{corpus}/seed{seed}.log",
    benchmark:
        "<benchmarks>/train_model/{model}/{corpus}/seed{seed}.tsv"
    threads: lambda w: CATALOGUE.models[w.model].engine.threads
    resources:
        mem_mb=lambda w: CATALOGUE.models[w.model].engine.memory_mb,
        runtime=lambda w: CATALOGUE.models[w.model].engine.runtime_minutes,
        gpu=lambda w: CATALOGUE.models[w.model].engine.gpus,
    conda:
        "../envs/train.yaml"
    shell:
        """
        python scripts/models/train_model.py \
            --corpus {input.corpus:q} \
            --model {params.model:q} \
            --model-file config/models/{wildcards.model:q}.yaml \
            {params.start:q} \
            --seed {wildcards.seed:q} \
            --code {params.code:q} \
            --state {STUDY.results:q}/state/training \
            --out {output.folder:q} \
            --manifest {output.manifest:q} > {log:q} 2>&1
        """
