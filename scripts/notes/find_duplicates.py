"""Count the duplicates among all notes of a study, and decide what becomes of them."""

import argparse

import pandas as pd
import pyarrow as pa

from palimpsest.notes.config import DuplicatesSpec
from palimpsest.notes.duplicates import COLUMNS, DUPLICATES, find_duplicates, read_all
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, write_table, write_text
from palimpsest.runtime.progress import announce


def main(arguments: argparse.Namespace) -> None:
    spec: DuplicatesSpec = arguments.spec
    given = [read_manifest(path, "wildcards")["wildcards"]["source"] for path in arguments.notes]
    expected = [source.name for source in spec.sources]
    if given != expected:
        raise UserError(f"--notes: these are of {given}, expected of {expected}")
    decided, rows, fields = find_duplicates(read_all(arguments.notes, spec.sources), spec)
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_text(arguments.table, table.to_csv(index=False, lineterminator="\n"))
    write_table(arguments.out, pa.Table.from_pylist(decided, schema=DUPLICATES), **fields)
    alike = int(table["identical"].sum() + table["nearly_identical"].sum())
    done = f"rejected: {fields['rejected']}; moved patients: {fields['moved']}"
    announce(f"duplicates: {alike:,} by places; {done if spec.handling else 'counted only'}")


if __name__ == "__main__":
    run(main, parser(__doc__, "--notes*", "--out", "--table", spec=DuplicatesSpec))
