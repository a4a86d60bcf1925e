"""Tidy files: one number a row."""

from collections.abc import Iterable

import pandas as pd

from palimpsest.runtime.rows import Row

COLUMNS = [
    "experiment",
    "model",
    "corpus",
    "seed",  # of the training on the corpus
    "mixture",  # of datasets, that an encoder was fine-tuned on
    "size",  # train examples of the experiment's dataset that were taken, or `all`
    "run",  # seed of the fine-tuning
    "dataset",  # that the number is of
    "label",
    "metric",
    "value",
    "low",
    "high",
]


def long_rows(rows: Iterable[Row]) -> str:
    """CSV of metrics with `COLUMNS`; what a row does not have stays empty."""
    table = pd.DataFrame(list(rows)).reindex(columns=COLUMNS)
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
