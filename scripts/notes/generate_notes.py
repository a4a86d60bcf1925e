"""Generate a source's notes with their gold, and split its patients."""

import argparse

from palimpsest.notes.config import NotesSpec
from palimpsest.notes.generated import generated_notes
from palimpsest.notes.write import write_notes
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.progress import Progress


def main(arguments: argparse.Namespace) -> None:
    spec: NotesSpec = arguments.spec
    source = spec.source
    progress = Progress(f"notes of {source.name}", source.patients, "patients")
    parts = generated_notes(source, spec.splits, spec.seed, progress.advance)
    write_notes(parts, spec, arguments.out, arguments.rejects)


if __name__ == "__main__":
    run(main, parser(__doc__, "--out", "--rejects", spec=NotesSpec))
