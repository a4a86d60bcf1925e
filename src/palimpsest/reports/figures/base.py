"""What figures have in common: what a kind of figure is, and how all of them look."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, Name

# Okabe and Ito's colours, which people with colour-vision deficiency can tell apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
MARKS = ["o", "s", "^", "D", "v", "P"]  # so that lines can be told apart without their colours
DASHES = ["--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))]
STYLE = {
    "svg.hashsalt": "palimpsest",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


class FigureSpec(Declared):
    """What a figure depends on besides the scores that it reads. `kind` chooses who draws it."""

    @abstractmethod
    def draw(self, scores: list[Path], out: Path) -> list[Row]:
        """Draw to `out` and return the numbers as tidy rows (`reports.tidy.COLUMNS`).

        scores: tables of scores; the `wildcards` of its manifest say of what each is. The file is
        the same bytes for the same numbers. Raises UserError when scores are missing or damaged.
        """


class Figure(Declared):
    """A kind of figure as a study declares it.

    study: a `study.catalogue.Catalogue`, which this room does not import.
    """

    name: Name

    @abstractmethod
    def reads(self, study: Any) -> list[tuple[str, dict[str, Any]]]:
        """The tables that it reads: their room below the results, and their wildcards."""

    @abstractmethod
    def specified(self, study: Any) -> FigureSpec:
        """What it depends on besides these."""

    @abstractmethod
    def check(self, references: Any) -> None:
        """Add to a `study.references.References` what is not declared, or does not fit."""

    def models(self) -> set[str]:
        """The model files that it names."""
        return set()


@contextmanager
def drawing(path: Path, **panels: Any) -> Iterator[Any]:
    """A figure and its axes, an SVG file when the block ends well. panels: of `plt.subplots`.

    It is drawn into memory: what matplotlib raises while it draws is no fault of the disk.
    """
    import matplotlib  # only here: planning draws nothing

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    drawn = BytesIO()
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(**panels)
        try:
            yield figure, axes
            figure.savefig(drawn, format="svg", metadata={"Date": None})
        finally:
            plt.close(figure)
    with atomic_path(path) as temporary:
        temporary.write_bytes(drawn.getvalue())


def logarithmic(axis: Any) -> None:
    """Give an axis of drawn values a logarithmic scale with plain numbers: 200, 500, 1000."""
    from matplotlib import ticker

    axis.set_yscale("log")
    low, high = axis.get_ylim()
    numbers = (1, 1.5, 2, 3, 5, 7) if high < 10 * low else (1, 2, 5)
    axis.yaxis.set_major_locator(ticker.LogLocator(subs=numbers))
    axis.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    axis.yaxis.set_minor_formatter(ticker.NullFormatter())
