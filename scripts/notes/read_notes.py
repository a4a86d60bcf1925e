"""Read a source's notes, split its patients, and count every row."""

import argparse
import os

from palimpsest.notes.read import read_notes, source_bytes
from palimpsest.notes.write import write_notes
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.progress import Progress


def main(arguments: argparse.Namespace) -> None:
    source = arguments.source["source"]
    network = os.environ.get("PALIMPSEST_NETWORK") == "1"  # the study's `network: true`
    if network:
        os.environ["HF_HUB_OFFLINE"] = "0"
    progress = Progress(f"notes of {source['name']}", source_bytes(source), "bytes")
    parts = read_notes(source, network, progress.advance)
    write_notes(parts, arguments.source, arguments.out, arguments.rejects)


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--rejects")
    options.add_argument(
        "--source", type=json_argument, required=True, help="source, splits and seed, as declared"
    )
    run(main, options)
