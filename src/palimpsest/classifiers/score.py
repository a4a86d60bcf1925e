"""Decisions about test sentences, and how good they are."""

from typing import Any

import numpy as np
import pyarrow as pa

from palimpsest.core.multilabel import counts, f1, label_columns, scores_of

SCHEMA = pa.schema(
    [
        ("group", pa.string()),
        ("sentence_id", pa.string()),
        ("gold", pa.list_(pa.string())),
        ("predicted", pa.list_(pa.string())),
        ("any_predicted", pa.bool_()),
        ("scores", pa.list_(pa.float32())),  # of each category, then of `any`
    ]
)
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


def scored_sentences(
    test: list[dict[str, Any]], scores: np.ndarray, thresholds: np.ndarray, labels: list[str]
) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The table of the test sentences, and the metrics on them.

    scores: float32, (sentences, labels + 1).
    """
    predicted = scores >= thresholds
    gold = label_columns([row["categories"] for row in test], labels)
    rows = [
        {
            "group": row["group"],
            "sentence_id": row["sentence_id"],
            "gold": row["categories"],
            "predicted": [label for label, yes in zip(labels, decided, strict=False) if yes],
            "any_predicted": bool(decided[-1]),
            "scores": given.tolist(),
        }
        for row, decided, given in zip(test, predicted, scores, strict=True)
    ]
    measured = scores_of(np.ones((1, len(test))), gold, predicted, scores)
    metrics = [{"metric": name, "value": float(value[0])} for name, value in measured.items()]
    scored = int(gold[:, :-1].any(axis=0).sum())
    metrics.append({"metric": "categories_scored", "value": scored})
    return pa.Table.from_pylist(rows, schema=SCHEMA), metrics


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
