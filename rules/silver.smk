# Silver, data to label: an LLM says of sentences of notes, category by category, whether they have
# it, and is asked once more about what it affirmed. Needs: notes, a taxonomy, prompts and an LLM.


rule choose_sentences:
    """Choose the sentences of training notes that are asked about."""
    input:
        unpack(candidates_from),
    output:
        sentences="<results>/sentences/{silver}.parquet",
        manifest="<results>/sentences/{silver}.json",
    log:
        "<logs>/choose_sentences/{silver}.log",
    benchmark:
        "<benchmarks>/choose_sentences/{silver}.tsv"
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        set=lambda w: set_identity(w.silver, "sentences", "candidates"),
        taxonomy=choosing_taxonomy,
        encoder=lambda w, input: optional(input, weights="--encoder"),
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/datasets/choose_sentences.py"),
    shell:
        """
        python scripts/datasets/choose_sentences.py \
            --notes {input.notes:q} \
            --set {params.set:q} \
            --taxonomy {params.taxonomy:q} \
            {params.encoder:q} \
            {params.seed:q} \
            --out {output.sentences:q} >{log:q} 2>&1
        """


rule ask_labels:
    """Build the requests that ask whether a sentence has a category, for each of the two."""
    input:
        **of_table("sentences", "<results>/sentences/{silver}.parquet"),
        **weights_of(STUDY.passages.tokenizer),
    output:
        requests="<results>/requests/{silver}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{silver}.{prompt}/000-of-001.json",
    log:
        "<logs>/ask_labels/{silver}.{prompt}.log",
    benchmark:
        "<benchmarks>/ask_labels/{silver}.{prompt}.tsv"
    wildcard_constraints:
        prompt=named("label-prompt", sorted(PROMPTS["label"])),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        set=lambda w: set_identity(w.silver, "examples", "calibration", "rationale"),
        taxonomy=lambda w: asked_taxonomy(w.silver),
        prompt=lambda w: category_prompt(w.prompt),
        code=code_of("scripts/requests/ask_about_sentences.py"),
    shell:
        """
        python scripts/requests/ask_about_sentences.py \
            --sentences {input.sentences:q} \
            --set {params.set:q} \
            --taxonomy {params.taxonomy:q} \
            --prompt {params.prompt:q} \
            --tokenizer {input.weights:q}/tokenizer.json \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule ask_checks:
    """Build the requests that ask once more: silver's labels, or what bronze was written for."""
    input:
        unpack(checked),
        **weights_of(STUDY.passages.tokenizer),
    output:
        requests="<results>/requests/{asked_set}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{asked_set}.{prompt}/000-of-001.json",
    log:
        "<logs>/ask_checks/{asked_set}.{prompt}.log",
    benchmark:
        "<benchmarks>/ask_checks/{asked_set}.{prompt}.tsv"
    wildcard_constraints:
        prompt=named("check-prompt", sorted(PROMPTS["check"])),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        set=lambda w: set_identity(w.asked_set, "examples", "calibration", "rationale"),
        taxonomy=lambda w: asked_taxonomy(w.asked_set),
        prompt=lambda w: category_prompt(w.prompt),
        decisions=lambda w, input: optional(input, labels="--decisions"),
        code=code_of("scripts/requests/ask_about_sentences.py"),
    shell:
        """
        python scripts/requests/ask_about_sentences.py \
            --sentences {input.sentences:q} \
            {params.decisions:q} \
            --set {params.set:q} \
            --taxonomy {params.taxonomy:q} \
            --prompt {params.prompt:q} \
            --tokenizer {input.weights:q}/tokenizer.json \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule read_decisions:
    """Read the answers about sentences: yes, no, or why neither."""
    input:
        unpack(lambda w: answers_of(w.asked_set, w.prompt)),
    output:
        decisions="<results>/decisions/{asked_set}.{prompt}.parquet",
        manifest="<results>/decisions/{asked_set}.{prompt}.json",
    log:
        "<logs>/read_decisions/{asked_set}.{prompt}.log",
    benchmark:
        "<benchmarks>/read_decisions/{asked_set}.{prompt}.tsv"
    wildcard_constraints:
        prompt=named("deciding-prompt", sorted(PROMPTS["label"] | PROMPTS["check"])),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        threshold=lambda w: f"--threshold={CATALOGUE.labelled(w.asked_set).threshold}",
        code=code_of("scripts/datasets/read_decisions.py"),
    shell:
        """
        python scripts/datasets/read_decisions.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            {params.threshold:q} \
            --out {output.decisions:q} >{log:q} 2>&1
        """


rule silver_sentences:
    """Label the sentences as the LLM decided; count those that it failed to decide about."""
    input:
        unpack(lambda w: decisions_of(w.silver, "label")),
        unpack(lambda w: decisions_of(w.silver, "check")),
        **of_table("sentences", "<results>/sentences/{silver}.parquet"),
    output:
        labelled="<results>/labelled/{silver}.parquet",
        manifest="<results>/labelled/{silver}.json",
        rejects="<results>/labelled/{silver}.rejects.parquet",
        rejects_manifest="<results>/labelled/{silver}.rejects.json",
    log:
        "<logs>/silver_sentences/{silver}.log",
    benchmark:
        "<benchmarks>/silver_sentences/{silver}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        taxonomy=lambda w: taxonomy_identity(w.silver),
        checks=lambda w, input: optional(input, checks="--checks"),
        code=code_of("scripts/datasets/silver_sentences.py"),
    shell:
        """
        python scripts/datasets/silver_sentences.py \
            --sentences {input.sentences:q} \
            --labels {input.labels:q} \
            {params.checks:q} \
            --taxonomy {params.taxonomy:q} \
            --out {output.labelled:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
