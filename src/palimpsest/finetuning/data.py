"""What a classifier is trained on: parts of labelled sets, phase after phase."""

from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_table

COLUMNS = ["sentence_id", "text", "categories", "group", "split"]
ALL = "all"  # the size that takes every gold sentence
Rows = list[dict[str, Any]]


def read_set(path: Path, labels: list[str]) -> Rows:
    """The sentences of a labelled set.

    Raises UserError when it cannot be read, or a sentence has a category that is none of `labels`.
    """
    rows = read_table(path, COLUMNS).to_pylist()
    for row in rows:
        unknown = [name for name in row["categories"] if name not in labels]
        if unknown:
            raise UserError(
                f"{path}: sentence {row['sentence_id']!r} has the categories {unknown}, which are "
                f"none of {labels}"
            )
    return rows


def of_split(name: str, rows: Rows, split: str) -> Rows:
    """The rows of one split of the set `name`. Raises UserError when there are none."""
    found = [row for row in rows if row["split"] == split]
    if not found:
        raise UserError(f"the labelled set '{name}' has no {split} sentences")
    return found


def first_gold(name: str, train: Rows, size: str) -> Rows:
    """The first `size` train sentences of gold, whose table has them in sampling order.

    A smaller size is therefore a part of a larger one.
    size: a number or `all`. Raises UserError when there are fewer.
    """
    if size == ALL:
        return train
    if int(size) > len(train):
        raise UserError(
            f"{size} train sentences of '{name}' are asked for, and it has {len(train)}"
        )
    return train[: int(size)]


def training_phases(
    sets: dict[str, Rows], gold: str, phases: list[list[dict[str, Any]]], size: str
) -> tuple[list[list[tuple[dict[str, Any], float]]], dict[str, int]]:
    """The rows of each phase with their weights, and the number of train sentences by set.

    sets: rows by name. gold: the set of which only `size` sentences are taken.
    phases: lists of {set, weight}.
    Raises UserError when a set has no train sentences, gold has too few, or `size` is a number
    and no phase has gold.
    """
    used = {part["set"] for phase in phases for part in phase}
    if size != ALL and gold not in used:
        raise UserError(f"{size} sentences of '{gold}' are asked for, and no phase trains on it")
    taken = {}
    for name in sorted(used):
        train = of_split(name, sets[name], "train")
        taken[name] = first_gold(name, train, size) if name == gold else train
    made = [
        [(row, part["weight"]) for part in phase for row in taken[part["set"]]] for phase in phases
    ]
    return made, {name: len(rows) for name, rows in taken.items()}
