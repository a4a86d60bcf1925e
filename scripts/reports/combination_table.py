"""Write the table of combinations of labelled sets, and every run's metrics as tidy rows."""

import argparse

import pandas as pd

from palimpsest.reports.combinations import (
    compare_combinations,
    read_run,
    run_metrics,
    run_paths,
)
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    table = arguments.table
    runs, long = {}, []
    for name in table["combinations"]:
        paths = run_paths(arguments.classified, table, name)
        runs[name] = {seed: read_run(path, table["labels"]) for seed, path in paths.items()}
        metrics = {seed: one.manifest["metrics"] for seed, one in runs[name].items()}
        long += run_metrics(table, name, metrics)
    rows = pd.DataFrame(compare_combinations(runs, table["baseline"], arguments.seed))
    text = rows.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(arguments.out, text)
    write_text(arguments.metrics, long_rows(long))


if __name__ == "__main__":
    options = parser(__doc__, "--classified", "--out", "--metrics")
    options.add_argument("--table", type=json_argument, required=True, help="with seeds and labels")
    options.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    run(main, options)
