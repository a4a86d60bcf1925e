"""Figure 3: encoders by how many examples there were to fine-tune on."""

from pathlib import Path

import pandas as pd

from palimpsest.reports.figure import COLOURS, DASHES, MARKS, drawing
from palimpsest.reports.systems import System


def points_of(systems: list[System]) -> pd.DataFrame:
    """The first metric of every run: name, examples, value.

    name: the mixture, with encoder and corpus where these differ. examples: of the dataset that the
    systems are judged on, 0 where they were trained without.
    """
    differing = [
        field
        for field in ("model", "corpus", "mixture")
        if field == "mixture" or len({getattr(system.name, field) for system in systems}) > 1
    ]
    points = []
    for system in systems:
        name = ", ".join(getattr(system.name, field) for field in differing)
        examples = system.trained_on.get(system.dataset, 0)
        for row in system.tested()[None, system.metrics[0]]:
            points.append({"name": name, "examples": examples, "value": row["value"]})
    return pd.DataFrame(points)


def draw_learning_curve(runs: pd.DataFrame, dataset: str, metric: str, path: Path) -> None:
    """Mean and range over runs by number of examples; what has none of them as dashed lines.

    runs: as `points_of` has them. dataset, metric: their names.
    Order is that of the first appearance.
    """
    with drawing(path, figsize=(5.6, 3.2), layout="constrained") as (figure, axis):
        trained = runs[runs["examples"] > 0]
        for index, (name, rows) in enumerate(trained.groupby("name", sort=False)):
            by_size = rows.groupby("examples")["value"]
            mean, colour = by_size.mean(), COLOURS[index % len(COLOURS)]
            low, high = by_size.min(), by_size.max()
            axis.fill_between(mean.index, low, high, color=colour, alpha=0.15, linewidth=0)
            mark = MARKS[index % len(MARKS)]
            axis.plot(mean.index, mean, marker=mark, markersize=4.5, color=colour, label=name)
        without = runs[runs["examples"] == 0]
        for index, (name, rows) in enumerate(without.groupby("name", sort=False)):
            dashes, values = DASHES[index % len(DASHES)], rows["value"]
            label = f"{name} (no {dataset})"
            axis.axhspan(values.min(), values.max(), color="0.35", alpha=0.1, linewidth=0)
            axis.axhline(values.mean(), color="0.35", linestyle=dashes, label=label)
        if len(trained):
            sizes = sorted(set(trained["examples"]))
            axis.set_xscale("log")
            axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axis.set_xticks([], minor=True)
        axis.set_ylim(bottom=0)
        axis.set_xlabel(f"examples of {dataset} to train on")
        shown = metric.replace("_", " ").replace("f1", "F1")
        axis.set_ylabel(f"{shown} (mean and range over runs)")
        figure.legend(loc="outside right upper", frameon=False)
