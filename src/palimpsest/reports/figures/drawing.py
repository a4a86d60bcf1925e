"""How all figures look: one column wide, and told apart without colours."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.rows import Row

Look = dict[str, Any]  # options of matplotlib
WIDTH = 3.35  # inches: one column of a paper, 8.5 cm
DOTS = 300  # of a PNG, an inch
# Okabe and Ito's colours, which people with colour-vision deficiency can tell apart; as many marks
# as have no common divisor with them, so that a pair comes again only after all of them.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
MARKS = ["o", "s", "^", "D", "v", "P", "X", "<", "*", ">"]
# Lines across a panel are grey, as colours are for what is drawn at places; so are their pairs.
GREYS = ["0.0", "0.4", "0.65"]
DASHES: list[Any] = [
    (0, (5, 2)),
    (0, (1, 1.5)),
    (0, (5, 1.5, 1, 1.5)),
    (0, (10, 2.5)),
    (0, (4, 1, 1, 1, 1, 1)),
]
TRIVIAL = {"marker": "_", "s": 40, "linewidths": 1.2}
STYLE = {
    "svg.hashsalt": "palimpsest",
    "svg.fonttype": "none",
    "font.size": 7.5,
    "axes.labelsize": 7.5,
    "axes.titlesize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.title_fontsize": 6.5,
    "lines.linewidth": 1.1,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@contextmanager
def drawing(
    path: Path, caption: str, heights: list[float], below: float, **panels: Any
) -> Iterator[Any]:
    """A figure of one column and its axes, one below the other; files when the block ends well.

    path: of the SVG file; a PNG file is written beside it. caption: their metadata have it.
    heights: of the panels, in inches. below: of the legend. panels: more of `plt.subplots`.
    It is drawn into memory: what matplotlib raises while it draws is no fault of the disk.
    """
    import matplotlib  # only here: planning draws nothing

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    files = {
        "svg": {"Date": None, "Description": caption},
        "png": {"Software": None, "Description": caption},
    }
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            nrows=len(heights),
            figsize=(WIDTH, sum(heights) + below),
            height_ratios=heights,
            squeeze=False,
            layout="constrained",
            **panels,
        )
        try:
            yield figure, axes[:, 0]
            drawn = {ending: BytesIO() for ending in files}
            for ending, metadata in files.items():
                figure.savefig(drawn[ending], format=ending, metadata=metadata, dpi=DOTS)
        finally:
            plt.close(figure)
    for ending, content in drawn.items():
        with atomic_path(path.with_suffix(f".{ending}")) as temporary:
            temporary.write_bytes(content.getvalue())


def series_look(index: int) -> Look:
    """Colour and mark of a series; no two of the first seventy have both in common."""
    return {"color": COLOURS[index % len(COLOURS)], "marker": MARKS[index % len(MARKS)]}


def line_of(index: int) -> Any:
    """The line between the points of a series: that of the first is not broken."""
    return "-" if index % (len(DASHES) + 1) == 0 else DASHES[index % (len(DASHES) + 1) - 1]


def line_look(index: int) -> Look:
    """Grey, dashes and the mark at the end of a line across a panel.

    Of ten no two have grey and dashes in common, nor the mark.
    """
    return {
        "color": GREYS[index % len(GREYS)],
        "linestyle": DASHES[index % len(DASHES)],
        "marker": MARKS[index % len(MARKS)],
    }


def across(axis: Any, index: int, row: Row, label: str) -> None:
    """A line across a panel at a value, with its interval as a band and its mark at the right."""
    look = line_look(index)
    if row["low"] == row["low"]:
        axis.axhspan(row["low"], row["high"], color=look["color"], alpha=0.08, linewidth=0)
    ends = axis.get_yaxis_transform()  # x of the panel, from 0 to 1; y of the data
    axis.plot(
        [0, 1],
        [row["value"]] * 2,
        transform=ends,
        label=label,
        markevery=[1],
        markersize=3.5,
        clip_on=False,
        zorder=1.5,
        **look,
    )


def at_points(axis: Any, places: list[float], rows: list[Row], look: Look, **more: Any) -> None:
    """Means with their intervals, where there are any."""
    values = [row["value"] for row in rows]
    below = [row["value"] - row["low"] for row in rows]
    above = [row["high"] - row["value"] for row in rows]
    axis.errorbar(
        places,
        values,
        yerr=[below, above],
        capsize=2,
        markersize=3.8,
        elinewidth=0.8,
        capthick=0.8,
        **look,
        **more,
    )


def seed_dots(axis: Any, places: Iterable[float], values: Iterable[float], colour: str) -> None:
    """Single seeds as small rings, behind the means."""
    look = {"s": 7, "facecolors": "white", "edgecolors": colour, "linewidths": 0.6, "zorder": 1.8}
    axis.scatter(list(places), list(values), **look)


def logarithmic(axis: Any) -> None:
    """Give an axis of drawn values a logarithmic scale with plain numbers: 200, 500, 1000."""
    from matplotlib import ticker

    axis.set_yscale("log")
    low, high = axis.get_ylim()
    numbers = (1, 2, 5) if high > 10 * low else (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    axis.yaxis.set_major_locator(ticker.LogLocator(subs=numbers))
    axis.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    axis.yaxis.set_minor_locator(ticker.NullLocator())


def named_axis(axis: Any, name: str, least: float, log: bool = False) -> None:
    """Name the y-axis, and say where it is cut. least: the value that nothing can be below.

    Call it when all is drawn: later drawing may move the axis.
    """
    low, _ = axis.get_ylim()
    if low <= least and not log:
        axis.set_ylim(bottom=least)
        axis.set_ylabel(name)
        return
    scale = "log axis, " if log else ""
    axis.set_ylabel(f"{name}\n({scale}cut: not from {least:g})")


def shown_metric(metric: str) -> str:
    """The name of a metric as an axis has it."""
    return metric.replace("_", " ").replace("f1", "F1")


def columns_of(labels: list[str]) -> int:
    """Columns of a legend that hold its labels, one column of a paper wide."""
    return max(1, min(3, int(WIDTH / (0.4 + 0.051 * max(map(len, labels), default=1)))))


def legend(figure: Any, axes: Iterable[Any], labels: list[str], title: str) -> None:
    """One legend below the panels. labels: in order. title: what marks and bars are."""
    shown: dict[str, Any] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            shown.setdefault(label, handle)
    drawn = [label for label in labels if label in shown]
    figure.legend(
        [shown[label] for label in drawn],
        drawn,
        title=title,
        loc="outside lower center",
        ncols=columns_of(drawn),
        frameon=False,
        handlelength=2.4,
        columnspacing=0.8,
        labelspacing=0.3,
        alignment="left",
    )


def legend_height(labels: list[str], title: str) -> float:
    """Inches that the legend of some labels takes."""
    return 0.145 * (-(-len(labels) // columns_of(labels)) + len(title.splitlines())) + 0.2
