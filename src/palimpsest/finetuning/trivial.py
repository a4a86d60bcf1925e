"""Trivial predictors: what a table's rows must beat to have learnt anything. No torch.

Each learns from a dataset's train examples, and predicts its valid and test examples as a run does.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

from palimpsest.runtime.dataset_tables import (
    ANSWERS,
    NUMBER,
    ONE_LABEL,
    SPANS,
    DatasetTable,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import ANY
from palimpsest.runtime.rows import Row

Phrase = tuple[str, ...]
Predictor = Callable[[DatasetTable], list[Row]]


def dictionary(dataset: DatasetTable) -> list[Row]:
    """Every stretch of words that is an entity in train, whatever its case; the longest first.

    Its label is the one that it has most often, and its score how often that is.
    """
    seen: dict[Phrase, Counter[str]] = defaultdict(Counter)
    for row in dataset.of_split("train"):
        words = _words(row)
        for span in row["spans"]:
            inside = [
                word
                for word, token in zip(words, row["tokens"], strict=True)
                if token["start"] < span["end"] and span["start"] < token["end"]
            ]
            if inside:
                seen[tuple(inside)][span["label"]] += 1
    known = {}
    for phrase, counts in seen.items():
        label = max(dataset.labels, key=lambda name: counts[name])  # of equals the first
        known[phrase] = (label, counts[label] / counts.total())
    longest = max(map(len, known), default=0)
    return [
        {"example_id": row["example_id"], "split": row["split"], **span}
        for row in _judged(dataset)
        for span in _matches(row, known, longest)
    ]


def _words(row: Row) -> list[str]:
    return [row["text"][token["start"] : token["end"]].lower() for token in row["tokens"]]


def _matches(row: Row, known: dict[Phrase, tuple[str, float]], longest: int) -> Iterator[Row]:
    words, tokens = _words(row), row["tokens"]
    first = 0
    while first < len(words):
        for behind in range(min(len(words), first + longest), first, -1):
            if found := known.get(tuple(words[first:behind])):
                ends = {"start": tokens[first]["start"], "end": tokens[behind - 1]["end"]}
                yield {**ends, "label": found[0], "score": found[1]}
                first = behind
                break
        else:
            first += 1


def majority(dataset: DatasetTable) -> list[Row]:
    """The same of every example: the share of train examples that has each label, or the mean.

    Where an example has one label, that is the commonest one. Of spans nothing is found.
    """
    train = dataset.of_split("train")
    if dataset.answer == SPANS:
        return []
    if dataset.answer == NUMBER:
        return _rows(dataset, [None], [float(np.mean([row["value"] for row in train]))])
    counts = Counter(label for row in train for label in row["labels"])
    shares = [counts[label] / len(train) for label in dataset.labels]
    if dataset.answer == ONE_LABEL:
        return _rows(dataset, dataset.labels, shares)
    held = sum(bool(row["labels"]) for row in train) / len(train)
    return _rows(dataset, [*dataset.labels, ANY], [*shares, held])


def second_text(dataset: DatasetTable) -> list[Row]:
    """Words of the second text of a pair alone, to which the first one is nothing.

    Poliak et al. (2018, arXiv 1805.01042): of a pair of premise and hypothesis, the hypothesis
    alone often gives the answer away. Logistic regression, or ridge regression of a number, on
    whether each word and pair of words is there.
    Raises UserError when the train examples hold no word, or fewer than two labels.
    """
    train = dataset.of_split("train")
    words = CountVectorizer(binary=True, ngram_range=(1, 2), token_pattern=r"\w+")
    texts = [row["second"] for row in train]
    judged = [row["second"] for row in _judged(dataset)]
    try:
        if dataset.answer == NUMBER:
            regression = make_pipeline(words, Ridge())
            regression.fit(texts, [row["value"] for row in train])
            return _rows(dataset, [None], regression.predict(judged)[:, None])
        classifier = make_pipeline(words, LogisticRegression(max_iter=1000))
        classifier.fit(texts, [row["labels"][0] for row in train])
    except ValueError as error:
        raise UserError(
            f"the dataset '{dataset.name}': the second texts of its train examples cannot be "
            f"learnt from; expected words, and two labels at least"
        ) from error
    given = classifier.predict_proba(judged)
    scores = np.zeros((len(judged), len(dataset.labels)))
    places = [dataset.labels.index(label) for label in classifier.classes_]
    scores[:, places] = given
    return _rows(dataset, dataset.labels, scores)


def _judged(dataset: DatasetTable) -> list[Row]:
    return [row for split in ("valid", "test") for row in dataset.of_split(split)]


def _rows(dataset: DatasetTable, labels: list, scores: list[float] | np.ndarray) -> list[Row]:
    """Rows of `PREDICTIONS`. scores: of each label, or of each example and label."""
    examples = _judged(dataset)
    table = np.broadcast_to(np.asarray(scores, float), (len(examples), len(labels)))
    return [
        {"example_id": row["example_id"], "split": row["split"], "label": label, "score": score}
        for row, given in zip(examples, table.tolist(), strict=True)
        for label, score in zip(labels, given, strict=True)
    ]


PREDICTORS: dict[str, Predictor] = {
    "dictionary": dictionary,
    "majority": majority,
    "second_text": second_text,
}
# Those of each kind, the strongest last.
OF_KIND: dict[str, tuple[str, ...]] = dict.fromkeys(ANSWERS, ("majority",)) | {
    "spans": ("dictionary",),
    "pairs": ("majority", "second_text"),
}


def predict_trivially(predictor: str, dataset: DatasetTable) -> list[Row]:
    """Rows of `runtime.dataset_tables.PREDICTIONS`, of the valid and then the test examples.

    predictor: one of PREDICTORS. Raises UserError when it is none of the dataset's kind.
    """
    if predictor not in OF_KIND[dataset.kind]:
        raise UserError(
            f"the predictor '{predictor}' does not know {dataset.kind}, of which the dataset "
            f"'{dataset.name}' is; expected one of {list(OF_KIND[dataset.kind])}"
        )
    dataset.check_findings()
    return PREDICTORS[predictor](dataset)
