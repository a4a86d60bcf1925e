# Tables and figures, each with its numbers as tidy rows beside it. Needs: manifests of corpora,
# scores of decoders, fine-tuned encoders.


rule corpus_table:
    """Write a table of sources and corpora: what went in, what was kept, and how much it is."""
    input:
        sources=[f"<results>/notes/{source.name}.json" for source in STUDY.sources],
        corpora=lambda w: [
            f"<results>/corpora/{name}.json" for name in CATALOGUE.table(w.table).corpora
        ],
    output:
        table="<results>/{table}.csv",
        metrics="<results>/{table}.metrics.csv",
    log:
        "<logs>/corpus_table/{table}.log",
    benchmark:
        "<benchmarks>/corpus_table/{table}.tsv"
    wildcard_constraints:
        table=shown("tables", "corpora"),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        code=code_of("scripts/reports/corpus_table.py"),
    shell:
        """
        python scripts/reports/corpus_table.py \
            --sources {input.sources:q} \
            --corpora {input.corpora:q} \
            --out {output.table:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """


rule encoder_table:
    """Write a table of fine-tuned encoders, with paired differences to the baseline."""
    input:
        lambda w: manifests(encoder_runs(w)),
        lambda w: [ancient(path) for path in encoder_runs(w)],
    output:
        table="<results>/{table}.csv",
        metrics="<results>/{table}.metrics.csv",
    log:
        "<logs>/encoder_table/{table}.log",
    benchmark:
        "<benchmarks>/encoder_table/{table}.tsv"
    wildcard_constraints:
        table=shown("tables", "encoders"),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        finetuned=f"{STUDY.results}/finetuned",
        tasks=lambda w: canonical_json(
            [
                {"name": name, "seeds": CATALOGUE.task(name).seeds}
                for name in CATALOGUE.table(w.table).tasks
            ]
        ),
        baseline=lambda w: canonical_json(declared(CATALOGUE.table(w.table).baseline)),
        rows=lambda w: canonical_json([declared(row) for row in CATALOGUE.table(w.table).rows]),
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/reports/encoder_table.py"),
    shell:
        """
        python scripts/reports/encoder_table.py \
            --finetuned {params.finetuned:q} \
            --tasks {params.tasks:q} \
            --baseline {params.baseline:q} \
            --rows {params.rows:q} \
            {params.seed:q} \
            --out {output.table:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """


rule perplexity_figure:
    """Draw decoders' perplexities by prompt and LLM."""
    input:
        figure_scores,
    output:
        figure="<results>/{figure}.svg",
        metrics="<results>/{figure}.metrics.csv",
    log:
        "<logs>/perplexity_figure/{figure}.log",
    benchmark:
        "<benchmarks>/perplexity_figure/{figure}.tsv"
    wildcard_constraints:
        figure=shown("figures", "perplexity"),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        figure=figure_identity,
        perplexity=f"{STUDY.results}/perplexity",
        code=code_of("scripts/reports/perplexity_figure.py"),
    shell:
        """
        python scripts/reports/perplexity_figure.py \
            --perplexity {params.perplexity:q} \
            --figure {params.figure:q} \
            --out {output.figure:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """


rule screens_table:
    """Write what each screen turned down in each round, and how much alike the kept ones are."""
    input:
        lambda w: manifests(screened_tables(w)),
        lambda w: [ancient(path) for path in screened_tables(w)],
    output:
        table="<results>/screens.csv",
        monitor="<results>/screens.monitor.csv",
    log:
        "<logs>/screens_table.log",
    benchmark:
        "<benchmarks>/screens_table.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        rephrasings=screened_identity,
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/reports/screens_table.py"),
    shell:
        """
        python scripts/reports/screens_table.py \
            --rephrasings {params.rephrasings:q} \
            {params.seed:q} \
            --out {output.table:q} \
            --monitor {output.monitor:q} >{log:q} 2>&1
        """


rule collect_metrics:
    """Collect the tidy rows behind all tables and figures."""
    input:
        metrics=[f"<results>/{one.name}.metrics.csv" for one in STUDY.tables + STUDY.figures],
    output:
        "<results>/metrics.csv",
    log:
        "<logs>/collect_metrics.log",
    benchmark:
        "<benchmarks>/collect_metrics.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        code=code_of("scripts/reports/collect_metrics.py"),
    shell:
        """
        python scripts/reports/collect_metrics.py \
            --metrics {input.metrics:q} \
            --out {output:q} >{log:q} 2>&1
        """
