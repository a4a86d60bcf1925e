"""Scores of classifiers that give a sentence several categories or none.

Arrays of labels have a column for each category and a last one for `any`: whether the sentence has
one at all. Every score takes weights of the sentences, of shape (n, sentences), and returns n
numbers: with a row of ones it is the score itself, with the counts of a bootstrap its resamples.
"""

from collections.abc import Iterable

import numpy as np


def label_columns(categories: Iterable[Iterable[str]], labels: list[str]) -> np.ndarray:
    """Which of `labels`, and then whether any, each sentence has: (sentences, labels + 1), bool."""
    held = [[label in given for label in labels] for given in map(set, categories)]
    return np.array([[*row, any(row)] for row in held], bool).reshape(-1, len(labels) + 1)


def counts(weights: np.ndarray, gold: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """True positives, found and gold of each column: (n, columns, 3).

    gold, predicted: bool, (sentences, columns).
    """
    parts = [gold & predicted, predicted, gold]
    return np.stack([weights @ part.astype(float) for part in parts], axis=-1)


def f1(sums: np.ndarray) -> np.ndarray:
    """F1 from (..., 3) true positives, found and gold; 0 where it is undefined."""
    true, found, gold = sums[..., 0], sums[..., 1], sums[..., 2]
    return 2 * true / np.maximum(found + gold, 1)


def average_precision(weights: np.ndarray, gold: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Area under the precision-recall curve of one column, without interpolation.

    gold, scores: (sentences,). The same as scikit-learn's average_precision_score, for many
    weightings at once; 0 where no gold sentence has weight.
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(ranked[1:] != ranked[:-1], True)  # equal scores cannot be told apart
    found = np.cumsum(weights[:, order], axis=1)[:, ends]
    true = np.cumsum(weights[:, order] * gold[order], axis=1)[:, ends]
    steps = np.diff(true, axis=1, prepend=0)
    return (steps * true / np.maximum(found, 1)).sum(axis=1) / np.maximum(true[:, -1], 1)


def scores_of(
    weights: np.ndarray, gold: np.ndarray, predicted: np.ndarray, scores: np.ndarray
) -> dict[str, np.ndarray]:
    """The four scores of a classifier, each n numbers.

    micro_f1: over all decisions about categories. macro_f1, auprc: means over the categories that a
    gold sentence of weight has. binary_f1: whether a sentence has any.
    gold, predicted: bool; scores: the higher, the likelier; each (sentences, categories + 1).
    """
    sums = counts(weights, gold, predicted)
    of_categories = sums[:, :-1]
    scored = of_categories[..., 2] > 0
    areas = [
        average_precision(weights, *pair) for pair in zip(gold.T[:-1], scores.T[:-1], strict=True)
    ]
    return {
        "micro_f1": f1(of_categories.sum(axis=1)),
        "macro_f1": _mean(f1(of_categories), scored),
        "binary_f1": f1(sums[:, -1]),
        "auprc": _mean(np.stack(areas, axis=1), scored),
    }


def _mean(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    return (values * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)


UNDECIDED = 0.5  # the threshold of what no valid sentence has


def choose_thresholds(gold: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The threshold of each column with the best F1, on the valid sentences.

    gold: bool, (sentences, columns). scores: probabilities, of the same shape. A threshold lies
    half-way between two scores; the highest of equally good ones is taken.
    """
    columns = zip(gold.T, scores.T.astype(float), strict=True)
    return np.array([_threshold(*column) for column in columns])


def valid_micro_f1(gold: np.ndarray, scores: np.ndarray) -> float:
    """Micro F1 over the categories of valid sentences, each with its best threshold."""
    predicted = scores >= choose_thresholds(gold, scores)
    ones = np.ones((1, len(gold)))
    return float(f1(counts(ones, gold, predicted)[:, :-1].sum(axis=1))[0])


def _threshold(gold: np.ndarray, scores: np.ndarray) -> float:
    if not gold.any():
        return UNDECIDED
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    found = np.arange(1, len(ranked) + 1)
    quality = 2 * np.cumsum(gold[order]) / (found + gold.sum())
    below = np.append(ranked[1:], 0.0)
    quality[:-1][ranked[1:] == ranked[:-1]] = -1  # equal scores are decided alike
    best = int(np.argmax(quality))
    return float((ranked[best] + below[best]) / 2)
