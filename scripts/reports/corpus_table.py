"""Write the table of sources and corpora from their manifests, and its numbers as tidy rows."""

import argparse

from palimpsest.reports.corpora import corpus_layout, corpus_metrics, corpus_table, models_table
from palimpsest.reports.rendering import write_layout
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_fields, read_manifest, write_text


def main(arguments: argparse.Namespace) -> None:
    sources = [read_manifest(path, "wildcards", "account") for path in arguments.sources]
    corpora = [read_manifest(path, "corpus", "parts", "all") for path in arguments.corpora]
    table = corpus_table(
        {manifest["wildcards"]["source"]: manifest for manifest in sources}, corpora
    )
    models = models_table(
        [manifest["corpus"] for manifest in corpora],
        [read_fields(path, "wildcards", "sequences") for path in arguments.tokens],
    )
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n"))
    write_text(arguments.models, models.to_csv(index=False, lineterminator="\n"))
    write_layout(arguments.out, corpus_layout(table, models))
    rows = corpus_metrics(table, models).to_dict("records")
    write_text(arguments.metrics, long_rows(rows))


if __name__ == "__main__":
    files = ("--sources+", "--corpora+", "--tokens*", "--out", "--models", "--metrics")
    run(main, parser(__doc__, *files))
