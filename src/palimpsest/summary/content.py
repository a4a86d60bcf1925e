"""What a section of the report is made of: paragraphs, tables, bars and pictures."""

import base64
import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from palimpsest.runtime.files import read_text
from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.rows import Row


@dataclass(frozen=True)
class File:
    """A file that is shown. name: its path below the results."""

    name: str
    title: str
    path: Path

    def text(self) -> str:
        return read_text(self.path)

    def rows(self) -> list[dict[str, str]]:
        """The rows of a CSV file."""
        return list(csv.DictReader(io.StringIO(self.text(), newline="")))

    def picture(self) -> str:
        """The file as what an `img` shows."""
        data = base64.b64encode(self.path.read_bytes()).decode()
        return f"data:image/svg+xml;base64,{data}"


@dataclass(frozen=True)
class Table:
    """Rows for people. numeric: columns that are aligned to the right. note: below the caption."""

    caption: str
    head: list[str]
    rows: list[list[str]]
    numeric: set[int] = field(default_factory=set)
    note: str = ""
    kind: str = "table"

    def trimmed(self) -> "Table":
        """The table without empty columns, and without those that are the same in all rows.

        The note tells what these have. The first column stays: it names the rows.
        """
        met = [{row[at] for row in self.rows} for at in range(len(self.head))]
        several = len(self.rows) > 1
        same = {at for at, cells in enumerate(met) if at and several and len(cells) == 1}
        told = [f"{self.head[at]} {self.rows[0][at]}" for at in sorted(same) if self.rows[0][at]]
        left = [at for at, cells in enumerate(met) if at not in same and (cells - {""} or not at)]
        return Table(
            self.caption,
            [self.head[at] for at in left],
            [[row[at] for at in left] for row in self.rows],
            {new for new, at in enumerate(left) if at in self.numeric},
            f"In all rows: {'; '.join(told)}." if told else "",
        )


@dataclass(frozen=True)
class Bars:
    """What becomes of something, each line a whole that is divided. parts: name, number, look."""

    caption: str
    lines: list[tuple[str, list[tuple[str, int, str]]]]
    kind: str = "bars"

    def total(self, parts: list[tuple[str, int, str]]) -> int:
        return sum(count for _, count, _ in parts)


@dataclass(frozen=True)
class Words:
    """A paragraph, or with several lines a list."""

    lines: list[str]
    kind: str = "words"


@dataclass(frozen=True)
class Picture:
    """A figure, its caption and the numbers in it."""

    source: str
    caption: str
    numbers: Table | None = None
    kind: str = "picture"


@dataclass(frozen=True)
class Wording:
    """What was said word for word, folded away. said: who is told, or says so, and what."""

    title: str
    said: list[tuple[str, str]]
    kind: str = "wording"


@dataclass(frozen=True)
class Link:
    """A file beside the page. target: its path below the results."""

    before: str
    target: str
    kind: str = "link"


Part = Table | Bars | Words | Picture | Wording | Link
FEW_UNITS = 20  # fewer say little about others


@dataclass(frozen=True)
class Section:
    """A section of the report.

    inputs: of a study's catalogue, the files that it shows: below the results, each with a title;
    none where the study has nothing of it. draw: these files and the study's facts as parts.
    """

    name: str
    title: str
    inputs: Callable[[Any], Iterable[tuple[str, str]]]
    draw: Callable[[list[File], Row], list[Part]]


def interval(value: str, low: str, high: str) -> str:
    """A number with its 95% interval, where there is one."""
    if value in ("", None):
        return ""
    shown = three(value)
    return f"{shown} ({three(low)} to {three(high)})" if low and high else shown


def scored(value: str, low: str, high: str, sign: str = "") -> str:
    """A score between -1 and 1 with its 95% interval, all to three places. sign: `+` to show it."""
    if value in ("", None):
        return ""
    told = [f"{float(one):{sign}.3f}" for one in (value, low, high) if one]
    return f"{told[0]} ({told[1]} to {told[2]})" if len(told) == 3 else told[0]


def counted(verdicts: Mapping[str, int]) -> str:
    """How many there are of each verdict, of those that there are: `2 higher, 1 lower`."""
    return ", ".join(f"{count:,} {verdict}" for verdict, count in verdicts.items() if count)


def several(count: str, thing: str) -> str:
    """How many of a thing there are: `1 patient`, `2 patients`. count: a CSV cell."""
    return f"{three(count)} {thing}{'s' * (count != '1')}"


def metric_words(name: str) -> str:
    """The name of a metric as people read it."""
    return name.replace("_", " ").replace("f1", "F1")


def span(numbers: Iterable[int]) -> str:
    """The least and the greatest of some numbers: `3`, `3 to 5`."""
    first, *others = sorted(numbers)
    return f"{first:,} to {others[-1]:,}" if others and others[-1] != first else f"{first:,}"


def three(value: str) -> str:
    """A number of a CSV cell as people read it."""
    try:
        number = float(value)
    except ValueError:
        return value
    if number == int(number) and "." not in value:
        return f"{int(number):,}"
    return f"{number:,.0f}" if abs(number) >= 1_000 else f"{number:.3g}"


def percent(value: str) -> str:
    """A share of a CSV cell in percent."""
    return f"{100 * float(value):.0f}%" if value else ""


def percents(value: str, low: str, high: str) -> str:
    """A share with its 95% interval in percent, where there is one."""
    if not value:
        return ""
    shown = f"{100 * float(value):.3g}%"
    ends = [f"{100 * float(end):.3g}%" for end in (low, high) if end]
    return f"{shown} ({ends[0]} to {ends[1]})" if len(ends) == 2 else shown


def under(row: dict[str, str]) -> str:
    """The prompt of a row, with the context where it was asked in one."""
    return row["prompt"] + (
        "" if row["context"] in ("", NO_CONTEXT) else f" in context {row['context']}"
    )


def plain(reason: str) -> str:
    """A code, such as a reason or a key, as words."""
    return reason.replace("_", " ")
