"""Scores of a run: every metric, and its values on resamples of the test units."""

import math
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from palimpsest.runtime.dataset_tables import DatasetTable
from palimpsest.runtime.rows import Row
from palimpsest.scoring.judged import Choice, Judged, judge
from palimpsest.scoring.metrics import Metric, label_metrics_of, metrics_of
from palimpsest.stats.resampling import resampled_counts

SCHEMA = pa.schema(
    [
        ("seed", pa.int64()),  # of the pretraining; null where nothing was trained
        ("run", pa.int64()),  # seed of the fine-tuning
        ("split", pa.string()),  # valid or test
        ("label", pa.string()),  # null: over all labels
        ("metric", pa.string()),
        ("positives", pa.int64()),  # gold labels or spans
        ("value", pa.float64()),  # null: of a label that no example has
        # Of the test examples that do not overlap with what was trained on; null on valid.
        ("without_overlap", pa.float64()),
        ("resampled", pa.list_(pa.float64())),  # on resamples of the test units; null on valid
    ]
)
CHUNK = 250  # resamples at once: memory holds so many weights of each example


class Units:
    """The units of a dataset's test examples, and resamples of them.

    The same dataset and seed give the same resamples, so that systems are compared in pairs.
    """

    def __init__(self, dataset: DatasetTable, seed: int) -> None:
        groups = [row["group"] for row in dataset.of_split("test")]
        names, self.unit_of = np.unique(np.array(groups, dtype=str), return_inverse=True)
        self.count = len(names)
        self._draws = resampled_counts(self.count, seed)

    def resampled(self, metric: Metric, judged: Judged) -> np.ndarray:
        """The values of a metric on the resamples."""
        chunks = range(0, len(self._draws), CHUNK)
        return np.concatenate(
            [
                metric(judged, self._draws[first : first + CHUNK, self.unit_of].astype(float))
                for first in chunks
            ]
        )


def score_run(
    dataset: DatasetTable,
    predictions: pa.Table,
    units: Units,
    seed: int | None,
    run: int | None,
    choice: Choice,
    apart: np.ndarray,
) -> tuple[list[Row], Row]:
    """Rows of `SCHEMA`, and fields of a manifest.

    seed, run: of pretraining and of fine-tuning; None where nothing was trained. apart: (test
    examples,) whether each does not overlap with what was trained on.
    """
    splits, fields = judge(dataset, predictions, choice)
    rows: list[Row] = []
    for split, judged in splits.items():
        for label, part, name, metric in _measured(dataset, judged, split):
            row: Row = {"seed": seed, "run": run, "split": split, "label": label, "metric": name}
            row["positives"] = int(part.counts[..., 2].sum())
            value = float(metric(part, np.ones((1, len(part.counts))))[0])
            if not math.isnan(value):  # there is something to find
                row["value"] = value
                if split == "test":
                    row["resampled"] = units.resampled(metric, part)
                    row["without_overlap"] = float(metric(part, apart[None].astype(float))[0])
            rows.append(row)
    return rows, fields


def _measured(
    dataset: DatasetTable, judged: Judged, split: str
) -> Iterator[tuple[str | None, Judged, str, Metric]]:
    for name, metric in metrics_of(dataset).items():
        yield None, judged, name, metric
    if split == "test":
        for label, alone in judged.by_label().items():
            for name, metric in label_metrics_of(dataset).items():
                yield label, alone, name, metric
