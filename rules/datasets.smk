# Datasets: labelled examples. Those of the generator and of experts are collected. For silver an LLM
# labels candidates, category by category. For bronze it writes sentences, which must pass screens
# and a check. Needs: notes or files, a taxonomy, an LLM's completions.


rule collect_examples:
    """Collect labelled examples of train, valid and test patients, from notes or files."""
    input:
        unpack(reads("collect_examples")),
    output:
        examples="<results>/datasets/{dataset}.parquet",
        manifest="<results>/datasets/{dataset}.json",
        rejects="<results>/datasets/{dataset}.rejects.csv",
    log:
        "<logs>/collect_examples/{dataset}.log",
    benchmark:
        "<benchmarks>/collect_examples/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["collected_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("collect_examples"),
        code=code_of("scripts/datasets/collect_examples.py"),
    shell:
        """
        python scripts/datasets/collect_examples.py \
            --notes {input.notes:q} \
            --files {input.files:q} \
            --spec {params.spec:q} \
            --out {output.examples:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """


rule choose_candidates:
    """Choose the sentences of training notes that an LLM will label, and gold to compare it with."""
    input:
        unpack(reads("choose_candidates")),
    output:
        sentences="<results>/sentences/{dataset}.parquet",
        manifest="<results>/sentences/{dataset}.json",
    log:
        "<logs>/choose_candidates/{dataset}.log",
    benchmark:
        "<benchmarks>/choose_candidates/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["silver_dataset"],
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        spec=spec("choose_candidates"),
        code=code_of("scripts/datasets/choose_candidates.py"),
    shell:
        """
        python scripts/datasets/choose_candidates.py \
            --notes {input.notes:q} \
            --gold {input.gold:q} \
            --encoder {input.encoder:q} \
            --spec {params.spec:q} \
            --out {output.sentences:q} >{log:q} 2>&1
        """


rule parse_labels:
    """Parse the answers about sentences: yes, no, or the reason for neither."""
    input:
        unpack(reads("parse_labels")),
    output:
        labels="<results>/labels/{dataset}.{prompt}.parquet",
        manifest="<results>/labels/{dataset}.{prompt}.json",
    log:
        "<logs>/parse_labels/{dataset}.{prompt}.log",
    benchmark:
        "<benchmarks>/parse_labels/{dataset}.{prompt}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["llm_dataset"],
        prompt=CONSTRAINTS["answered_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("parse_labels"),
        code=code_of("scripts/datasets/parse_labels.py"),
    shell:
        """
        python scripts/datasets/parse_labels.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --spec {params.spec:q} \
            --out {output.labels:q} >{log:q} 2>&1
        """


rule silver_examples:
    """Give sentences the labels that the LLM answered; reject those without an answer."""
    input:
        unpack(reads("silver_examples")),
    output:
        examples="<results>/datasets/{dataset}.parquet",
        manifest="<results>/datasets/{dataset}.json",
        rejects="<results>/datasets/{dataset}.rejects.parquet",
        rejects_manifest="<results>/datasets/{dataset}.rejects.json",
    log:
        "<logs>/silver_examples/{dataset}.log",
    benchmark:
        "<benchmarks>/silver_examples/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["silver_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("silver_examples"),
        code=code_of("scripts/datasets/silver_examples.py"),
    shell:
        """
        python scripts/datasets/silver_examples.py \
            --sentences {input.sentences:q} \
            --labels {input.labels:q} \
            --checks {input.checks:q} \
            --spec {params.spec:q} \
            --out {output.examples:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """


rule bronze_examples:
    """Keep confirmed sentences, balanced over the categories; count the others by reason."""
    input:
        unpack(reads("bronze_examples")),
    output:
        examples="<results>/datasets/{dataset}.parquet",
        manifest="<results>/datasets/{dataset}.json",
        rejects="<results>/datasets/{dataset}.rejects.parquet",
        rejects_manifest="<results>/datasets/{dataset}.rejects.json",
    log:
        "<logs>/bronze_examples/{dataset}.log",
    benchmark:
        "<benchmarks>/bronze_examples/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["bronze_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        spec=spec("bronze_examples"),
        code=code_of("scripts/datasets/bronze_examples.py"),
    shell:
        """
        python scripts/datasets/bronze_examples.py \
            --sentences {input.sentences:q} \
            --screened-out {input.screened_out:q} \
            --checks {input.checks:q} \
            --spec {params.spec:q} \
            --out {output.examples:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
