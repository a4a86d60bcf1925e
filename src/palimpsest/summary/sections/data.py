"""Patients by split, and how much of test sets was trained on."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Words, percent, three


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    yield "splits.csv", "splits"
    study = catalogue.study
    if study.experiments or study.evaluations and study.corpora:
        yield "overlap.csv", "overlap"


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        rows = file.rows()
        if file.title == "splits":
            shown = [
                [row["name"], row["place"], row["split"], f"{three(row['units'])} {row['unit']}s",
                 three(row["examples"])] for row in rows
            ]  # fmt: skip
            head = ["name", "what", "split", "units", "notes or examples"]
            parts.append(Table("Who is in which split", head, shown, {3, 4}))
            parts.append(
                Words(
                    ["No patient who trains anything is in a valid or test set: this is checked."]
                )
            )
        else:
            shown = [
                [row["judged"], row["trained_on"], three(row["n"]), three(row["exact"]),
                 three(row["overlapping"]), percent(row["overlapping_share"])] for row in rows
            ]  # fmt: skip
            head = ["judged", "trained on", "n", "same words", "overlapping", "share"]
            caption = "How much of each test set stands in what was trained on"
            parts.append(Table(caption, head, shown, {2, 3, 4, 5}))
    return parts


SECTION = Section("data", "Patients and overlap", inputs, draw)
