"""Draw classifiers by number of gold sentences, and write their metrics as tidy rows."""

import argparse

import pandas as pd

from palimpsest.reports.combinations import ALL, read_run_manifest, run_metrics, run_paths
from palimpsest.reports.learning_curve import draw_scarcity
from palimpsest.reports.tidy import long_rows
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import atomic_path, write_text


def main(arguments: argparse.Namespace) -> None:
    figure = arguments.figure
    runs, long = [], []
    for name in figure["combinations"]:
        sizes = [ALL, *figure["sizes"]]
        while sizes:
            size = sizes.pop(0)
            paths = run_paths(arguments.classified, figure, name, size)
            manifests = {seed: read_run_manifest(path) for seed, path in paths.items()}
            metrics = {seed: one["metrics"] for seed, one in manifests.items()}
            long += run_metrics(figure, name, metrics, size)
            for seed, rows in metrics.items():
                (value,) = (row["value"] for row in rows if row["metric"] == "micro_f1")
                gold = manifests[seed]["gold_sentences"]
                runs.append({"combination": name, "gold": gold, "value": value})
                if not gold:
                    sizes = []  # there are no other runs of what has no gold
    with atomic_path(arguments.out) as temporary:
        drawn = temporary.with_name(f"{temporary.name}.svg")
        draw_scarcity(pd.DataFrame(runs), drawn)
        drawn.replace(temporary)
    write_text(arguments.metrics, long_rows(long))


if __name__ == "__main__":
    options = parser(__doc__, "--classified", "--out", "--metrics")
    options.add_argument("--figure", type=json_argument, required=True, help="with seeds")
    run(main, options)
