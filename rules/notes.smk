# Notes: each source's notes in one table, its patients split before anything else happens.
# Needs: the source's files, if it is not generated.
from importlib.metadata import version

from palimpsest.generator.notes import VOCABULARY_PACKAGES


def source_files(wildcards):
    """A source's files, where they are there: a dry run can plan without them."""
    paths = getattr(CATALOGUE.source(wildcards.source), "paths", [])
    return [path for path in paths if Path(path).exists()]


def source_identity(wildcards):
    """What the notes of a source depend on, besides its files."""
    source = CATALOGUE.source(wildcards.source)
    value = {
        "source": declared(source, exclude={"splits"}),
        "splits": declared(CATALOGUE.splits(wildcards.source)),
        "seed": STUDY.seed,
    }
    if source.kind == "generated":
        value["vocabularies"] = {name: version(name) for name in VOCABULARY_PACKAGES}
    return canonical_json(value)


rule read_notes:
    """Read a source's notes, split its patients, and count every row."""
    input:
        source_files,
    output:
        notes="<results>/notes/{source}.parquet",
        manifest="<results>/notes/{source}.json",
        rejects="<results>/notes/{source}.rejects.csv",
    params:
        source=source_identity,
        code=code_of("scripts/notes/read_notes.py"),
    log:
        "<logs>/read_notes/{source}.log",
    benchmark:
        "<benchmarks>/read_notes/{source}.tsv"
    resources:
        mem_mb=4000,
        runtime=120,
    conda:
        "../envs/core.yaml"
    shell:
        """
        python scripts/notes/read_notes.py \
            --source {params.source:q} \
            --out {output.notes:q} \
            --rejects {output.rejects:q} > {log:q} 2>&1
        """
