# Corpora: notes and rephrases mixed to token budgets. Needs: passages, rephrases and a tokenizer.


rule mix_corpus:
    """Mix a corpus from its parts, each up to its token budget."""
    input:
        lambda w: manifests(corpus_tables(w)),
        lambda w: [ancient(path) for path in corpus_tables(w)],
        **weights_of(STUDY.passages.tokenizer),
    output:
        corpus="<results>/corpora/{corpus}.parquet",
        manifest="<results>/corpora/{corpus}.json",
    log:
        "<logs>/mix_corpus/{corpus}.log",
    benchmark:
        "<benchmarks>/mix_corpus/{corpus}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        corpus=corpus_identity,
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/corpora/mix_corpus.py"),
    shell:
        """
        python scripts/corpora/mix_corpus.py \
            --corpus {params.corpus:q} \
            --tokenizer {input.weights:q}/tokenizer.json \
            {params.seed:q} \
            --out {output.corpus:q} >{log:q} 2>&1
        """
