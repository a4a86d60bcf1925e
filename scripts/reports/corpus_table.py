"""Write the table of sources and corpora, and the corpora's numbers as tidy rows."""

import argparse
from pathlib import Path

from palimpsest.reports.corpora import corpus_metrics, corpus_table
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, write_text


def source_of(manifest: Path) -> str:
    """The source whose notes a manifest describes."""
    return read_manifest(manifest, "wildcards")["wildcards"]["source"]


def main(arguments: argparse.Namespace) -> None:
    table = corpus_table(
        {source_of(path): read_manifest(path, "account") for path in arguments.sources},
        [read_manifest(path, "corpus", "parts", "all") for path in arguments.corpora],
    )
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n"))
    write_text(arguments.metrics, long_rows(corpus_metrics(table).to_dict("records")))


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--metrics")
    options.add_argument(
        "--sources", type=Path, nargs="+", required=True, help="their notes' manifests"
    )
    options.add_argument("--corpora", type=Path, nargs="+", required=True, help="their manifests")
    run(main, options)
