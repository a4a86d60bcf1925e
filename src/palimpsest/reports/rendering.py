"""Tables for people: Markdown and LaTeX (booktabs) of one layout."""

import re
from dataclasses import dataclass
from pathlib import Path

from palimpsest.runtime.files import write_text

ESCAPED = re.compile(r"[&%$#_{}~^\\]")
SPELLED = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}


@dataclass(frozen=True)
class Cell:
    """A text; bold as the best of its column, or underlined as not told apart from it."""

    text: str
    mark: str = ""  # `best`, `alike` or nothing


@dataclass(frozen=True)
class Layout:
    """A table: its header, its rows, the number of leading columns with words, and lines below."""

    header: list[str]
    rows: list[list[Cell]]
    words: int
    below: list[str]


def number(value: float, digits: int = 3) -> str:
    """A number for people; nothing for NaN."""
    return "" if value != value else f"{value:.{digits}f}"


def with_interval(value: float, low: float, high: float, sign: bool = False) -> str:
    """A number and its interval; the number alone where there is none."""
    shown = f"{value:+.3f}" if sign and value == value else number(value)
    return shown if low != low else f"{shown} [{number(low)}, {number(high)}]"


def write_layout(table: Path, layout: Layout) -> None:
    """Write a layout beside the CSV of its table, as `.md` and as `.tex`."""
    write_text(table.with_suffix(".md"), markdown(layout))
    write_text(table.with_suffix(".tex"), latex(layout))


def markdown(layout: Layout) -> str:
    """The table in Markdown; `best` is bold, `alike` underlined."""

    def shown(cell: Cell) -> str:
        text = cell.text.replace("|", r"\|")
        return {"best": f"**{text}**", "alike": f"<u>{text}</u>"}.get(cell.mark, text)

    ruler = [":--" if index < layout.words else "--:" for index in range(len(layout.header))]
    lines = [layout.header, ruler, *([shown(cell) for cell in row] for row in layout.rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n" + "\n".join(f"- {line}" for line in layout.below) + "\n"


def latex(layout: Layout) -> str:
    """The table in LaTeX, for `\\usepackage{booktabs}`; the lines below are comments."""

    def shown(cell: Cell) -> str:
        text = escaped(cell.text)
        return {"best": rf"\textbf{{{text}}}", "alike": rf"\underline{{{text}}}"}.get(
            cell.mark, text
        )

    columns = "l" * layout.words + "r" * (len(layout.header) - layout.words)
    lines = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(map(escaped, layout.header)) + r" \\",
        r"\midrule",
        *(" & ".join(map(shown, row)) + r" \\" for row in layout.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(f"% {line}" for line in layout.below),
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text as LaTeX sets it."""
    return ESCAPED.sub(lambda found: SPELLED.get(found[0], rf"\{found[0]}"), text)
