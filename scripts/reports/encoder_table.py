"""Write the table of encoders, and every run's score as tidy rows."""

import argparse

import pandas as pd

from palimpsest.reports.encoders import compare, note_counts
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_manifest, read_table, write_text

COLUMNS = ["group", "true_positives", "found", "gold"]


def main(arguments: argparse.Namespace) -> None:
    rows, long = [], []
    for task in arguments.tasks:
        counts = {}
        for system in [arguments.baseline, *arguments.rows]:
            folder = arguments.finetuned / task["name"] / system["encoder"] / system["corpus"]
            runs = {}
            for seed in task["seeds"]:
                path = folder / f"seed{system['seed']}" / f"run{seed}.parquet"
                runs[seed] = note_counts(read_table(path, COLUMNS).to_pandas())
                long += [
                    {
                        "model": system["encoder"],
                        "corpus": system["corpus"],
                        "seed": system["seed"],
                        "run": seed,
                        "dataset": task["name"],
                        **metric,
                    }
                    for metric in read_manifest(path, "metrics")["metrics"]
                ]
            counts[system["encoder"], system["corpus"], system["seed"]] = runs
        baseline = next(iter(counts.values()))
        for (encoder, corpus, trained), runs in counts.items():
            named = {"encoder": encoder, "corpus": corpus, "seed": trained, "task": task["name"]}
            compared = compare(runs, baseline, arguments.seed)
            if runs is baseline:
                compared |= dict.fromkeys(("difference", "difference_low", "difference_high"))
            rows.append(named | {"metric": "strict_f1"} | compared)
    table = pd.DataFrame(rows)
    text = table.to_csv(index=False, float_format="%.4f", lineterminator="\n")
    write_text(arguments.out, text)
    write_text(arguments.metrics, long_rows(long))


if __name__ == "__main__":
    options = parser(__doc__, "--finetuned", "--out", "--metrics")
    options.add_argument("--tasks", type=json_argument, required=True, help="names and seeds")
    options.add_argument("--baseline", type=json_argument, required=True, help="as declared")
    options.add_argument("--rows", type=json_argument, required=True, help="as declared")
    options.add_argument("--seed", type=int, required=True, help="of the bootstrap")
    run(main, options)
