"""A comparison for people: a row for each system, a column for each metric or label."""

import math
from itertools import groupby
from statistics import median

from palimpsest.reports.config import ComparisonSpec
from palimpsest.reports.rendering import Cell, Layout, number, with_interval
from palimpsest.reports.systems import System
from palimpsest.runtime.rows import Row
from palimpsest.stats.intervals import LEVEL, POWER, Runs, difference, holm

NAMED = ("experiment", "encoder", "corpus", "mixture")
Column = tuple[str | None, str]  # label and metric


def comparison_layout(rows: list[Row], systems: list[System], spec: ComparisonSpec) -> Layout:
    """rows: of `comparison.compare`, from these systems.

    By label, the columns are labels and hold the first metric alone: the CSV has the others.
    Experiments may have other metrics: the first of each is the one that its rows are compared by.
    """
    first: dict[str, str] = {}  # by experiment
    for row in rows:
        first.setdefault(row["experiment"], row["metric"])
    columns: list[Column] = list(
        dict.fromkeys(
            (row.get("label"), row["metric"])
            for row in rows
            if not spec.by or row["metric"] == first[row["experiment"]]
        )
    )
    differing = [name for name in NAMED if len({row[name] for row in rows}) > 1] or ["encoder"]
    marks = _marks(systems, columns)
    body = []
    for key, group in groupby(rows, key=lambda row: tuple(row[name] for name in NAMED)):
        found = {(row.get("label"), row["metric"]): row for row in group}
        row = next(iter(found.values()))
        cells = [Cell(row[name]) for name in differing]
        cells.append(Cell(_trained(row)))
        for column in columns:
            shown = found.get(column)
            text = (
                with_interval(shown["mean"], shown["mean_low"], shown["mean_high"]) if shown else ""
            )
            cells.append(Cell(text, marks.get((key, column), "")))
        if not spec.by:
            main = found[None, first[row["experiment"]]]
            ends = (main["difference"], main["difference_low"], main["difference_high"])
            apart = with_interval(*ends, sign=True)
            cells.append(Cell("baseline" if main["role"] == "baseline" else apart))
            cells.append(Cell(number(main["p_holm"])))
        body.append(cells)
    header = [*differing, "runs", *(label or metric for label, metric in columns)]
    if not spec.by:
        names = ", ".join(dict.fromkeys(first.values()))
        header += [f"difference in {names}", "p (Holm)"]
    return Layout(header, body, len(differing) + 1, _below(rows, first, bool(spec.by)))


def _trained(row: Row) -> str:
    if row["role"] == "trivial":
        return "not trained"
    return f"{row['runs']}" if row["runs"] > 1 else "1 seed"


def _marks(
    systems: list[System], columns: list[Column]
) -> dict[tuple[tuple[str, ...], Column], str]:
    """The best system of each experiment in each column, and those not told apart from it.

    No mark where a system's seeds did not vary: the best may then be the luckiest.
    """
    marks = {}
    for _, group in groupby(systems, key=lambda system: system.name.experiment):
        compared = list(group)
        for column in columns:
            runs = {
                _key(system): system.runs(scores)
                for system in compared
                if (scores := system.tested().get(column))
            }
            known: dict[tuple[str, ...], Runs] = {
                key: found for key, found in runs.items() if found is not None
            }
            if len(known) < 2 or not all(found.replicated for found in known.values()):
                continue
            best = max(known, key=lambda key: float(known[key].values.mean()))
            others = [key for key in known if key != best]
            apart = holm([difference(known[best], known[key]).p for key in others])
            marks[best, column] = "best"
            alike = [key for key, p in zip(others, apart, strict=True) if p >= 1 - LEVEL]
            marks |= {(key, column): "alike" for key in alike}
    return marks


def _key(system: System) -> tuple[str, ...]:
    name = system.name
    return name.experiment, name.model, name.corpus, name.mixture


def _below(rows: list[Row], first: dict[str, str], by_label: bool) -> list[str]:
    """What a reader must know: of what the intervals speak, and what could have been found."""
    experiments = {row["experiment"]: row for row in rows}
    lines = [
        f"{name}: {row['n']:,} test examples of {row['units']:,} {row['unit']}s."
        for name, row in experiments.items()
    ]
    if any(not math.isnan(row["mean_low"]) for row in rows):
        lines.append(
            "Intervals (95%) speak of other seeds and other test units. Bold is the best of a "
            "column, underlined what is not told apart from it."
        )
    for metric in dict.fromkeys(first.values()):
        found = [
            row["detectable"]
            for row in rows
            if row["metric"] == metric == first[row["experiment"]]
            and not math.isnan(row["detectable"])
        ]
        if found:
            lines.append(
                f"A difference in {metric} of {number(median(found))} (from {number(min(found))} "
                f"to {number(max(found))}) would have been found with a power of {POWER:.0%}"
                + (", by label." if by_label else ".")
            )
    notes = dict.fromkeys(row["notes"] for row in rows if row["notes"])
    return lines + [f"{note}." for note in notes]
