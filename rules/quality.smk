# Quality: how good silver and bronze are, and the sheets for annotators. Needs: datasets and the
# labels behind them.


rule silver_quality:
    """Compare an LLM's labels with gold, of the notes and of a dataset, before and after the check."""
    input:
        unpack(reads("silver_quality")),
    output:
        report(
            "<results>/{dataset}.quality.csv",
            caption="captions/quality.rst",
            category="Labels",
            labels={"what": "quality", "name": "{dataset}"},
        ),
    log:
        "<logs>/silver_quality/{dataset}.log",
    benchmark:
        "<benchmarks>/silver_quality/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["silver_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("silver_quality"),
        code=code_of("scripts/reports/silver_quality.py"),
    shell:
        """
        python scripts/reports/silver_quality.py \
            --silver {input.silver:q} \
            --sentences {input.sentences:q} \
            --labels {input.labels:q} \
            --checks {input.checks:q} \
            --notes {input.notes:q} \
            --gold {input.gold:q} \
            --spec {params.spec:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule bronze_quality:
    """Count bronze by outcome, and measure its diversity and its similarity to gold."""
    input:
        unpack(reads("bronze_quality")),
    output:
        report(
            "<results>/{dataset}.quality.csv",
            caption="captions/quality.rst",
            category="Labels",
            labels={"what": "quality", "name": "{dataset}"},
        ),
    log:
        "<logs>/bronze_quality/{dataset}.log",
    benchmark:
        "<benchmarks>/bronze_quality/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["bronze_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        spec=spec("bronze_quality"),
        code=code_of("scripts/reports/bronze_quality.py"),
    shell:
        """
        python scripts/reports/bronze_quality.py \
            --bronze {input.bronze:q} \
            --gold {input.gold:q} \
            --spec {params.spec:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule annotation_sheet:
    """Write a sample of a dataset's sentences for an annotator."""
    input:
        unpack(reads("annotation_sheet")),
    output:
        "<results>/annotation/{dataset}.csv",
    log:
        "<logs>/annotation_sheet/{dataset}.log",
    benchmark:
        "<benchmarks>/annotation_sheet/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["llm_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        spec=spec("annotation_sheet"),
        code=code_of("scripts/datasets/annotation_sheet.py"),
    shell:
        """
        python scripts/datasets/annotation_sheet.py \
            --dataset {input.dataset:q} \
            --spec {params.spec:q} \
            --out {output:q} >{log:q} 2>&1
        """
