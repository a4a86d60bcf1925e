"""How good silver is: an LLM's labels against gold, and against its own check.

Gold is that of the notes whose sentences were labelled, or a dataset whose sentences the LLM was
asked about as well. Without either, only what the check confirmed is known.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from palimpsest.runtime.labels import ANY, COMPARED
from palimpsest.runtime.rows import Row
from palimpsest.stats.agreement import (
    CONFUSION,
    MEASURES,
    agreements,
    by_group,
    confusion,
    share_interval,
)
from palimpsest.stats.f1 import label_columns

CONFIRMED = ["checked", "confirmed_share", "confirmed_low", "confirmed_high"]
MEASURED = [f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")]
COLUMNS = [
    "stage", "category", "asked", "sentences", "silver_positives", *CONFIRMED, "gold", "compared",
    "not_compared", "units", "gold_positives", *CONFUSION, *MEASURED,
]  # fmt: skip
LABELLED, CHECKED = "labelled", "checked"
OF_NOTES, NO_GOLD = "notes", "none"  # in the column `gold`, which else names a dataset
FEWEST = 20  # units, below which intervals say little
Place = tuple[int, int]  # character offsets in a note, end exclusive
Stages = dict[str, dict[str, set[str]]]  # the LLM's categories by stage and sentence


@dataclass
class Gold:
    """What an LLM's labels are compared with. truth, groups: by sentence."""

    name: str
    truth: dict[str, set[str]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    not_compared: int = 0
    unknown: Counter[str] = field(default_factory=Counter)  # labels that the taxonomy lacks

    def add(self, sentence: str, group: str, labels: set[str], names: list[str]) -> None:
        """Take a sentence. names: of the taxonomy."""
        self.truth[sentence], self.groups[sentence] = labels & set(names), group
        self.unknown.update(sorted(labels - set(names)))


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


def gold_of_notes(silver: list[Row], notes: Iterable[Row], names: list[str]) -> Gold | None:
    """The gold of those examples that overlap gold sentences of their notes.

    silver: example_id, group, note_id, start and end. notes: note_id and sentences
    (`notes.schema.GOLD`), in any order and each once. None where no note has gold sentences.
    """
    places = defaultdict(list)
    for example in silver:
        places[example["note_id"]].append(example)
    found, any_gold = Gold(OF_NOTES), False
    for note in notes:
        gold = [(row["start"], row["end"], row["categories"]) for row in note["sentences"] or []]
        any_gold = any_gold or bool(gold)
        for example in places.get(note["note_id"], ()):
            labels = gold_of((example["start"], example["end"]), gold)
            if labels is not None:
                found.add(example["example_id"], example["group"], labels, names)
    found.not_compared = len(silver) - len(found.truth)
    return found if any_gold else None


def gold_of_dataset(
    dataset: str, examples: Iterable[Row], asked: set[str], unanswered: set[str], names: list[str]
) -> Gold:
    """The gold of a dataset whose sentences the LLM was asked about.

    examples: example_id, group and labels of the dataset. asked, unanswered: sentence_ids; those
    that lack an answer about a category are not compared.
    """
    found = Gold(dataset)
    for example in examples:
        name = f"{COMPARED}{example['example_id']}"
        if name in unanswered:
            found.not_compared += 1
        elif name in asked:
            found.add(name, example["group"], set(example["labels"]), names)
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
    silver: list[Row], stages: Stages, golds: list[Gold], names: list[str], asked: int
) -> pd.DataFrame:
    """A row of COLUMNS for each gold, stage and category, and for `any` of them.

    silver: example_id and group of the dataset's sentences; all stages are judged on these.
    golds: what there is to compare with; where there is nothing, the row says so and its numbers
    are empty. asked: candidates that the LLM was asked about. Intervals are over patients; a
    measure is empty where it is undefined.
    """
    ids = [example["example_id"] for example in silver]
    groups = [example["group"] for example in silver]
    given = {
        stage: label_columns([labels.get(name, set()) for name in ids], names)
        for stage, labels in stages.items()
    }
    rows = []
    for gold in golds or [None]:
        for stage, labels in stages.items():
            upheld = confirmed(given, groups) if stage == CHECKED else [{}] * (len(names) + 1)
            against = compared(gold, labels, names) if gold else [{"gold": NO_GOLD, "compared": 0}]
            against *= 1 if gold else len(names) + 1
            for column, category in enumerate([*names, ANY]):
                row = {"stage": stage, "category": category, "asked": asked}
                row |= {"sentences": len(silver)}
                row |= {"silver_positives": int(given[stage][:, column].sum())}
                rows.append(row | upheld[column] | against[column])
    table = pd.DataFrame(rows, columns=COLUMNS)
    counts = ["checked", "not_compared", "units", "gold_positives", *CONFUSION]
    return table.astype(dict.fromkeys(counts, "Int64"))  # which may be empty


def compared(gold: Gold, labels: dict[str, set[str]], names: list[str]) -> list[Row]:
    """What gold says of an LLM's labels, by category and for any."""
    order = list(gold.truth)
    truth = label_columns([gold.truth[name] for name in order], names)
    found = label_columns([labels.get(name, set()) for name in order], names)
    counts = by_group(confusion(truth, found), [gold.groups[name] for name in order])
    named = {"gold": gold.name, "compared": len(order), "not_compared": gold.not_compared}
    named |= {"units": len(counts)}
    return [
        {**named, "gold_positives": agreement["tp"] + agreement["fn"], **agreement}
        for agreement in agreements(counts)
    ]


def confirmed(given: dict[str, np.ndarray], groups: list[str]) -> list[Row]:
    """How many labels were checked, by category, and the share that the check confirmed."""
    asked = by_group(given[LABELLED].astype(int), groups)
    upheld = by_group((given[LABELLED] & given[CHECKED]).astype(int), groups)
    rows = []
    for trials, hits in zip(asked.T, upheld.T, strict=True):
        total = int(trials.sum())
        value = int(hits.sum()) / total if total else float("nan")
        numbers = (total, value, *share_interval(hits, trials))
        rows.append(dict(zip(CONFIRMED, numbers, strict=True)))
    return rows
