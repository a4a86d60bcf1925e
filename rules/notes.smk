# Notes: each source's notes in one table, its patients split before anything else happens.
# Needs: the source's files, if it is not generated.


rule read_notes:
    """Read a source's notes, split its patients, and count every row."""
    input:
        source_files,
    output:
        notes="<results>/notes/{source}.parquet",
        manifest="<results>/notes/{source}.json",
        rejects="<results>/notes/{source}.rejects.csv",
    log:
        "<logs>/read_notes/{source}.log",
    benchmark:
        "<benchmarks>/read_notes/{source}.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        source=source_identity,
        code=code_of("scripts/notes/read_notes.py"),
    shell:
        """
        python scripts/notes/read_notes.py \
            --source {params.source:q} \
            --out {output.notes:q} \
            --rejects {output.rejects:q} >{log:q} 2>&1
        """
