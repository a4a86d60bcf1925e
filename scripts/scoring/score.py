"""Score the predictions of all runs of one encoder on one mixture."""

import argparse

import numpy as np

from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.dataset_tables import PREDICTIONS, read_dataset
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table, table_writer
from palimpsest.runtime.overlap_tables import overlapping
from palimpsest.runtime.schema import ALL
from palimpsest.scoring.config import ScoreSpec
from palimpsest.scoring.judged import Choice
from palimpsest.scoring.metrics import metrics_of
from palimpsest.scoring.score import SCHEMA, Units, score_run


def main(arguments: argparse.Namespace) -> None:
    dataset = read_dataset(arguments.dataset)
    units = Units(dataset, arguments.spec.seed)
    tested = dataset.of_split("test")
    shared = overlapping(arguments.overlaps)
    apart = np.array([row["example_id"] not in shared for row in tested])
    with table_writer(arguments.out, SCHEMA) as writer:
        runs = []
        for path in arguments.predictions:
            manifest = read_manifest(path, WILDCARDS, "dataset", "trained_on", "validated_on")
            if manifest["dataset"] != dataset.name:
                raise UserError(
                    f"{path}: predictions of the dataset {manifest['dataset']!r}, and "
                    f"{dataset.name!r} is scored: delete it to rebuild it"
                )
            made_from = manifest.get("made_from", {}).get("datasets", {})
            if made_from.get(dataset.name, dataset.sha256) != dataset.sha256:
                raise UserError(
                    f"{path}: predictions of other examples of {dataset.name!r} than there are "
                    "now: delete it to rebuild it"
                )
            names = manifest[WILDCARDS]
            trivial = "run" not in names  # nothing was trained, so nothing has a seed
            seed, number = (None if trivial else int(names[name]) for name in ("seed", "run"))
            choice = Choice(arguments.spec.thresholds, names.get("size", ALL), number or 0)
            predictions = read_table(path, PREDICTIONS.names)
            rows, fields = score_run(dataset, predictions, units, seed, number, choice, apart)
            writer.write_rows(rows)
            runs.append({"seed": seed, "run": number, **fields})
        writer.fields = {
            "dataset": dataset.name,
            "dataset_sha256": dataset.sha256,
            "n": len(tested),
            "units": units.count,
            "unit": dataset.unit,
            "overlapping": int((~apart).sum()),
            "trivial": trivial,
            "metrics": sorted(metrics_of(dataset), key=lambda name: name != arguments.spec.metric),
            "trained_on": manifest["trained_on"],
            "validated_on": manifest["validated_on"],
            "runs": runs,
        }


if __name__ == "__main__":
    run(
        main, parser(__doc__, "--dataset", "--predictions+", "--overlaps*", "--out", spec=ScoreSpec)
    )
