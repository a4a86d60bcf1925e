"""What was asked, kept and rejected, by LLM, prompt and context, over all rounds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import (
    Bars,
    File,
    Part,
    Section,
    Words,
    plain,
    under,
)

FILLS = 8  # of reasons, which the style tells apart; further ones are one part


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    if catalogue.study.rephrasings or catalogue.study.syntheses:
        yield "screens.csv", ""


def ended(rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[tuple[str, str], int]]:
    """How requests ended, by source, LLM, and prompt with its context.

    What a later round asks again is not ended.
    """
    found: dict[tuple[str, ...], dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        names = row["source"], row["llm"], under(row)
        found[names][row["outcome"], row["reason"]] += int(row["count"]) - int(row["retried"])
    return found


def kept(outcomes: dict[tuple[str, str], int]) -> int:
    """How many of some requests ended with an answer that passed."""
    return sum(count for (outcome, _), count in outcomes.items() if outcome == "kept")


def fills(ends: Iterable[dict[tuple[str, str], int]]) -> dict[tuple[str, str], str]:
    """The look of each reason, the same in all bars: the most frequent ones have their own."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for outcomes in ends:
        for (outcome, reason), count in outcomes.items():
            if outcome != "kept" and count:
                counts[outcome, reason] += count
    ranked = sorted(counts, key=lambda one: (-counts[one], one))
    return {one: f"why-{rank}" for rank, one in enumerate(ranked[:FILLS], start=1)}


def draw(files: list[File], facts: Row) -> list[Part]:
    if not files:
        return []
    lines: list[tuple[str, list[tuple[str, int, str]]]] = []
    ends = ended(files[0].rows())
    looks = fills(ends.values())
    for (source, llm, prompt), outcomes in ends.items():
        others = sorted(
            ((outcome, reason) for (outcome, reason), count in outcomes.items()
             if outcome != "kept" and count),
            key=lambda one: (-outcomes[one], one[1]),
        )  # fmt: skip
        parts = [("kept", kept(outcomes), "kept")]
        parts += [(plain(one[1]), outcomes[one], looks[one]) for one in others if one in looks]
        if rest := sum(outcomes[one] for one in others if one not in looks):
            parts.append(("other reasons", rest, "why-other"))
        lines.append((f"{prompt} by {llm}, of {source}", parts))
    told = (
        "Every request ends as kept, rejected by a screen for a reason, or failed without an "
        "answer. What is asked again in a later round counts by its last outcome. Shares are "
        "counts of this run: whether prompts differ was not tested."
    )
    bars = Bars("Requests by how they ended", lines)
    return [Words([told]), bars]


SECTION = Section("flow", "What was asked and kept", inputs, draw)
