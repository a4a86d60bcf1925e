"""Figure 3: encoders by how many examples there were to fine-tune on."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from palimpsest.reports.config import SystemName
from palimpsest.reports.figures.base import COLOURS, DASHES, MARKS, Figure, FigureSpec, drawing
from palimpsest.reports.systems import System, read_systems, tidy_rows
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Positive


class LearningCurveSpec(FigureSpec):
    """systems: in the order of the legend."""

    kind: Literal["learning_curve"] = "learning_curve"
    systems: list[SystemName]

    def draw(self, scores: list[Path], out: Path) -> list[Row]:
        systems = read_systems(scores, self.systems, by_label=False)
        judged = systems[0]
        draw_learning_curve(points_of(systems), judged.dataset, judged.metrics[0], out)
        return [row for system in systems for row in tidy_rows(system, system.metrics)]


class LearningCurve(Figure):
    """Encoders by how many examples of their dataset they were fine-tuned on."""

    kind: Literal["learning_curve"] = Field(description="Chooses this form.")
    experiment: str = Field(description="A declared experiment.")
    mixtures: list[str] = Field(min_length=1, description="Its mixtures, one line each.")
    sizes: list[Positive] = Field(
        min_length=1,
        description="Numbers of train examples of the experiment's dataset, rising: the first so "
        "many in the sampling order. All that there are come on top.",
    )

    @model_validator(mode="after")
    def _rising(self) -> "LearningCurve":
        if self.sizes != sorted(set(self.sizes)):
            raise ValueError(f"expected rising sizes, found {self.sizes}")
        return self

    def reads(self, study: Any) -> list[tuple[str, dict[str, Any]]]:
        return [("scores", system.identity()) for system in self.specified(study).systems]

    def specified(self, study: Any) -> LearningCurveSpec:
        systems = study.systems(self.experiment, self.mixtures, self.sizes)
        return LearningCurveSpec(systems=systems)

    def check(self, references: Any) -> None:
        where = f"figures.{self.name}"
        if not references.refers(f"{where}.experiment", self.experiment, references.experiments):
            return
        experiment = references.experiments[self.experiment]
        known = [mixture.name for mixture in experiment.mixtures]
        for name in self.mixtures:
            references.refers(f"{where}.mixtures", name, known)
        references.unique(f"{where}.mixtures", self.mixtures)
        budget = getattr(references.datasets.get(experiment.dataset), "examples", None)
        for size in self.sizes:
            if budget and size > budget.train:
                references.add(
                    f"{where}.sizes: {size} is more than the {budget.train} train examples of "
                    f"'{experiment.dataset}'"
                )


def points_of(systems: list[System]) -> Any:
    """The first metric of every run, as a data frame: name, examples, value.

    name: the mixture, with encoder and corpus where these differ. examples: of the dataset that the
    systems are judged on, 0 where they were trained without.
    """
    import pandas as pd  # only here: planning draws nothing

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


def draw_learning_curve(runs: Any, dataset: str, metric: str, path: Path) -> None:
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
