"""What the screens rejected, by reason and round."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import (
    File,
    Part,
    Section,
    Table,
    Words,
    percent,
    plain,
    three,
    under,
)


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    if catalogue.study.rephrasings or catalogue.study.syntheses:
        yield "screens.csv", ""
        yield "screens.monitor.csv", ""


def draw(files: list[File], facts: Row) -> list[Part]:
    if not files:
        return []
    head = ["prompt", "outcome", "answers", "share", "source", "LLM", "round", "asked again"]
    # Never the column of examples: it names notes.
    shown = [
        [
            under(row), ": ".join(filter(None, [row["outcome"], plain(row["reason"])])),
            three(row["count"]), percent(row["share"]), row["source"], row["llm"], row["round"],
            three(row["retried"]),
        ]
        for row in files[0].rows()
    ]  # fmt: skip
    alike = [
        [
            under(row), percent(row["same_start"]), three(row["self_bleu"]),
            three(row["rephrases"]), row["source"], row["llm"],
        ]
        for row in files[1].rows()
    ]  # fmt: skip
    return [
        Words([_in_all(files[0].rows())]),
        Table("Answers by outcome and reason", head, shown, {2, 3, 7}).trimmed(),
        Table(
            "How alike what was kept is",
            ["prompt", "same three first words", "self-BLEU (1: all the same)", "kept", "source",
             "LLM"],
            alike,
            {1, 2, 3},
        ).trimmed(),
        Words(["Shares and self-BLEU are of the answers of this run, without intervals."]),
    ]  # fmt: skip


def _in_all(rows: list[dict[str, str]]) -> str:
    """How many answers of all were rejected, and for which reason most."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["reason"] if row["outcome"] == "rejected" else ""] += int(row["count"])
    rejected = counts.total() - counts.pop("", 0)
    most = "".join(f", most of them as {plain(one)} ({n:,})" for one, n in counts.most_common(1))
    return f"{rejected:,} of {sum(int(row['count']) for row in rows):,} were rejected{most}."


SECTION = Section("screens", "Screens", inputs, draw)
