# Tables and figures, each with its numbers as tidy rows beside it. Needs: manifests of corpora,
# scores of decoders, fine-tuned encoders.
CORPUS_TABLES = [table.name for table in STUDY.tables if isinstance(table, CorpusTable)]
ENCODER_TABLES = [table.name for table in STUDY.tables if isinstance(table, EncoderTable)]
FIGURES = [figure.name for figure in STUDY.figures]


rule corpus_table:
    """Write a table of corpora: where each comes from, what was kept, and how much it is."""
    input:
        corpora=lambda w: [f"<results>/corpora/{name}.json" for name in CATALOGUE.table(w.table).corpora],
    output:
        table="<results>/{table}.csv",
        metrics="<results>/{table}.metrics.csv",
    wildcard_constraints:
        table=named("corpus-table", CORPUS_TABLES),
    params:
        code=code_of("scripts/tables/corpus_table.py"),
    log:
        "<logs>/corpus_table/{table}.log",
    benchmark:
        "<benchmarks>/corpus_table/{table}.tsv"
    resources:
        mem_mb=1000,
        runtime=30,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/tables/corpus_table.py \
            --corpora {input.corpora:q} \
            --out {output.table:q} \
            --metrics {output.metrics:q} > {log:q} 2>&1
        """


def encoder_runs(wildcards):
    """Every fine-tuning run of a table: tasks, encoders and seeds."""
    table = CATALOGUE.table(wildcards.table)
    systems = {(row.encoder, row.corpus, row.seed) for row in [table.baseline, *table.rows]}
    return [
        f"<results>/finetuned/{task}/{encoder}/{corpus}/seed{seed}/run{run}.parquet"
        for task in table.tasks
        for encoder, corpus, seed in sorted(systems)
        for run in CATALOGUE.task(task).seeds
    ]


rule encoder_table:
    """Write a table of fine-tuned encoders, with paired differences to the baseline."""
    input:
        lambda w: manifests(encoder_runs(w)),
        lambda w: [ancient(path) for path in encoder_runs(w)],
    output:
        table="<results>/{table}.csv",
        metrics="<results>/{table}.metrics.csv",
    wildcard_constraints:
        table=named("encoder-table", ENCODER_TABLES),
    params:
        tasks=lambda w: canonical_json(
            [
                {"name": name, "seeds": CATALOGUE.task(name).seeds}
                for name in CATALOGUE.table(w.table).tasks
            ]
        ),
        baseline=lambda w: canonical_json(declared(CATALOGUE.table(w.table).baseline)),
        rows=lambda w: canonical_json([declared(row) for row in CATALOGUE.table(w.table).rows]),
        seed=f"seed {STUDY.seed}",
        code=code_of("scripts/tables/encoder_table.py"),
    log:
        "<logs>/encoder_table/{table}.log",
    benchmark:
        "<benchmarks>/encoder_table/{table}.tsv"
    resources:
        mem_mb=2000,
        runtime=30,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/tables/encoder_table.py \
            --finetuned {STUDY.results:q}/finetuned \
            --tasks {params.tasks:q} \
            --baseline {params.baseline:q} \
            --rows {params.rows:q} \
            --seed {STUDY.seed} \
            --out {output.table:q} \
            --metrics {output.metrics:q} > {log:q} 2>&1
        """


def figure_scores(wildcards):
    """The manifests of a figure's scores, which hold the metrics."""
    figure = CATALOGUE.figure(wildcards.figure)
    return [
        f"<results>/perplexity/{figure.decoder}/{corpus}/seed{figure.seed}/{evaluation}.json"
        for corpus in dict.fromkeys([*figure.corpora, *figure.references])
        for evaluation in figure.evaluations
    ]


def figure_identity(wildcards):
    """A figure as declared, with the LLM and prompt of each corpus."""
    value = declared(CATALOGUE.figure(wildcards.figure))
    parts = {name: CATALOGUE.corpus(name).parts[0] for name in value["corpora"]}
    value["corpora"] = [
        {"name": name, "llm": part.llm, "prompt": part.prompt} for name, part in parts.items()
    ]
    value["references"] = [{"name": name} for name in value["references"]]
    return canonical_json(value)


rule perplexity_figure:
    """Draw decoders' perplexities by prompt and LLM."""
    input:
        figure_scores,
    output:
        figure="<results>/{figure}.svg",
        metrics="<results>/{figure}.metrics.csv",
    wildcard_constraints:
        figure=named("figure", FIGURES),
    params:
        figure=figure_identity,
        code=code_of("scripts/tables/perplexity_figure.py"),
    log:
        "<logs>/perplexity_figure/{figure}.log",
    benchmark:
        "<benchmarks>/perplexity_figure/{figure}.tsv"
    resources:
        mem_mb=1000,
        runtime=30,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/tables/perplexity_figure.py \
            --perplexity {STUDY.results:q}/perplexity \
            --figure {params.figure:q} \
            --out {output.figure:q} \
            --metrics {output.metrics:q} > {log:q} 2>&1
        """


rule collect_metrics:
    """Collect the tidy rows behind all tables and figures."""
    input:
        metrics=[f"<results>/{name}.metrics.csv" for name in CORPUS_TABLES + ENCODER_TABLES + FIGURES],
    output:
        "<results>/metrics.csv",
    params:
        code=code_of("scripts/tables/collect_metrics.py"),
    log:
        "<logs>/collect_metrics.log",
    benchmark:
        "<benchmarks>/collect_metrics.tsv"
    resources:
        mem_mb=1000,
        runtime=30,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/tables/collect_metrics.py \
            --metrics {input.metrics:q} \
            --out {output:q} > {log:q} 2>&1
        """
