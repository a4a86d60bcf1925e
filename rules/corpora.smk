# Corpora: notes, rephrases and synthetic notes mixed to token budgets. Needs: passages, what passed
# the screens, and a tokenizer.


rule mix_corpus:
    """Mix a corpus from its parts, each up to its token budget."""
    input:
        unpack(reads("mix_corpus")),
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
        spec=spec("mix_corpus"),
        code=code_of("scripts/corpora/mix_corpus.py"),
    shell:
        """
        python scripts/corpora/mix_corpus.py \
            --parts {input.parts:q} \
            --tokenizer {input.tokenizer:q} \
            --judged {input.judged:q} \
            --spec {params.spec:q} \
            --out {output.corpus:q} >{log:q} 2>&1
        """
