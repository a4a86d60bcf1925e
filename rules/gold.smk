# Gold: sentences that experts labelled, of generated notes or of files. Needs: notes with gold
# sentences, or the files; the names of the taxonomy's categories.


rule gold_sentences:
    """Lay out a gold set: labelled sentences of train, valid and test patients."""
    input:
        unpack(gold_origin),
    output:
        labelled="<results>/labelled/{gold}.parquet",
        manifest="<results>/labelled/{gold}.json",
        rejects="<results>/labelled/{gold}.rejects.csv",
    log:
        "<logs>/gold_sentences/{gold}.log",
    benchmark:
        "<benchmarks>/gold_sentences/{gold}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        set=lambda w: set_identity(w.gold, "files", "sentences"),
        taxonomy=lambda w: taxonomy_identity(w.gold),
        notes=lambda w, input: optional(input, notes="--notes"),
        splits=gold_splits,
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/datasets/gold_sentences.py"),
    shell:
        """
        python scripts/datasets/gold_sentences.py \
            --set {params.set:q} \
            --taxonomy {params.taxonomy:q} \
            {params.notes:q} \
            --splits {params.splits:q} \
            {params.seed:q} \
            --out {output.labelled:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
