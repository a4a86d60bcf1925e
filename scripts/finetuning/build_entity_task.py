"""Lay out an entity task: sentences of tokens with IOB2 tags, by split."""

import argparse
from pathlib import Path

import pyarrow as pa

from palimpsest.datasets.entities import SCHEMA, from_conll, from_notes, limit
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_table, write_table


def main(arguments: argparse.Namespace) -> None:
    task = arguments.task
    if arguments.notes:
        notes = read_table(arguments.notes, ["note_id", "split", "text", "spans"]).to_pylist()
        rows = list(from_notes(notes, task["labels"]))
    else:
        rows = [
            row
            for split, path in task["files"].items()
            for row in from_conll(Path(path), split, task["labels"])
        ]
    kept, found = limit(rows, task["sentences"], arguments.seed)
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=SCHEMA),
        sentences=found,
        kept={split: sum(row["split"] == split for row in kept) for split in found},
    )


if __name__ == "__main__":
    options = parser(__doc__, "--out")
    options.add_argument("--task", type=json_argument, required=True, help="as declared")
    options.add_argument("--notes", type=Path, help="of the source with gold spans, if any")
    options.add_argument("--seed", type=int, required=True, help="of the sampling order")
    run(main, options)
