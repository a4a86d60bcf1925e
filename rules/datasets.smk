# Datasets: labelled examples. Those of the generator and of experts are collected; for silver an LLM
# labels sentences of notes, category by category, and is asked once more about what it affirmed;
# for bronze it writes sentences, which screens and a check must let pass. Their completions are made
# in completions.smk. Needs: notes or files; a taxonomy, prompts, an LLM.


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
    """Choose the sentences of training notes that an LLM is asked to label."""
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
            --encoder {input.encoder:q} \
            --spec {params.spec:q} \
            --out {output.sentences:q} >{log:q} 2>&1
        """


rule label_requests:
    """Build the requests that ask whether a sentence has a category, for each of the two."""
    input:
        unpack(reads("label_requests")),
    output:
        requests="<results>/requests/{dataset}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{dataset}.{prompt}/000-of-001.json",
    log:
        "<logs>/label_requests/{dataset}.{prompt}.log",
    benchmark:
        "<benchmarks>/label_requests/{dataset}.{prompt}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["silver_dataset"],
        prompt=CONSTRAINTS["label_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("label_requests"),
        code=code_of("scripts/requests/label_requests.py"),
    shell:
        """
        python scripts/requests/label_requests.py \
            --sentences {input.sentences:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule check_requests:
    """Build the requests that ask once more: about labels, or what a sentence was written for."""
    input:
        unpack(reads("check_requests")),
    output:
        requests="<results>/requests/{dataset}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{dataset}.{prompt}/000-of-001.json",
    log:
        "<logs>/check_requests/{dataset}.{prompt}.log",
    benchmark:
        "<benchmarks>/check_requests/{dataset}.{prompt}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["llm_dataset"],
        prompt=CONSTRAINTS["check_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        spec=spec("check_requests"),
        code=code_of("scripts/requests/label_requests.py"),
    shell:
        """
        python scripts/requests/label_requests.py \
            --sentences {input.sentences:q} \
            --labels {input.labels:q} \
            --tokenizer {input.tokenizer:q} \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule generate_requests:
    """Build the requests for sentences of each category and of none."""
    output:
        requests="<results>/requests/{dataset}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{dataset}.{prompt}/000-of-001.json",
    log:
        "<logs>/generate_requests/{dataset}.{prompt}.log",
    benchmark:
        "<benchmarks>/generate_requests/{dataset}.{prompt}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["bronze_dataset"],
        prompt=CONSTRAINTS["write_prompt"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        spec=spec("generate_requests"),
        code=code_of("scripts/requests/generate_requests.py"),
    shell:
        """
        python scripts/requests/generate_requests.py \
            --spec {params.spec:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule parse_labels:
    """Parse the answers about sentences: yes, no, or why neither."""
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


rule screen_sentences:
    """Keep the answers that are one new sentence and no copy of a note; count the others."""
    input:
        unpack(reads("screen_sentences")),
    output:
        sentences="<results>/sentences/{dataset}.parquet",
        manifest="<results>/sentences/{dataset}.json",
        rejects="<results>/sentences/{dataset}.rejects.parquet",
        rejects_manifest="<results>/sentences/{dataset}.rejects.json",
        generic="<results>/sentences/{dataset}.generic.csv",
    log:
        "<logs>/screen_sentences/{dataset}.log",
    benchmark:
        "<benchmarks>/screen_sentences/{dataset}.tsv"
    wildcard_constraints:
        dataset=CONSTRAINTS["bronze_dataset"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        spec=spec("screen_sentences"),
        code=code_of("scripts/screens/screen_sentences.py"),
    shell:
        """
        python scripts/screens/screen_sentences.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --out {output.sentences:q} \
            --rejects {output.rejects:q} \
            --generic {output.generic:q} >{log:q} 2>&1
        """


rule silver_examples:
    """Label the sentences as the LLM answered; count those without an answer."""
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
    """Keep the sentences that the check confirms, as many of each category; count the others."""
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


rule silver_quality:
    """Compare silver with the gold sentences of its notes, before and after the check."""
    input:
        unpack(reads("silver_quality")),
    output:
        "<results>/{dataset}.quality.csv",
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
            --spec {params.spec:q} \
            --out {output:q} >{log:q} 2>&1
        """


rule bronze_quality:
    """Count what became of bronze, and say how varied it is and how near to gold."""
    input:
        unpack(reads("bronze_quality")),
    output:
        "<results>/{dataset}.quality.csv",
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
    """Lay out sentences of a dataset for an annotator."""
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
