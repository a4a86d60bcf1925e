"""Metrics: functions from judged examples, and weights of these, to numbers.

weights: (n, examples). A metric returns n numbers: with a row of ones it is the metric itself, with
the counts of a bootstrap its resamples. A metric of a dataset looks at all labels, one of a label
at that label alone.
"""

from collections.abc import Callable

import numpy as np

from palimpsest.runtime.labels import ANY
from palimpsest.scoring.judged import Judged
from palimpsest.stats.f1 import f1

Metric = Callable[[Judged, np.ndarray], np.ndarray]


def micro_f1(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """F1 over all decisions; 0 where it is undefined."""
    return f1(judged.sums(weights).sum(axis=1))


def macro_f1(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Mean of the labels' F1, over those that an example of weight has."""
    sums = judged.sums(weights)
    return _mean(f1(sums), sums[..., 2] > 0)


def binary_f1(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """F1 of whether an example has a label at all."""
    return micro_f1(judged.by_label()[ANY], weights)


def precision(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Share of what was found that is right; 0 where nothing was found."""
    true, found, _ = np.moveaxis(judged.sums(weights).sum(axis=1), -1, 0)
    return true / np.maximum(found, 1)


def recall(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Share of gold that was found; 0 where there is no gold."""
    true, _, gold = np.moveaxis(judged.sums(weights).sum(axis=1), -1, 0)
    return true / np.maximum(gold, 1)


def auprc(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Mean of the labels' average precision, over those that an example of weight has."""
    areas = [
        average_precision(weights, gold, scores)
        for gold, scores in zip(judged.gold.T, judged.scores.T, strict=True)
    ]
    return _mean(np.stack(areas, axis=1), judged.sums(weights)[..., 2] > 0)


def average_precision(weights: np.ndarray, gold: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Area under the precision-recall curve of one column, without interpolation.

    gold, scores: (examples,). The same as scikit-learn's average_precision_score, for many
    weightings at once; 0 where no gold example has weight.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(ranked[1:] != ranked[:-1], True)  # equal scores cannot be told apart
    found = np.cumsum(weights[:, order], axis=1)[:, ends]
    true = np.cumsum(weights[:, order] * gold[order], axis=1)[:, ends]
    steps = np.diff(true, axis=1, prepend=0)
    return (steps * true / np.maximum(found, 1)).sum(axis=1) / np.maximum(true[:, -1], 1)


def _mean(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    return (values * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)


# By kind of dataset, in the order of the tables; the first is the one that figures show.
METRICS: dict[str, dict[str, Metric]] = {
    "spans": {"strict_f1": micro_f1},
    "sentences": {
        "micro_f1": micro_f1,
        "macro_f1": macro_f1,
        "binary_f1": binary_f1,
        "auprc": auprc,
    },
}
LABEL_METRICS: dict[str, dict[str, Metric]] = {
    "spans": {"precision": precision, "recall": recall, "f1": micro_f1},
    "sentences": {"precision": precision, "recall": recall, "f1": micro_f1, "auprc": auprc},
}
