"""F1 from counts, and the thresholds at which it is best.

Arrays of labels have a column for each label and a last one for `any`: whether an example has one
at all.
"""

from collections.abc import Iterable

import numpy as np

UNDECIDED = 0.5  # the threshold of what no valid example has


def label_columns(given: Iterable[Iterable[str]], labels: list[str]) -> np.ndarray:
    """Which of `labels`, and then whether any, each example has: (examples, labels + 1), bool."""
    held = [[label in names for label in labels] for names in map(set, given)]
    return np.array([[*row, any(row)] for row in held], bool).reshape(-1, len(labels) + 1)


def decision_counts(gold: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """True positives, found and gold of each decision: (..., 3), from booleans of one shape."""
    return np.stack([gold & predicted, predicted, gold], axis=-1).astype(float)


def span_counts(
    gold: Iterable[set[tuple[int, int, str]]],
    predicted: Iterable[set[tuple[int, int, str]]],
    labels: list[str],
) -> np.ndarray:
    """True positives, found and gold of spans with equal ends and label: (examples, labels, 3)."""
    pairs = list(zip(gold, predicted, strict=True))
    counts = np.zeros((len(pairs), len(labels), 3))
    column = {label: index for index, label in enumerate(labels)}
    for row, (true, found) in enumerate(pairs):
        for kind, spans in enumerate((true & found, found, true)):
            for _, _, label in spans:
                counts[row, column[label], kind] += 1
    return counts


def f1(sums: np.ndarray) -> np.ndarray:
    """F1 from (..., 3) true positives, found and gold; NaN where there is nothing to find."""
    true, found, gold = sums[..., 0], sums[..., 1], sums[..., 2]
    return ratio(2 * true, np.where(gold > 0, found + gold, 0))


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole`, and NaN where the whole is nothing."""
    value: np.ndarray = np.full(np.broadcast(part, whole).shape, np.nan)
    np.divide(part, whole, out=value, where=np.asarray(whole) > 0)
    return value


def micro_f1(counts: np.ndarray) -> float:
    """F1 over everything that was counted, (..., 3): one number, NaN if nothing is to be found."""
    return float(f1(counts.reshape(-1, 3).sum(axis=0)))


def choose_thresholds(gold: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The threshold of each column with the best F1, on the valid examples.

    gold: bool, (examples, columns). scores: probabilities, of the same shape. A threshold lies
    half-way between two scores; the highest of equally good ones is taken.
    """
    columns = zip(gold.T, scores.T.astype(float), strict=True)
    return np.array([_threshold(*column) for column in columns])


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
