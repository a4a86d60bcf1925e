# Leaks: patients who train anything and are valid or test elsewhere, which is an error, and test
# texts that stand in what is trained on. Requests to LLMs, corpora, trainings and scores wait for
# the check of patients. Needs: all notes, all datasets that are not made by an LLM; corpora.


rule check_splits:
    """Count patients by source, evaluation, dataset and split, and refuse those on both sides."""
    input:
        unpack(reads("check_splits")),
    output:
        table=report(
            "<results>/splits.csv",
            caption="captions/splits.rst",
            category="Data",
            labels={"what": "patients", "name": "splits"},
        ),
        marker="<results>/splits.json",
    log:
        "<logs>/check_splits.log",
    benchmark:
        "<benchmarks>/check_splits.tsv"
    # Everything waits for it.
    priority: 10
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("check_splits"),
        code=code_of("scripts/leaks/check_splits.py"),
    shell:
        """
        python scripts/leaks/check_splits.py \
            --notes {input.notes:q} \
            --datasets {input.datasets:q} \
            --spec {params.spec:q} \
            --out {output.table:q} \
            --marker {output.marker:q} >{log:q} 2>&1
        """


rule measure_overlap:
    """Look for the test texts of a dataset or evaluation in a corpus or training set."""
    input:
        unpack(reads("measure_overlap")),
    output:
        overlap="<results>/overlap/{judged}/{trained}.parquet",
        manifest="<results>/overlap/{judged}/{trained}.json",
    log:
        "<logs>/measure_overlap/{judged}/{trained}.log",
    benchmark:
        "<benchmarks>/measure_overlap/{judged}/{trained}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("measure_overlap"),
        code=code_of("scripts/leaks/measure_overlap.py"),
    shell:
        """
        python scripts/leaks/measure_overlap.py \
            --judged {input.judged:q} \
            --trained {input.trained:q} \
            --spec {params.spec:q} \
            --out {output.overlap:q} >{log:q} 2>&1
        """


rule overlap_table:
    """Write how far each test set overlaps with each corpus and training set it is judged with."""
    input:
        unpack(reads("overlap_table")),
    output:
        report(
            "<results>/overlap.csv",
            caption="captions/overlap.rst",
            category="Data",
            labels={"what": "test sets", "name": "overlap"},
        ),
    log:
        "<logs>/overlap_table.log",
    benchmark:
        "<benchmarks>/overlap_table.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        code=code_of("scripts/leaks/overlap_table.py"),
    shell:
        """
        python scripts/leaks/overlap_table.py \
            --overlaps {input.overlaps:q} \
            --out {output:q} >{log:q} 2>&1
        """
