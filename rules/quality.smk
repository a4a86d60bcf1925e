# Quality: how good silver and bronze sentences are, and what a person is to look at. Needs: labelled
# sets and the decisions behind them.


rule silver_quality:
    """Hold silver against the gold sentences of its notes, before and after the check."""
    input:
        unpack(lambda w: decisions_of(w.silver, "label")),
        unpack(lambda w: decisions_of(w.silver, "check")),
        unpack(silver_notes),
        **of_table("silver", "<results>/labelled/{silver}.parquet"),
        **of_table("sentences", "<results>/sentences/{silver}.parquet"),
    output:
        "<results>/{silver}.quality.csv",
    log:
        "<logs>/silver_quality/{silver}.log",
    benchmark:
        "<benchmarks>/silver_quality/{silver}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        taxonomy=lambda w: taxonomy_identity(w.silver),
        checks=lambda w, input: optional(input, checks="--checks"),
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/reports/silver_quality.py"),
    shell:
        """
        python scripts/reports/silver_quality.py \
            --silver {input.silver:q} \
            --sentences {input.sentences:q} \
            --labels {input.labels:q} \
            {params.checks:q} \
            --notes {input.notes:q} \
            --taxonomy {params.taxonomy:q} \
            {params.seed:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule bronze_quality:
    """Count what became of bronze, and say how varied it is and how near to gold."""
    input:
        unpack(lambda w: gold_beside(w.bronze)),
        **of_table("bronze", "<results>/labelled/{bronze}.parquet"),
    output:
        "<results>/{bronze}.quality.csv",
    log:
        "<logs>/bronze_quality/{bronze}.log",
    benchmark:
        "<benchmarks>/bronze_quality/{bronze}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        taxonomy=lambda w: taxonomy_identity(w.bronze),
        gold=lambda w, input: optional(input, gold="--gold"),
        code=code_of("scripts/reports/bronze_quality.py"),
    shell:
        """
        python scripts/reports/bronze_quality.py \
            --bronze {input.bronze:q} \
            {params.gold:q} \
            --taxonomy {params.taxonomy:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule lay_out_review:
    """Lay out sentences of a set for a person to label."""
    input:
        **of_table("labelled", "<results>/labelled/{asked_set}.parquet"),
    output:
        "<results>/review/{asked_set}.csv",
    log:
        "<logs>/lay_out_review/{asked_set}.log",
    benchmark:
        "<benchmarks>/lay_out_review/{asked_set}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        taxonomy=lambda w: taxonomy_identity(w.asked_set),
        sentences=lambda w: f"--sentences={CATALOGUE.labelled(w.asked_set).review}",
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/datasets/lay_out_review.py"),
    shell:
        """
        python scripts/datasets/lay_out_review.py \
            --labelled {input.labelled:q} \
            --taxonomy {params.taxonomy:q} \
            {params.sentences:q} \
            {params.seed:q} \
            --out {output:q} >{log:q} 2>&1
        """
