"""How good silver is: an LLM's labels held against the gold of the same notes."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from palimpsest.stats.agreement import CONFUSION, agreements, by_group, confusion, with_any

KAPPA = ["kappa", "kappa_low", "kappa_high"]
COLUMNS = [
    "stage", "category", "asked", "sentences", "silver_positives", "compared", "gold_positives",
    *CONFUSION, *KAPPA,
]  # fmt: skip
Place = tuple[int, int]  # character offsets in a note, end exclusive


def gold_of(place: Place, gold: Iterable[tuple[int, int, list[str]]]) -> set[str] | None:
    """The categories of the gold sentences that a place overlaps; None where it overlaps none.

    It overlaps one if they share at least half of the shorter's characters. gold: start, end and
    categories.
    """
    start, end = place
    found: set[str] | None = None
    for first, last, categories in gold:
        shared = min(end, last) - max(start, first)
        if shared > 0 and 2 * shared >= min(end - start, last - first):
            found = (found or set()) | set(categories)
    return found


def compared(
    sentences: list[dict[str, Any]], notes: Iterable[dict[str, Any]]
) -> dict[str, set[str]]:
    """The gold categories of those sentences that overlap gold sentences, by sentence_id.

    sentences: sentence_id, note_id, start and end. notes: note_id and sentences
    (`notes.schema.GOLD`), in any order and each once.
    """
    places = defaultdict(list)
    for sentence in sentences:
        places[sentence["note_id"]].append(sentence)
    found = {}
    for note in notes:
        gold = [(one["start"], one["end"], one["categories"]) for one in note["sentences"] or []]
        for sentence in places.get(note["note_id"], ()):
            categories = gold_of((sentence["start"], sentence["end"]), gold)
            if categories is not None:
                found[sentence["sentence_id"]] = categories
    return found


def said_yes(decisions: Iterable[dict[str, Any]], answer: str = "answer") -> dict[str, set[str]]:
    """The categories that an LLM found in sentences, by sentence_id.

    answer: the column of DECISIONS that says so: `answer`, or `uncalibrated`.
    """
    found = defaultdict(set)
    for decision in decisions:
        if decision[answer]:
            found[decision["sentence_id"]].add(decision["category"])
    return found


def quality(
    silver: list[dict[str, Any]],
    stages: dict[str, dict[str, set[str]]],
    gold: dict[str, set[str]],
    names: list[str],
    asked: int,
    seed: int,
) -> pd.DataFrame:
    """A row of COLUMNS for each stage and category, and for `any` of them.

    silver: sentence_id and group of the sentences of the set; all stages are judged on these.
    stages: the labels, by stage and sentence_id. gold: from `compared`. asked: sentences that the
    LLM was asked about. Kappa is empty where it is undefined, as without gold; its interval
    resamples patients.
    """
    with_gold = [at for at, sentence in enumerate(silver) if sentence["sentence_id"] in gold]
    ids = [sentence["sentence_id"] for sentence in silver]
    truth = _table([gold[ids[at]] for at in with_gold], names)
    groups = [silver[at]["group"] for at in with_gold]
    rows = []
    for stage, labels in stages.items():
        found = _table([labels.get(name, set()) for name in ids], names)
        counts = by_group(confusion(truth, found[with_gold]), groups)
        for name, positives, one in zip(
            [*names, "any"], found.sum(axis=0), agreements(counts, seed), strict=True
        ):
            row = {"stage": stage, "category": name, "asked": asked, "sentences": len(silver)}
            row |= {"silver_positives": int(positives), "compared": len(with_gold)}
            rows.append(row | {"gold_positives": one["tp"] + one["fn"]} | one)
    return pd.DataFrame(rows, columns=COLUMNS)


def _table(labels: list[set[str]], names: list[str]) -> np.ndarray:
    """Labels as booleans of shape (sentences, categories + 1), the last column for any."""
    table = np.array([[name in one for name in names] for one in labels], bool)
    return with_any(table.reshape(len(labels), len(names)))
