# Reports: tables and figures, each with its numbers as tidy rows. Comparisons of encoders are in
# experiments.smk. Needs: manifests of corpora, scores.


rule corpus_table:
    """Write what corpora are made of, and what the models that are trained on them see of them."""
    input:
        unpack(reads("corpus_table")),
    output:
        table=report(
            "<results>/{table}.csv",
            caption="captions/corpora.rst",
            category="Tables",
            labels={"what": "corpora", "name": "{table}"},
        ),
        markdown="<results>/{table}.md",
        latex="<results>/{table}.tex",
        models="<results>/{table}.models.csv",
        metrics="<results>/{table}.metrics.csv",
    log:
        "<logs>/corpus_table/{table}.log",
    benchmark:
        "<benchmarks>/corpus_table/{table}.tsv"
    wildcard_constraints:
        table=CONSTRAINTS["corpora_table"],
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
            --tokens {input.tokens:q} \
            --out {output.table:q} \
            --models {output.models:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """


rule figure:
    """Draw a figure, as its kind does."""
    input:
        unpack(reads("figure")),
    output:
        figure=report(
            "<results>/{figure}.svg",
            caption="captions/figure.rst",
            category="Figures",
            labels={"what": "picture", "name": "{figure}"},
        ),
        png="<results>/{figure}.png",
        table=report(
            "<results>/{figure}.csv",
            caption="captions/numbers.rst",
            category="Figures",
            labels={"what": "numbers", "name": "{figure}"},
        ),
        caption="<results>/{figure}.txt",
        metrics="<results>/{figure}.metrics.csv",
    log:
        "<logs>/figure/{figure}.log",
    benchmark:
        "<benchmarks>/figure/{figure}.tsv"
    wildcard_constraints:
        figure=CONSTRAINTS["figure"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        spec=spec("figure"),
        code=code_of("scripts/reports/figure.py"),
    shell:
        """
        python scripts/reports/figure.py \
            --scores {input.scores:q} \
            --spec {params.spec:q} \
            --out {output.figure:q} \
            --table {output.table:q} \
            --caption {output.caption:q} \
            --metrics {output.metrics:q} >{log:q} 2>&1
        """


rule screens_table:
    """Write what was rejected in each round by reason, and how similar kept completions are."""
    input:
        unpack(reads("screens_table")),
    output:
        table=report(
            "<results>/screens.csv",
            caption="captions/screens.rst",
            category="Screens",
            labels={"what": "outcomes", "name": "screens"},
        ),
        monitor=report(
            "<results>/screens.monitor.csv",
            caption="captions/monitor.rst",
            category="Screens",
            labels={"what": "likeness", "name": "screens.monitor"},
        ),
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
        spec=spec("screens_table"),
        code=code_of("scripts/reports/screens_table.py"),
    shell:
        """
        python scripts/reports/screens_table.py \
            --kept {input.kept:q} \
            --spec {params.spec:q} \
            --out {output.table:q} \
            --monitor {output.monitor:q} >{log:q} 2>&1
        """


rule collect_metrics:
    """Collect the tidy rows behind all tables and figures."""
    input:
        unpack(reads("collect_metrics")),
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
