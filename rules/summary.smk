# The report of a study, one page for people. Nothing else asks for it: name it as target. Needs:
# every table and figure that the study declares.


rule study_report:
    """Write the report of a study: one page with what came out and how sure it is."""
    input:
        unpack(reads("study_report")),
    output:
        report(
            "<results>/report.html",
            caption="captions/report.rst",
            category="Report",
            labels={"what": "page", "name": "report"},
        ),
    log:
        "<logs>/study_report.log",
    benchmark:
        "<benchmarks>/study_report.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        spec=spec("study_report"),
        code=code_of("scripts/summary/study_report.py"),
    shell:
        """
        python scripts/summary/study_report.py \
            --shown {input.shown:q} \
            --spec {params.spec:q} \
            --out {output:q} >{log:q} 2>&1
        """
