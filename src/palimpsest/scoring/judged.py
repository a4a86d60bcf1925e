"""Predictions held against gold, by how a dataset is answered."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from palimpsest.runtime.dataset_tables import (
    NUMBER,
    ONE_LABEL,
    SEVERAL_LABELS,
    SPANS,
    DatasetTable,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import ANY
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import within_size
from palimpsest.runtime.schema import ALL, Thresholds
from palimpsest.scoring.thresholds import cross_fitted, thresholds
from palimpsest.stats.f1 import decision_counts, label_columns, span_counts
from palimpsest.text.iob2 import spans_of, tags_of

JUDGED_SPLITS = ("valid", "test")


@dataclass(frozen=True, eq=False)
class Judged:
    """Examples with what is so and what was predicted, label by label.

    counts: (examples, labels, 3) true positives, found and gold. gold, scores: (examples, labels),
    whether a label holds and how likely it was said to be; empty where examples are not ranked. Of
    a number: (examples, 1), what it is and what was said; there are no labels. any: the same of
    whether an example has a label at all, where that was predicted. none_label: that is no finding.
    unseen: as counts, of spans whose text is that of no train span, whatever its case.
    """

    labels: list[str]
    counts: np.ndarray
    gold: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    scores: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    any: "Judged | None" = None
    none_label: str | None = None
    unseen: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 3)))

    @property
    def counted(self) -> np.ndarray:
        """Which labels are findings: bool, (labels,)."""
        return np.array([label != self.none_label for label in self.labels], bool)

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
        """Some of the labels, each of which is a finding now."""
        parts = (self.counts, self.gold, self.scores, self.unseen)
        counts, gold, scores, unseen = (part[:, place] for part in parts)
        return Judged(self.labels[place], counts, gold, scores, unseen=unseen)


Splits = dict[str, Judged]  # valid and test


@dataclass(frozen=True)
class Choice:
    """How the thresholds of a run are chosen, and on which valid examples.

    size, run: of the run, whose train examples were drawn together with these.
    """

    policy: Thresholds = Thresholds()
    size: str = ALL
    run: int = 0


def judge(
    dataset: DatasetTable, predictions: pa.Table, choice: Choice = Choice()
) -> tuple[Splits, Row]:
    """The valid and test examples of a dataset, judged, and fields of a manifest.

    predictions: `runtime.dataset_tables.PREDICTIONS`, of one run.
    Raises UserError when the predictions are not of this dataset's examples, or nothing is to be
    found in its test examples.
    """
    dataset.check_findings()
    rows = predictions.to_pylist()
    known = {(row["example_id"], row["split"]) for row in dataset.rows}
    for row in rows:
        if (row["example_id"], row["split"]) not in known:
            raise UserError(
                f"the predictions name example {row['example_id']!r} of split {row['split']!r}, "
                f"which the dataset '{dataset.name}' lacks: delete them to make them again"
            )
    if dataset.answer == SEVERAL_LABELS:
        return _judge_several(dataset, rows, choice)
    judges: dict[str, Callable[[DatasetTable, list[Row]], Splits]]
    judges = {SPANS: _judge_spans, ONE_LABEL: _judge_one, NUMBER: _judge_number}
    return judges[dataset.answer](dataset, rows), {}


def _judge_spans(dataset: DatasetTable, predictions: list[Row]) -> Splits:
    """Strictly: a span is found if one of the same ends and label is predicted.

    Gold spans end where the tokens end that they overlap, as those that are predicted do.
    """
    found: dict[str, set[tuple[int, int, str]]] = {}
    for row in predictions:
        spans = found.setdefault(row["example_id"], set())
        spans.add((row["start"], row["end"], row["label"]))
    known = {
        _text(row, span["start"], span["end"])
        for row in dataset.rows
        if row["split"] == "train"
        for span in row["spans"]
    }
    judged = {}
    for split in JUDGED_SPLITS:
        examples = dataset.of_split(split)
        gold = [_token_spans(example) for example in examples]
        predicted = [found.get(example["example_id"], set()) for example in examples]
        counts = span_counts(gold, predicted, dataset.labels)
        new = [
            {span for span in spans if _text(example, span[0], span[1]) not in known}
            for example, spans in zip(examples, gold, strict=True)
        ]
        unseen = span_counts(new, predicted, dataset.labels)
        judged[split] = Judged(dataset.labels, counts, none_label=dataset.none_label, unseen=unseen)
    return judged


def _text(example: Row, start: int, end: int) -> str:
    return " ".join(str(example["text"][start:end]).lower().split())


def _token_spans(example: Row) -> set[tuple[int, int, str]]:
    tokens = example["tokens"]
    spans = spans_of(tokens, tags_of(tokens, example["spans"]))
    return {(span["start"], span["end"], span["label"]) for span in spans}


def _scores(
    dataset: DatasetTable, predictions: list[Row], columns: list[str | None]
) -> dict[str, np.ndarray]:
    """The score of each column of each example, (examples, columns), by split."""
    given = {(row["example_id"], row["label"]): row["score"] for row in predictions}
    arrays = {}
    for split in JUDGED_SPLITS:
        examples = dataset.of_split(split)
        try:
            rows = [[given[row["example_id"], name] for name in columns] for row in examples]
        except KeyError as missing:
            raise UserError(
                f"the predictions lack {missing.args[0]} of the dataset '{dataset.name}': delete "
                "them to make them again"
            ) from missing
        arrays[split] = np.array(rows, np.float32)
    return arrays


def _gold(dataset: DatasetTable, split: str) -> np.ndarray:
    return label_columns([row["labels"] for row in dataset.of_split(split)], dataset.labels)


def _judge_several(
    dataset: DatasetTable, predictions: list[Row], choice: Choice
) -> tuple[Splits, Row]:
    """A label is found if its probability reaches its threshold."""
    columns = [*dataset.labels, ANY]
    scores = _scores(dataset, predictions, list(columns))
    gold = {split: _gold(dataset, split) for split in JUDGED_SPLITS}
    valid = dataset.of_split("valid")
    train = [row for row in dataset.rows if row["split"] == "train"]
    _, drawn = within_size(train, valid, choice.size, choice.run)
    names = {row["example_id"] for row in drawn}
    choosing = np.array([row["example_id"] in names for row in valid])
    chosen = thresholds(choice.policy, gold["valid"][choosing], scores["valid"][choosing])
    decided = {
        "valid": cross_fitted(
            choice.policy,
            gold["valid"],
            scores["valid"],
            [row["group"] for row in valid],
            choosing,
        ),
        "test": scores["test"] >= chosen,
    }
    judged = {}
    for split, said in decided.items():
        whole = Judged(columns, decision_counts(gold[split], said), gold[split], scores[split])
        labels, last = whole.only(slice(len(columns) - 1)), whole.only(slice(-1, None))
        judged[split] = replace(labels, any=last, none_label=dataset.none_label)
    return judged, {"thresholds": dict(zip(columns, chosen.tolist(), strict=True))}


def _judge_one(dataset: DatasetTable, predictions: list[Row]) -> Splits:
    """The likeliest label is what was said; of equally likely ones the first."""
    judged = {}
    for split, scores in _scores(dataset, predictions, list(dataset.labels)).items():
        gold = _gold(dataset, split)[:, :-1]
        said = np.zeros_like(gold)
        said[np.arange(len(gold)), scores.argmax(axis=1)] = True
        counts = decision_counts(gold, said)
        judged[split] = Judged(dataset.labels, counts, gold, scores, none_label=dataset.none_label)
    return judged


def _judge_number(dataset: DatasetTable, predictions: list[Row]) -> Splits:
    """A number and what was said of it."""
    judged = {}
    for split, scores in _scores(dataset, predictions, [None]).items():
        gold = np.array([[row["value"]] for row in dataset.of_split(split)], float)
        counts = np.zeros((len(gold), 0, 3))
        judged[split] = Judged([], counts, gold, scores.astype(float))
    return judged
