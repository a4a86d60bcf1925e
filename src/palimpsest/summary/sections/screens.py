"""What the screens rejected, by reason and round."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, percent, plain, three, under


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    if catalogue.study.rephrasings or catalogue.study.syntheses:
        yield "screens.csv", ""
        yield "screens.monitor.csv", ""


def draw(files: list[File], facts: Row) -> list[Part]:
    if not files:
        return []
    head = ["source", "LLM", "prompt", "round", "outcome", "reason", "answers", "share", "again"]
    # Never the column of examples: it names notes.
    shown = [
        [
            row["source"], row["llm"], under(row), row["round"], row["outcome"],
            plain(row["reason"]), three(row["count"]), percent(row["share"]), three(row["retried"]),
        ]
        for row in files[0].rows()
    ]  # fmt: skip
    alike = [
        [
            row["source"], row["llm"], under(row), three(row["rephrases"]),
            percent(row["same_start"]), three(row["self_bleu"]),
        ]
        for row in files[1].rows()
    ]  # fmt: skip
    return [
        Table("Answers by outcome and reason", head, shown, {6, 7, 8}),
        Table(
            "How alike what was kept is (1: all the same)",
            ["source", "LLM", "prompt", "kept", "same three first words", "self-BLEU"],
            alike,
            {3, 4, 5},
        ),
    ]


SECTION = Section("screens", "Screens", inputs, draw)
