# Duplicates: notes of the same or nearly the same words, over all sources. They are counted; where
# the study says what becomes of them, everything is made of the notes below `distinct/`. Needs: all
# notes.


rule find_duplicates:
    """Count the duplicates among all notes, and decide what becomes of them."""
    input:
        unpack(reads("find_duplicates")),
    output:
        table=report(
            "<results>/duplicates.csv",
            caption="captions/duplicates.rst",
            category="Data",
            labels={"what": "copies", "name": "duplicates"},
        ),
        decisions="<results>/duplicates.parquet",
        manifest="<results>/duplicates.json",
    log:
        "<logs>/find_duplicates.log",
    benchmark:
        "<benchmarks>/find_duplicates.tsv"
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        spec=spec("find_duplicates"),
        code=code_of("scripts/notes/find_duplicates.py"),
    shell:
        """
        python scripts/notes/find_duplicates.py \
            --notes {input.notes:q} \
            --spec {params.spec:q} \
            --out {output.decisions:q} \
            --table {output.table:q} >{log:q} 2>&1
        """


rule drop_duplicates:
    """Write a source's notes without those that are dropped, and with the splits as decided."""
    input:
        unpack(reads("drop_duplicates")),
    output:
        notes="<results>/distinct/{source}.parquet",
        manifest="<results>/distinct/{source}.json",
    log:
        "<logs>/drop_duplicates/{source}.log",
    benchmark:
        "<benchmarks>/drop_duplicates/{source}.tsv"
    wildcard_constraints:
        source=CONSTRAINTS["distinct_source"],
    conda:
        "../envs/core.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        spec=spec("drop_duplicates"),
        code=code_of("scripts/notes/drop_duplicates.py"),
    shell:
        """
        python scripts/notes/drop_duplicates.py \
            --notes {input.notes:q} \
            --decisions {input.decisions:q} \
            --spec {params.spec:q} \
            --out {output.notes:q} >{log:q} 2>&1
        """
