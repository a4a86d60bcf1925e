"""Collect the tidy rows behind all tables and figures into one file, each row once."""

import argparse

import pandas as pd

from palimpsest.reports.tidy import COLUMNS
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    tables = []
    for path in arguments.metrics:
        try:
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: expected a CSV file ({type(error).__name__})") from error
        if list(table.columns) != COLUMNS:
            raise UserError(f"{path}: expected the columns {COLUMNS}, found {list(table.columns)}")
        tables.append(table)
    everything = pd.concat(tables).drop_duplicates()
    write_text(arguments.out, everything.to_csv(index=False, lineterminator="\n"))


if __name__ == "__main__":
    run(main, parser(__doc__, "--metrics+", "--out"))
