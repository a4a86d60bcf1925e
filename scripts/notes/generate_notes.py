"""Generate a source's notes with their gold, and split its patients."""

import argparse

from palimpsest.notes.generated import generated_notes
from palimpsest.notes.write import write_notes
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.progress import Progress


def main(arguments: argparse.Namespace) -> None:
    source = arguments.source["source"]
    progress = Progress(f"notes of {source['name']}", source["patients"], "patients")
    parts = generated_notes(arguments.source, progress.advance)
    write_notes(parts, arguments.source, arguments.out, arguments.rejects)


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--rejects")
    options.add_argument(
        "--source", type=json_argument, required=True, help="source, splits and seed, as declared"
    )
    run(main, options)
