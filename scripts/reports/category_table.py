"""Write the table of combinations of labelled sets by category, and all numbers as tidy rows."""

import argparse

import pandas as pd

from palimpsest.reports.categories import category_metrics, category_rows
from palimpsest.reports.combinations import read_run, run_metrics, run_paths
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import write_text


def main(arguments: argparse.Namespace) -> None:
    table, labels = arguments.table, arguments.table["labels"]
    rows, long = [], []
    for name in table["combinations"]:
        paths = run_paths(arguments.classified, table, name)
        runs = {seed: read_run(path, labels) for seed, path in paths.items()}
        for row in category_rows(runs, labels, arguments.seed):
            rows.append({"combination": name, **row})
        metrics = {seed: category_metrics(one, labels) for seed, one in runs.items()}
        long += run_metrics(table, name, metrics)
    text = pd.DataFrame(rows).to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(arguments.out, text)
    write_text(arguments.metrics, long_rows(long))


if __name__ == "__main__":
    options = parser(__doc__, "--classified", "--out", "--metrics")
    options.add_argument("--table", type=json_argument, required=True, help="with seeds and labels")
    options.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    run(main, options)
