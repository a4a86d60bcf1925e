# Comparisons: tables and figures of classifiers that are trained on labelled sets. Needs: the runs of
# a classification.


rule combination_table:
    """Write a table of combinations of labelled sets, with paired differences to the baseline."""
    input:
        lambda w: manifests(compared_runs(w)),
        lambda w: [ancient(path) for path in compared_runs(w)],
    output:
        table="<results>/{table}.csv",
        metrics="<results>/{table}.metrics.csv",
    log:
        "<logs>/combination_table/{table}.log",
    benchmark:
        "<benchmarks>/combination_table/{table}.tsv"
    wildcard_constraints:
        table=shown("tables", "combinations"),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        classified=f"{STUDY.results}/classified",
        table=compared_identity,
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/reports/combination_table.py"),
    shell:
        """
        python scripts/reports/combination_table.py \
            --classified {params.classified:q} \
            --table {params.table:q} \
            {params.seed:q} \
            --out {output.table:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """


rule category_table:
    """Write a table of combinations of labelled sets, category by category."""
    input:
        lambda w: manifests(compared_runs(w)),
        lambda w: [ancient(path) for path in compared_runs(w)],
    output:
        table="<results>/{table}.csv",
        metrics="<results>/{table}.metrics.csv",
    log:
        "<logs>/category_table/{table}.log",
    benchmark:
        "<benchmarks>/category_table/{table}.tsv"
    wildcard_constraints:
        table=shown("tables", "categories"),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        classified=f"{STUDY.results}/classified",
        table=compared_identity,
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/reports/category_table.py"),
    shell:
        """
        python scripts/reports/category_table.py \
            --classified {params.classified:q} \
            --table {params.table:q} \
            {params.seed:q} \
            --out {output.table:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """


rule scarcity_figure:
    """Draw how classifiers fare with fewer gold sentences."""
    input:
        lambda w: manifests(scarcity_runs(w)),
        lambda w: [ancient(path) for path in scarcity_runs(w)],
    output:
        figure="<results>/{figure}.svg",
        metrics="<results>/{figure}.metrics.csv",
    log:
        "<logs>/scarcity_figure/{figure}.log",
    benchmark:
        "<benchmarks>/scarcity_figure/{figure}.tsv"
    wildcard_constraints:
        figure=shown("figures", "scarcity"),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        classified=f"{STUDY.results}/classified",
        figure=scarcity_identity,
        code=code_of("scripts/reports/scarcity_figure.py"),
    shell:
        """
        python scripts/reports/scarcity_figure.py \
            --classified {params.classified:q} \
            --figure {params.figure:q} \
            --out {output.figure:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """
