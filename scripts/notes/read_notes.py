"""Read a source's notes, split its patients, and count every row."""

import argparse
import os

from palimpsest.notes.config import NotesSpec
from palimpsest.notes.read import read_notes, source_bytes
from palimpsest.notes.write import write_notes
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.progress import Progress


def main(arguments: argparse.Namespace) -> None:
    spec = NotesSpec.with_files(arguments.spec, arguments.files)
    network = os.environ.get("PALIMPSEST_NETWORK") == "1"  # the study's `network: true`
    if network:
        os.environ["HF_HUB_OFFLINE"] = "0"
    progress = Progress(f"notes of {spec.source.name}", source_bytes(spec.source), "bytes")
    parts = read_notes(spec.source, network, progress.advance)
    write_notes(parts, spec, arguments.out, arguments.rejects)


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--rejects", spec=dict)
    options.add_argument(
        "--files", nargs="*", default=[], help="the source's files or folders, in its order"
    )
    run(main, options)
