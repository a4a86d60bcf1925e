"""Metrics: functions from judged examples, and weights of these, to numbers.

weights: (n, examples). A metric returns n numbers: with a row of ones it is the metric itself, with
the counts of a bootstrap its resamples. A metric of a dataset looks at all labels that are
findings, one of a label at that label alone. It is NaN where it is undefined: where no example of
weight has what is to be found.
"""

from collections.abc import Callable

import numpy as np

from palimpsest.runtime.dataset_tables import (
    NUMBER,
    ONE_LABEL,
    SEVERAL_LABELS,
    SPANS,
    DatasetManifest,
)
from palimpsest.runtime.labels import ANY
from palimpsest.scoring.judged import Judged
from palimpsest.stats.f1 import f1, ratio

Metric = Callable[[Judged, np.ndarray], np.ndarray]


def micro_f1(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """F1 over all decisions about findings."""
    return f1(_total(judged, weights))


def macro_f1(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Mean of the findings' F1, over those that an example of weight has."""
    sums = judged.sums(weights)
    return _mean(f1(sums), judged.counted & (sums[..., 2] > 0))


def binary_f1(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """F1 of whether an example has a label at all."""
    return micro_f1(judged.by_label()[ANY], weights)


def precision(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Share of what was found that is right; 0 where nothing was found of what there is."""
    true, found, gold = _total(judged, weights).T
    return np.where(gold > 0, true / np.maximum(found, 1), np.nan)


def recall(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Share of gold that was found."""
    true, _, gold = _total(judged, weights).T
    return ratio(true, gold)


def unseen_recall(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Share of the gold spans that was found, of those whose text no train span has.

    What a dictionary of the train spans never finds.
    """
    true, _, gold = np.tensordot(weights, judged.unseen, axes=1).sum(axis=1).T
    return ratio(true, gold)


def accuracy(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Share of the examples whose one label was said, whichever it is."""
    true, _, gold = judged.sums(weights).sum(axis=1).T
    return ratio(true, gold)


def auprc(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Mean of the findings' average precision, over those that an example of weight has."""
    areas = [
        average_precision(weights, gold, scores)
        for gold, scores in zip(judged.gold.T, judged.scores.T, strict=True)
    ]
    there = judged.sums(weights)[..., 2] > 0
    return _mean(np.stack(areas, axis=1), judged.counted & there)


def average_precision(weights: np.ndarray, gold: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Area under the precision-recall curve of one column, without interpolation.

    gold, scores: (examples,). The same as scikit-learn's average_precision_score, for many
    weightings at once; NaN where no gold example has weight.
    """
    order = np.argsort(-scores, kind="stable")
    ends = _ends_of_ties(scores[order])
    found = np.cumsum(weights[:, order], axis=1)[:, ends]
    true = np.cumsum(weights[:, order] * gold[order], axis=1)[:, ends]
    steps = np.diff(true, axis=1, prepend=0)
    return ratio((steps * true / np.maximum(found, 1)).sum(axis=1), true[:, -1])


def pearson(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Pearson's r of scores and gold; NaN where one of them does not vary."""
    ones = np.ones((len(weights), 1))
    return _correlation(weights, ones * judged.gold[:, 0], ones * judged.scores[:, 0])


def spearman(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """Spearman's rho of scores and gold, with mean ranks of ties; NaN where one does not vary.

    The ranks are those of the examples repeated as often as their weights say.
    """
    gold, scores = (_ranks(weights, part[:, 0]) for part in (judged.gold, judged.scores))
    return _correlation(weights, gold, scores)


def _ranks(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    ends = _ends_of_ties(values[order])
    behind = np.cumsum(weights[:, order], axis=1)[:, ends]
    before = np.concatenate([np.zeros((len(weights), 1)), behind[:, :-1]], axis=1)
    tie_of = np.concatenate([[0], np.cumsum(ends)[:-1]])
    ranks = np.empty(weights.shape)
    ranks[:, order] = ((before + behind + 1) / 2)[:, tie_of]
    return ranks


def _correlation(weights: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1)
    first, second = (
        part - (weights * part).sum(axis=1, keepdims=True) / total for part in (first, second)
    )
    covered = (weights * first * second).sum(axis=1)
    spread = (weights * first**2).sum(axis=1) * (weights * second**2).sum(axis=1)
    # What does not vary has a spread of rounding errors.
    return ratio(covered, np.where(spread > 1e-18, np.sqrt(spread), 0))


def _ends_of_ties(ranked: np.ndarray) -> np.ndarray:
    """Where equal neighbours end: they cannot be told apart."""
    return np.append(ranked[1:] != ranked[:-1], True)


def _total(judged: Judged, weights: np.ndarray) -> np.ndarray:
    """(n, 3) over the findings."""
    return judged.sums(weights)[:, judged.counted].sum(axis=1)


def _mean(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    return ratio(np.where(counted, values, 0).sum(axis=1), counted.sum(axis=1))


_ONE = {"accuracy": accuracy, "macro_f1": macro_f1}
_SEVERAL: dict[str, Metric] = {
    "micro_f1": micro_f1,
    "macro_f1": macro_f1,
    "binary_f1": binary_f1,
    "auprc": auprc,
}
_FOUND: dict[str, Metric] = {"precision": precision, "recall": recall, "f1": micro_f1}
# By kind of dataset and answer, in the order of the tables; the first is the one that figures show.
BY_ANSWER: dict[tuple[str, str], dict[str, Metric]] = {
    ("spans", SPANS): {
        "strict_f1": micro_f1,
        "precision": precision,
        "recall": recall,
        "unseen_recall": unseen_recall,
    },
    ("sentences", SEVERAL_LABELS): _SEVERAL,
    ("documents", ONE_LABEL): _ONE,
    ("documents", SEVERAL_LABELS): _SEVERAL,
    ("pairs", ONE_LABEL): _ONE,
    ("pairs", NUMBER): {"pearson": pearson, "spearman": spearman},
    ("assertion", ONE_LABEL): {"micro_f1": micro_f1, "macro_f1": macro_f1},
    ("relations", ONE_LABEL): {
        "micro_f1": micro_f1,
        "macro_f1": macro_f1,
        "precision": precision,
        "recall": recall,
    },
}
LABELS_BY_ANSWER: dict[tuple[str, str], dict[str, Metric]] = {
    place: {} if place[1] == NUMBER else _FOUND | ({"auprc": auprc} if place[1] != SPANS else {})
    for place in BY_ANSWER
}


def metrics_of(dataset: DatasetManifest) -> dict[str, Metric]:
    """The metrics of a dataset, in the order of the tables."""
    return BY_ANSWER[dataset.kind, dataset.answer]


def label_metrics_of(dataset: DatasetManifest) -> dict[str, Metric]:
    """The metrics of one label of a dataset, in the order of the tables."""
    return LABELS_BY_ANSWER[dataset.kind, dataset.answer]


def _by_kind(known: dict[tuple[str, str], dict[str, Metric]]) -> dict[str, dict[str, Metric]]:
    kinds: dict[str, dict[str, Metric]] = {}
    for (kind, _), metrics in known.items():
        kinds[kind] = kinds.get(kind, {}) | metrics
    return kinds


# By kind, whatever the answer: what a study may name.
METRICS = _by_kind(BY_ANSWER)
LABEL_METRICS = _by_kind(LABELS_BY_ANSWER)
