# Notes: each source's notes in one table. Patients are split before anything else happens.
# Needs: the source's files, if it is not generated.


rule generate_notes:
    """Generate a source's notes with gold labels, and split its patients."""
    output:
        notes="<results>/notes/{source}.parquet",
        manifest="<results>/notes/{source}.json",
        rejects="<results>/notes/{source}.rejects.csv",
    log:
        "<logs>/generate_notes/{source}.log",
    benchmark:
        "<benchmarks>/generate_notes/{source}.tsv"
    wildcard_constraints:
        source=CONSTRAINTS["generated_source"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("generate_notes"),
        code=code_of("scripts/notes/generate_notes.py"),
    shell:
        """
        python scripts/notes/generate_notes.py \
            --spec {params.spec:q} \
            --out {output.notes:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """


rule read_notes:
    """Read a source's notes, split its patients, and count every row."""
    input:
        unpack(reads("read_notes")),
    output:
        notes="<results>/notes/{source}.parquet",
        manifest="<results>/notes/{source}.json",
        rejects="<results>/notes/{source}.rejects.csv",
    log:
        "<logs>/read_notes/{source}.log",
    benchmark:
        "<benchmarks>/read_notes/{source}.tsv"
    wildcard_constraints:
        source=CONSTRAINTS["read_source"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        spec=spec("read_notes"),
        code=code_of("scripts/notes/read_notes.py"),
    shell:
        """
        python scripts/notes/read_notes.py \
            --files {input.files:q} \
            --spec {params.spec:q} \
            --out {output.notes:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
