"""Decisions about test sentences, and how good they are."""

from typing import Any

import numpy as np
import pyarrow as pa

from palimpsest.stats.f1 import label_columns, scores_of

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
