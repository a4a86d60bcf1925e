# Bronze, label to data: an LLM writes sentences for each category and for none, screens turn down
# what is no such sentence or repeats a note, and the LLM is asked whether each says what it should.
# The check's requests and decisions are made in silver.smk. Needs: a taxonomy, prompts, an LLM, and
# the notes of every source.


rule ask_sentences:
    """Build the requests that ask for sentences, each under conditions of its own."""
    output:
        requests="<results>/requests/{bronze}.{prompt}/000-of-001.parquet",
        manifest="<results>/requests/{bronze}.{prompt}/000-of-001.json",
    log:
        "<logs>/ask_sentences/{bronze}.{prompt}.log",
    benchmark:
        "<benchmarks>/ask_sentences/{bronze}.{prompt}.tsv"
    wildcard_constraints:
        prompt=named("writing-prompt", sorted(PROMPTS["write"])),
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        set=lambda w: set_identity(w.bronze, "requests", "max_tokens", "examples"),
        taxonomy=lambda w: asked_taxonomy(w.bronze),
        prompt=lambda w: category_prompt(w.prompt),
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/requests/ask_sentences.py"),
    shell:
        """
        python scripts/requests/ask_sentences.py \
            --set {params.set:q} \
            --taxonomy {params.taxonomy:q} \
            --prompt {params.prompt:q} \
            {params.seed:q} \
            --out {output.requests:q} >{log:q} 2>&1
        """


rule screen_sentences:
    """Keep the answers that are one new sentence and no copy of a note; count the others."""
    input:
        unpack(lambda w: answers_of(w.bronze, CATALOGUE.labelled(w.bronze).write)),
        manifests=manifests(all_notes()),
        notes=[ancient(path) for path in all_notes()],
    output:
        sentences="<results>/sentences/{bronze}.parquet",
        manifest="<results>/sentences/{bronze}.json",
        rejects="<results>/sentences/{bronze}.rejects.parquet",
        rejects_manifest="<results>/sentences/{bronze}.rejects.json",
        generic="<results>/sentences/{bronze}.generic.csv",
    log:
        "<logs>/screen_sentences/{bronze}.log",
    benchmark:
        "<benchmarks>/screen_sentences/{bronze}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        set=lambda w: set_identity(w.bronze, "near_duplicate", "generic_patients"),
        taxonomy=lambda w: echoed_taxonomy(w.bronze),
        code=code_of("scripts/screens/screen_sentences.py"),
    shell:
        """
        python scripts/screens/screen_sentences.py \
            --requests {input.requests:q} \
            --completions {input.completions:q} \
            --notes {input.notes:q} \
            --set {params.set:q} \
            --taxonomy {params.taxonomy:q} \
            --out {output.sentences:q} \
            --rejects {output.rejects:q} \
            --generic {output.generic:q} >{log:q} 2>&1
        """


rule bronze_sentences:
    """Keep the sentences that the check confirms, as many of each category; count the others."""
    input:
        unpack(lambda w: decisions_of(w.bronze, "check")),
        **of_table("sentences", "<results>/sentences/{bronze}.parquet"),
        **of_table("screened_out", "<results>/sentences/{bronze}.rejects.parquet"),
    output:
        labelled="<results>/labelled/{bronze}.parquet",
        manifest="<results>/labelled/{bronze}.json",
        rejects="<results>/labelled/{bronze}.rejects.parquet",
        rejects_manifest="<results>/labelled/{bronze}.rejects.json",
    log:
        "<logs>/bronze_sentences/{bronze}.log",
    benchmark:
        "<benchmarks>/bronze_sentences/{bronze}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        set=lambda w: set_identity(w.bronze, "keep"),
        taxonomy=lambda w: taxonomy_identity(w.bronze),
        checks=lambda w, input: optional(input, checks="--checks"),
        seed=f"--seed={STUDY.seed}",
        code=code_of("scripts/datasets/bronze_sentences.py"),
    shell:
        """
        python scripts/datasets/bronze_sentences.py \
            --sentences {input.sentences:q} \
            --screened-out {input.screened_out:q} \
            {params.checks:q} \
            --set {params.set:q} \
            --taxonomy {params.taxonomy:q} \
            {params.seed:q} \
            --out {output.labelled:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
