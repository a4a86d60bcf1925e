"""Tables of comparisons: every number with its n and its interval."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import (
    File,
    Part,
    Section,
    Table,
    Words,
    metric_words,
    scored,
    three,
)

TRIVIAL = "trivial"  # the role of a system that nobody trained


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for table in catalogue.study.tables:
        if table.kind == "comparison":
            yield f"{table.name}.csv", table.name


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        rows = file.rows()
        head = ["system", "score (95% interval)", "verdict", "difference (95% interval)"]
        head += ["score without overlapping", "fine-tuned on", "experiment", "label", "metric", "n"]
        head += ["overlapping", "units", "runs", "limits"]
        shown = [
            [
                _system(row), scored(row["mean"], row["mean_low"], row["mean_high"]),
                verdict(row),
                scored(row["difference"], row["difference_low"], row["difference_high"], "+"),
                scored(row["mean_without_overlap"], "", ""),
                row["mixture"], row["experiment"], row.get("label", ""),
                metric_words(row["metric"]), three(row["n"]), three(row["overlapping"]),
                f"{three(row['units'])} {row['unit']}s", row["runs"], row["notes"],
            ]
            for row in rows
        ]  # fmt: skip
        caption = f"{file.title}: scores on the test set"
        parts.append(Table(caption, head, shown, {1, 3, 4, 9, 10, 11, 12}).trimmed())
    if parts:
        parts.append(
            Words(
                [
                    "A score is a mean over runs. Its interval speaks of everything that varied: "
                    "seeds, and units of the test set. Overlapping are test examples of which all "
                    "words, or half of the sequences of 13 words, stand in what the system was "
                    "trained on. A difference is paired with the baseline; 'higher' and 'lower' "
                    "hold after correction over the rows of a metric. Trivial systems are those "
                    "that nobody had to train."
                ]
            )
        )
    return parts


def _system(row: dict[str, str]) -> str:
    if row["role"] == TRIVIAL:
        return f"{row['encoder']} (trivial)"
    told = "as published" if row["corpus"] == "none" else f"pretrained on {row['corpus']}"
    return f"{row['encoder']} {told}"


def verdict(row: dict[str, str]) -> str:
    """What a row is said to be: what was tested, or of what was not, where its interval lies."""
    if row["role"] == "baseline":
        return "baseline"
    if row["verdict"]:
        return row["verdict"]
    if not (row["difference_low"] and row["difference_high"]):
        return "not tested"
    low, high = float(row["difference_low"]), float(row["difference_high"])
    where = "below the baseline" if high < 0 else "above the baseline" if low > 0 else "holds 0"
    return f"interval {where}, not corrected"


SECTION = Section("comparisons", "Scores on tasks", inputs, draw)
