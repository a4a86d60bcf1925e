"""How much of test sets was trained on."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Words, percent, three


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    study = catalogue.study
    if study.experiments or study.evaluations and study.corpora:
        yield "overlap.csv", "overlap"


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        shown = [
            [row["judged"], row["trained_on"], three(row["overlapping"]), three(row["n"]),
             percent(row["overlapping_share"]), three(row["exact"])] for row in file.rows()
        ]  # fmt: skip
        head = ["judged", "trained on", "overlapping", "of", "share", "same words"]
        caption = "How much of each test set stands in what was trained on"
        parts.append(Table(caption, head, shown, {2, 3, 4, 5}).trimmed())
        parts.append(
            Words(
                [
                    "Overlapping: all words of the example, or at least half of its sequences of "
                    "13 words, stand in what was trained on, whatever their case and "
                    "punctuation. Same words: a text of the same words was trained on."
                ]
            )
        )
    return parts


SECTION = Section("overlap", "Overlap of test sets with what was trained on", inputs, draw)
