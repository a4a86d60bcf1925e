"""How good silver is: an LLM's labels against the gold of the same notes."""

from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from palimpsest.runtime.labels import ANY
from palimpsest.runtime.rows import Row
from palimpsest.stats.agreement import CONFUSION, agreements, by_group, confusion
from palimpsest.stats.f1 import label_columns

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


def compared(examples: list[Row], notes: Iterable[Row]) -> dict[str, set[str]]:
    """The gold categories of those examples that overlap gold sentences, by example_id.

    examples: example_id, note_id, start and end. notes: note_id and sentences
    (`notes.schema.GOLD`), in any order and each once.
    """
    places = defaultdict(list)
    for example in examples:
        places[example["note_id"]].append(example)
    found = {}
    for note in notes:
        gold = [(row["start"], row["end"], row["categories"]) for row in note["sentences"] or []]
        for example in places.get(note["note_id"], ()):
            categories = gold_of((example["start"], example["end"]), gold)
            if categories is not None:
                found[example["example_id"]] = categories
    return found


def said_yes(labels: Iterable[Row], answer: str = "answer") -> dict[str, set[str]]:
    """The categories that an LLM found in sentences, by sentence_id.

    answer: the column of LABELS that says so: `answer`, or `uncalibrated`.
    """
    found = defaultdict(set)
    for label in labels:
        if label[answer]:
            found[label["sentence_id"]].add(label["category"])
    return found


def quality(
    silver: list[Row],
    stages: dict[str, dict[str, set[str]]],
    gold: dict[str, set[str]],
    names: list[str],
    asked: int,
    seed: int,
) -> pd.DataFrame:
    """A row of COLUMNS for each stage and category, and for `any` of them.

    silver: example_id and group of the dataset's sentences; all stages are judged on these.
    stages: the labels, by stage and example_id. gold: from `compared`. asked: sentences that the
    LLM was asked about. Kappa is empty where it is undefined, as without gold; its interval
    resamples patients.
    """
    ids = [example["example_id"] for example in silver]
    with_gold = [index for index, name in enumerate(ids) if name in gold]
    truth = label_columns([gold[ids[index]] for index in with_gold], names)
    groups = [silver[index]["group"] for index in with_gold]
    rows = []
    for stage, labels in stages.items():
        found = label_columns([labels.get(name, set()) for name in ids], names)
        counts = by_group(confusion(truth, found[with_gold]), groups)
        for name, positives, agreement in zip(
            [*names, ANY], found.sum(axis=0), agreements(counts, seed), strict=True
        ):
            row = {"stage": stage, "category": name, "asked": asked, "sentences": len(silver)}
            row |= {"silver_positives": int(positives), "compared": len(with_gold)}
            rows.append(row | {"gold_positives": agreement["tp"] + agreement["fn"]} | agreement)
    return pd.DataFrame(rows, columns=COLUMNS)
