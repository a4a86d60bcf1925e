"""Write the table of sources and corpora from their manifests, and its numbers as tidy rows."""

import argparse

from palimpsest.reports.corpora import corpus_layout, corpus_metrics, corpus_table
from palimpsest.reports.rendering import write_layout
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, write_text


def main(arguments: argparse.Namespace) -> None:
    sources = [read_manifest(path, "wildcards", "account") for path in arguments.sources]
    table = corpus_table(
        {manifest["wildcards"]["source"]: manifest for manifest in sources},
        [read_manifest(path, "corpus", "parts", "all") for path in arguments.corpora],
    )
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n"))
    write_layout(arguments.out, corpus_layout(table))
    write_text(arguments.metrics, long_rows(corpus_metrics(table).to_dict("records")))


if __name__ == "__main__":
    run(main, parser(__doc__, "--sources+", "--corpora+", "--out", "--metrics"))
