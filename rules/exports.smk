# Exports: corpora as folders that `datasets.load_dataset` opens, each with a card. Nothing else asks
# for them: name one as target, such as `results/export/medical/README.md`. Needs: a corpus, and the
# completions that it was mixed from.


rule export_corpus:
    """Write a corpus as a folder that others can open, with its card."""
    input:
        unpack(reads("export_corpus")),
    output:
        card="<results>/export/{corpus}/README.md",
        data="<results>/export/{corpus}/data/train.parquet",
        manifest="<results>/export/{corpus}/data/train.json",
    log:
        "<logs>/export_corpus/{corpus}.log",
    benchmark:
        "<benchmarks>/export_corpus/{corpus}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=8000,
        runtime=120,
    params:
        spec=spec("export_corpus"),
        code=code_of("scripts/exports/export_corpus.py"),
    shell:
        """
        python scripts/exports/export_corpus.py \
            --corpus {input.corpus:q} \
            --completions {input.completions:q} \
            --verdicts {input.verdicts:q} \
            --spec {params.spec:q} \
            --out {output.data:q} \
            --card {output.card:q} >{log:q} 2>&1
        """
