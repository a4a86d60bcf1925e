"""Predict the valid and test examples of a dataset without any model, as a row to beat."""

import argparse

import pyarrow as pa

from palimpsest.finetuning.config import TrivialSpec
from palimpsest.finetuning.trivial import predict_trivially
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.dataset_tables import PREDICTIONS, read_dataset
from palimpsest.runtime.files import write_table


def main(arguments: argparse.Namespace) -> None:
    dataset = read_dataset(arguments.dataset)
    rows = predict_trivially(arguments.spec.predictor, dataset)
    write_table(
        arguments.out,
        pa.Table.from_pylist(rows, schema=PREDICTIONS),
        dataset=dataset.name,
        kind=dataset.kind,
        labels=dataset.labels,
        trained_on={dataset.name: len(dataset.of_split("train"))},
        validated_on=0,
        cut={"train": 0, "valid": 0, "test": 0},
    )


if __name__ == "__main__":
    run(main, parser(__doc__, "--dataset", "--out", spec=TrivialSpec))
