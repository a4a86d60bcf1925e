"""Score the predictions of all runs of one encoder on one mixture."""

import argparse

from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.dataset_tables import PREDICTIONS, read_dataset
from palimpsest.runtime.files import read_manifest, read_table, table_writer
from palimpsest.scoring.config import ScoreSpec
from palimpsest.scoring.judged import Choice
from palimpsest.scoring.metrics import metrics_of
from palimpsest.scoring.score import SCHEMA, Units, score_run


def main(arguments: argparse.Namespace) -> None:
    dataset = read_dataset(arguments.dataset)
    units = Units(dataset, arguments.spec.seed)
    with table_writer(arguments.out, SCHEMA) as writer:
        runs = []
        for path in arguments.predictions:
            manifest = read_manifest(path, WILDCARDS, "trained_on")
            seed, number = (int(manifest[WILDCARDS][name]) for name in ("seed", "run"))
            choice = Choice(arguments.spec.thresholds, manifest[WILDCARDS]["size"], number)
            predictions = read_table(path, PREDICTIONS.names)
            rows, fields = score_run(dataset, predictions, units, seed, number, choice)
            writer.write_rows(rows)
            runs.append({"seed": seed, "run": number, **fields})
        writer.fields = {
            "dataset": dataset.name,
            "dataset_sha256": dataset.sha256,
            "n": len(dataset.of_split("test")),
            "units": units.count,
            "metrics": list(metrics_of(dataset)),
            "trained_on": manifest["trained_on"],
            "runs": runs,
        }


if __name__ == "__main__":
    run(main, parser(__doc__, "--dataset", "--predictions+", "--out", spec=ScoreSpec))
