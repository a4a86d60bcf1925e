"""Tables of comparisons: every number with its n and its interval."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Words, interval, three


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for table in catalogue.study.tables:
        if table.kind == "comparison":
            yield f"{table.name}.csv", table.name


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        rows = file.rows()
        by_label = "label" in rows[0] if rows else False
        head = ["encoder", "corpus", "fine-tuned on", *(["label"] if by_label else [])]
        words = len(head) + 1
        head += ["metric", "score (95% interval)", "n", "overlapping", "units", "runs"]
        head += ["difference (95% interval)", "verdict", "limits"]
        shown = [
            [
                row["encoder"], row["corpus"], row["mixture"],
                *([row["label"]] if by_label else []), row["metric"],
                interval(row["mean"], row["mean_low"], row["mean_high"]), three(row["n"]),
                three(row["overlapping"]), f"{three(row['units'])} {row['unit']}s", row["runs"],
                interval(row["difference"], row["difference_low"], row["difference_high"]),
                "baseline" if row["role"] == "baseline" else row["verdict"], row["notes"],
            ]
            for row in rows
        ]  # fmt: skip
        parts.append(
            Table(
                f"{file.title}: scores on the test set",
                head,
                shown,
                {words, words + 1, words + 2, words + 4},
            )
        )
    if parts:
        parts.append(
            Words(
                [
                    "A score is a mean over runs. Its interval speaks of everything that varied: "
                    "seeds, and units of the test set. Overlapping are test examples that "
                    "stand, whole or in half of their wording, in what the system was trained on. "
                    "A difference is paired with the baseline; 'higher' and 'lower' hold after "
                    "correction over the rows of a metric. Trivial rows are of systems that nobody "
                    "trained."
                ]
            )
        )
    return parts


SECTION = Section("comparisons", "Scores on tasks", inputs, draw)
