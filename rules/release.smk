# Releases: what of patients is in corpora, written sentences and checkpoints that are given away.
# Nothing asks for a verdict but an export whose release is demanded: name one as target, such as
# `results/release/NAME.md`. Needs: notes, corpora, datasets of bronze, checkpoints; a roster.


rule losses_of_patients:
    """Compute what a checkpoint makes of the notes of some patients, and of canaries."""
    input:
        unpack(reads("losses_of_patients")),
    output:
        losses="<results>/release/{release}/losses/{model}/{corpus}/seed{seed}.parquet",
        manifest="<results>/release/{release}/losses/{model}/{corpus}/seed{seed}.json",
    log:
        "<logs>/losses_of_patients/{release}/{model}/{corpus}/seed{seed}.log",
    benchmark:
        "<benchmarks>/losses_of_patients/{release}/{model}/{corpus}/seed{seed}.tsv"
    conda:
        "../envs/train.yaml"
    resources:
        mem_mb=wants("losses_of_patients", "memory_mb"),
        runtime=wants("losses_of_patients", "runtime_minutes"),
        gpu=wants("losses_of_patients", "gpus"),
    params:
        spec=spec("losses_of_patients"),
        code=code_of("scripts/release/losses_of_patients.py"),
    shell:
        """
        python scripts/release/losses_of_patients.py \
            --checkpoint {input.checkpoint:q} \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --gpus {resources.gpu} \
            --out {output.losses:q} >{log:q} 2>&1
        """


rule check_release:
    """Run one check on what is to be released."""
    input:
        unpack(reads("check_release")),
    output:
        findings="<results>/release/{release}/{stage}/{check}.parquet",
        manifest="<results>/release/{release}/{stage}/{check}.json",
    log:
        "<logs>/check_release/{release}/{stage}/{check}.log",
    benchmark:
        "<benchmarks>/check_release/{release}/{stage}/{check}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        spec=spec("check_release"),
        code=code_of("scripts/release/check_release.py"),
    shell:
        """
        python scripts/release/check_release.py \
            --check {wildcards.check:q} \
            --notes {input.notes:q} \
            --corpora {input.corpora:q} \
            --datasets {input.datasets:q} \
            --checkpoints {input.checkpoints:q} \
            --losses {input.losses:q} \
            --roster {input.roster:q} \
            --spec {params.spec:q} \
            --out {output.findings:q} >{log:q} 2>&1
        """


rule repair_corpus:
    """Write a corpus of a release without the documents in which a failed test found something."""
    input:
        unpack(reads("repair_corpus")),
    output:
        corpus="<results>/release/{release}/corpora/{corpus}.parquet",
        manifest="<results>/release/{release}/corpora/{corpus}.json",
    log:
        "<logs>/repair_corpus/{release}/{corpus}.log",
    benchmark:
        "<benchmarks>/repair_corpus/{release}/{corpus}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("repair_corpus"),
        code=code_of("scripts/release/repair_corpus.py"),
    shell:
        """
        python scripts/release/repair_corpus.py \
            --corpus {input.corpus:q} \
            --results {input.results:q} \
            --spec {params.spec:q} \
            --out {output.corpus:q} >{log:q} 2>&1
        """


rule judge_release:
    """Write the verdict on a release: all of its checks together, closed where one is missing."""
    input:
        unpack(reads("judge_release")),
    output:
        verdict="<results>/release/{release}.json",
        page="<results>/release/{release}.md",
    log:
        "<logs>/judge_release/{release}.log",
    benchmark:
        "<benchmarks>/judge_release/{release}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("judge_release"),
        code=code_of("scripts/release/judge_release.py"),
    shell:
        """
        python scripts/release/judge_release.py \
            --notes {input.notes:q} \
            --corpora {input.corpora:q} \
            --datasets {input.datasets:q} \
            --checkpoints {input.checkpoints:q} \
            --given {input.given:q} \
            --repaired {input.repaired:q} \
            --repaired-corpora {input.repaired_corpora:q} \
            --spec {params.spec:q} \
            --out {output.verdict:q} \
            --page {output.page:q} >{log:q} 2>&1
        """
