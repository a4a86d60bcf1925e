"""What figures have in common: how they look, and that the same numbers give the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

from palimpsest.runtime.files import atomic_path

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 (the backend is chosen first)

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


@contextmanager
def drawing(path: Path, **panels: Any) -> Iterator[Any]:
    """A figure and its axes, an SVG file when the block ends well. panels: of `plt.subplots`."""
    with plt.rc_context(STYLE), atomic_path(path) as temporary:
        figure, axes = plt.subplots(**panels)
        yield figure, axes
        figure.savefig(temporary, format="svg", metadata={"Date": None})
        plt.close(figure)
