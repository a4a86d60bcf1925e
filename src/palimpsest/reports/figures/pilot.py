"""The figure of a pilot: what each variant keeps, what that costs, and what is wrong in it."""

from math import isnan
from pathlib import Path

from palimpsest.reports.figures.drawing import (
    at_points,
    drawing,
    legend,
    legend_height,
    named_axis,
    series_look,
)
from palimpsest.runtime.rows import Row

PANELS = {
    "yield": "share kept",
    "tokens_out_per_kept": "tokens written\nper token kept",
    "wrong": "share with\na finding",
}


def place_of(row: Row) -> str:
    """Where a variant is drawn: its source, prompt and context."""
    told = [] if row["context"] == "none" else [row["context"]]
    return "\n+ ".join([f"{row['source']}\n{row['prompt']}", *told])


def caption_of(rows: list[Row]) -> str:
    """What the figure shows."""
    sizes = sorted({row["requests"] for row in rows})
    asked = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    return (
        f"A pilot: {asked} requests of each LLM and sampling (marks), source, prompt and context "
        "(x axis). Bars are 95% intervals over patients. Costs are of all that was asked, for each "
        "token that the screens kept."
    )


def draw_pilot(rows: list[Row], path: Path) -> None:
    """One panel for each measure that the rows have. rows: of `reports.pilot`. path: of the SVG."""
    shown = [name for name in PANELS if any(not isnan(row.get(name, float("nan"))) for row in rows)]
    shown = shown or ["yield"]
    places = list(dict.fromkeys(map(place_of, rows)))
    series = list(dict.fromkeys((row["llm"], row["sampling"]) for row in rows))
    labels = [" ".join(name) for name in series]
    below = legend_height(labels, "")
    with drawing(path, caption_of(rows), [1.3] * len(shown), below, sharex=True) as (figure, axes):
        for axis, measure in zip(axes, shown, strict=True):
            for index, name in enumerate(series):
                shift = (index - (len(series) - 1) / 2) * 0.8 / max(4, len(series))
                drawn = [row for row in rows if (row["llm"], row["sampling"]) == name]
                points = [
                    {
                        "value": row.get(measure, float("nan")),
                        "low": row.get(f"{measure}_low", row.get(measure, float("nan"))),
                        "high": row.get(f"{measure}_high", row.get(measure, float("nan"))),
                    }
                    for row in drawn
                ]
                at = [places.index(place_of(row)) + shift for row in drawn]
                look = series_look(index)
                at_points(axis, at, points, look, linestyle="", label=labels[index])
            axis.set_xticks(range(len(places)), places)
            axis.set_xlim(-0.5, len(places) - 0.5)
            named_axis(axis, PANELS[measure], 0)
        legend(figure, axes, labels, "")
