"""What was asked, kept and rejected, by LLM, prompt and context, over all rounds."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import Bars, File, Part, Section, Words, plain, under

LARGEST = 4  # reasons that a line names; the others are one part


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


def draw(files: list[File], facts: Row) -> list[Part]:
    if not files:
        return []
    lines: list[tuple[str, list[tuple[str, int, str]]]] = []
    shares: dict[str, list[tuple[float, str, str, int, int]]] = defaultdict(list)
    for (source, llm, prompt), outcomes in ended(files[0].rows()).items():
        kept = sum(count for (outcome, _), count in outcomes.items() if outcome == "kept")
        total = sum(outcomes.values())
        others = sorted(
            ((outcome, reason, count) for (outcome, reason), count in outcomes.items()
             if outcome != "kept" and count),
            key=lambda one: (-one[2], one[1]),
        )  # fmt: skip
        parts = [("kept", kept, "kept")]
        parts += [(plain(reason), count, outcome) for outcome, reason, count in others[:LARGEST]]
        if rest := sum(count for _, _, count in others[LARGEST:]):
            parts.append(("other reasons", rest, "rejected"))
        lines.append((f"{prompt} by {llm}, of {source}", parts))
        shares[source].append((kept / total if total else 0, prompt, llm, kept, total))
    told = []
    for source, listed in shares.items():
        share, prompt, llm, kept, total = max(listed)
        told.append(
            f"Of {source}, the largest share was kept under the prompt {prompt} by {llm}: {kept:,} "
            f"of {total:,} ({100 * share:.0f}%)."
        )
    told.append(
        "Every request ends as kept, rejected by a screen for a reason, or failed without an "
        "answer. What is asked again in a later round counts by its last outcome."
    )
    return [Words(told), Bars("Requests by how they ended", lines)]


SECTION = Section("flow", "What was asked and kept", inputs, draw)
