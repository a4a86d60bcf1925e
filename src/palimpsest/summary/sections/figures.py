"""Figures with their captions and numbers."""

import re
from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import (
    File,
    Part,
    Picture,
    Section,
    Table,
    interval,
    metric_words,
    plain,
    scored,
    three,
)

OF_FIDELITY = ("fidelity", "judge")  # kinds that have a section of their own
NUMBER = r"(?:-?\d[\d.e+-]*)?"  # of a cell, which may be empty


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for figure in catalogue.study.figures:
        if figure.kind not in OF_FIDELITY:
            yield from files_of(figure)


def files_of(figure: Any) -> Iterator[tuple[str, str]]:
    """What is shown of a figure: its picture, its caption and its numbers."""
    for ending in ("svg", "txt", "csv"):
        yield f"{figure.name}.{ending}", figure.name


def draw(files: list[File], facts: Row) -> list[Part]:
    return [drawn(*shown) for shown in zip(files[::3], files[1::3], files[2::3], strict=True)]


def drawn(picture: File, caption: File, table: File) -> Picture:
    """A figure by its files."""
    said = f"{picture.title}. {caption.text().strip()}"
    return Picture(picture.picture(), said, _numbers(table))


def _numbers(file: File) -> Table:
    """The means that are drawn; of a figure with a table of its own, what that has.

    Where every row is of a single seed, as of curves, the last of each.
    """
    every = file.rows()
    rows = [row for row in every if row.get("role") != "seed"]
    if every and not rows:
        return _last(file.title, every)
    if rows and "role" not in rows[0]:
        head = [name for name in rows[0] if name != "examples"]  # ids of notes
        numeric = {
            at
            for at, name in enumerate(head)
            if all(re.fullmatch(NUMBER, row[name]) for row in rows)
        }
        told = [
            [three(row[name]) if at in numeric else row[name] for at, name in enumerate(head)]
            for row in rows
        ]
        return Table(f"{file.title}: the numbers", head, told, numeric).trimmed()
    head = ["panel", "value (95% interval)", "metric", "series", "what", "x", "seeds", "units"]
    shown = [
        [
            row["panel"], _value(row),
            metric_words(row["metric"]), row["series"], plain(row["role"]), row["x"],
            three(row["seeds"]), three(row["units"]),
        ]
        for row in rows
    ]  # fmt: skip
    return Table(f"{file.title}: the numbers", head, shown, {1, 6, 7}).trimmed()


def _value(row: dict[str, str]) -> str:
    """With its interval; a ratio to three places, for ends near 1 are what matters."""
    of = scored if row["role"].startswith("over_") else interval
    return of(row["value"], row["low"], row["high"])


def _last(title: str, rows: list[dict[str, str]]) -> Table:
    """The last value of each line of a figure without means."""
    ends = {(row["panel"], row["metric"], row["seed"]): row for row in rows}
    shown = [
        [panel, three(row["value"]), metric_words(metric), seed, three(row["x"])]
        for (panel, metric, seed), row in ends.items()
    ]
    head = ["panel", "last value", "metric", "seed", "x axis at"]
    return Table(f"{title}: where each line ends", head, shown, {1, 3, 4}).trimmed()


SECTION = Section("figures", "Figures", inputs, draw)
