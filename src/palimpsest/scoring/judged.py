"""Predictions held against gold, by kind of dataset."""

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from palimpsest.runtime.dataset_tables import DatasetTable
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import ANY
from palimpsest.runtime.rows import Row
from palimpsest.stats.f1 import choose_thresholds, decision_counts, label_columns, span_counts
from palimpsest.text.iob2 import spans_of, tags_of


@dataclass(frozen=True, eq=False)
class Judged:
    """Examples with what is so and what was predicted, label by label.

    counts: (examples, labels, 3) true positives, found and gold. gold, scores: (examples, labels),
    whether a label holds and how likely it was said to be; empty where examples are not ranked.
    any: the same of whether an example has a label at all, where that was predicted.
    """

    labels: list[str]
    counts: np.ndarray
    gold: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    scores: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    any: "Judged | None" = None

    def sums(self, weights: np.ndarray) -> np.ndarray:
        """Weighted counts, (n, labels, 3). weights: (n, examples)."""
        return np.tensordot(weights, self.counts, axes=1)

    def by_label(self) -> "dict[str, Judged]":
        """Each label alone, and then any."""
        alone = {
            label: self.only(slice(index, index + 1)) for index, label in enumerate(self.labels)
        }
        return alone | ({ANY: self.any} if self.any else {})

    def only(self, place: slice) -> "Judged":
        """Some of the labels."""
        counts, gold, scores = (part[:, place] for part in (self.counts, self.gold, self.scores))
        return Judged(self.labels[place], counts, gold, scores)


Splits = dict[str, Judged]  # valid and test


def judge(dataset: DatasetTable, predictions: pa.Table) -> tuple[Splits, Row]:
    """The valid and test examples of a dataset, judged, and fields of a manifest.

    predictions: `runtime.dataset_tables.PREDICTIONS`, of one run.
    Raises UserError when the predictions are not of this dataset's examples.
    """
    rows = predictions.to_pylist()
    known = {(row["example_id"], row["split"]) for row in dataset.rows}
    for row in rows:
        if (row["example_id"], row["split"]) not in known:
            raise UserError(
                f"the predictions name example {row['example_id']!r} of split {row['split']!r}, "
                f"which the dataset '{dataset.name}' lacks: delete them to make them again"
            )
    return {"spans": _judge_spans, "sentences": _judge_sentences}[dataset.kind](dataset, rows)


def _judge_spans(dataset: DatasetTable, predictions: list[Row]) -> tuple[Splits, Row]:
    """Strictly: a span is found if one of the same ends and label is predicted.

    Gold spans end where the tokens end that they overlap, as those that are predicted do.
    """
    found: dict[str, set[tuple[int, int, str]]] = {}
    for row in predictions:
        spans = found.setdefault(row["example_id"], set())
        spans.add((row["start"], row["end"], row["label"]))
    judged = {}
    for split in ("valid", "test"):
        examples = dataset.of_split(split)
        gold = [_token_spans(example) for example in examples]
        predicted = [found.get(example["example_id"], set()) for example in examples]
        judged[split] = Judged(dataset.labels, span_counts(gold, predicted, dataset.labels))
    return judged, {}


def _token_spans(example: Row) -> set[tuple[int, int, str]]:
    tokens = example["tokens"]
    spans = spans_of(tokens, tags_of(tokens, example["spans"]))
    return {(span["start"], span["end"], span["label"]) for span in spans}


def _judge_sentences(dataset: DatasetTable, predictions: list[Row]) -> tuple[Splits, Row]:
    """A label is found if its probability reaches the threshold that is best on valid."""
    columns = [*dataset.labels, ANY]
    given = {(row["example_id"], row["label"]): row["score"] for row in predictions}
    arrays = {}
    for split in ("valid", "test"):
        examples = dataset.of_split(split)
        try:
            rows = [[given[row["example_id"], name] for name in columns] for row in examples]
        except KeyError as missing:
            raise UserError(
                f"the predictions lack {missing.args[0]} of the dataset '{dataset.name}': delete "
                "them to make them again"
            ) from missing
        gold = label_columns([row["labels"] for row in examples], dataset.labels)
        arrays[split] = gold, np.array(rows, np.float32)
    thresholds = choose_thresholds(*arrays["valid"])
    judged = {}
    for split, (gold, scores) in arrays.items():
        counts = decision_counts(gold, scores >= thresholds)
        whole = Judged(columns, counts, gold, scores)
        labels, last = whole.only(slice(len(columns) - 1)), whole.only(slice(-1, None))
        judged[split] = replace(labels, any=last)
    return judged, {"thresholds": dict(zip(columns, thresholds.tolist(), strict=True))}
