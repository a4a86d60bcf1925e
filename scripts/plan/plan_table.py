"""Put the plans of all LLMs into one table, and show it."""

import argparse
from pathlib import Path

import pandas as pd

from palimpsest.reports.plan import COLUMNS, too_many_shards
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_text
from palimpsest.runtime.progress import announce


def read_plan(path: Path) -> pd.DataFrame:
    """The plan of one LLM. Raises UserError when the file is not a plan."""
    try:
        plan = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as a plan: {type(error).__name__}") from error
    if list(plan.columns) != COLUMNS:
        raise UserError(f"{path}: not a plan: expected the columns {COLUMNS}")
    return plan


def main(arguments: argparse.Namespace) -> None:
    plans = [read_plan(path) for path in arguments.plans]
    table = pd.concat([plan for plan in plans if len(plan)] or plans[:1], ignore_index=True)
    write_text(arguments.out, table.to_csv(index=False, lineterminator="\n", float_format="%.4g"))
    shown = table.dropna(axis="columns", how="all")
    announce(shown.to_string(index=False, na_rep="", float_format=lambda value: f"{value:,.4g}"))
    for line in too_many_shards(table):
        announce(line)
    if (table["tokens_out_from"] == "room for answers").any():
        announce(
            "Where nothing was completed yet, completions are taken to fill their room. "
            "`snakemake pilot` completes a sample of each prompt's requests, from whose "
            "lengths the next plan is made."
        )


if __name__ == "__main__":
    run(main, parser(__doc__, "--plans+", "--out"))
