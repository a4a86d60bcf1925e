"""Figure 3: encoders by how many examples there were to fine-tune on."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from palimpsest.reports.config import SystemName
from palimpsest.reports.figures.base import COLOURS, DASHES, MARKS, Figure, FigureSpec, drawing
from palimpsest.reports.systems import System, read_systems, tidy_rows
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Positive
from palimpsest.stats.intervals import mean


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
        description="Numbers of train examples of the experiment's dataset, rising. Each run draws "
        "its own, and as large a share of the valid examples. All that there are come on top.",
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
        systems += study.trivial_systems(self.experiment)
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


def points_of(systems: list[System]) -> list[Row]:
    """The first metric of every system: name, examples, value, low and high.

    name: the mixture, with encoder and corpus where these differ. examples: of the dataset that the
    systems are judged on, those that chose epoch and thresholds included; 0 where a system was not
    trained on it.
    """
    trained = [system for system in systems if not system.trivial]
    differing = [
        field
        for field in ("model", "corpus", "mixture")
        if field == "mixture" or len({getattr(system.name, field) for system in trained}) > 1
    ]
    points = []
    for system in systems:
        shown = ["model"] if system.trivial else differing
        name = ", ".join(getattr(system.name, field) for field in shown)
        examples = 0 if system.trivial else system.trained_on.get(system.dataset, 0)
        runs = system.runs(system.tested()[None, system.metrics[0]])
        if runs is None:
            raise UserError(f"the scores of {system.name.identity()} have no {system.metrics[0]}")
        estimate = mean(runs)
        row: Row = {"name": name, "examples": examples + system.validated_on if examples else 0}
        row |= {"value": estimate.value, "low": estimate.low, "high": estimate.high}
        points.append(row | {"trivial": system.trivial})
    return points


def draw_learning_curve(points: list[Row], dataset: str, metric: str, path: Path) -> None:
    """Mean and interval by number of examples; what was trained on none of them as dashed lines.

    points: as `points_of` has them. dataset, metric: their names.
    Order is that of the first appearance.
    """
    known = all(row["low"] == row["low"] for row in points)
    trained: dict[str, list[Row]] = {}
    for row in points:
        if row["examples"]:
            trained.setdefault(row["name"], []).append(row)
    with drawing(path, figsize=(5.6, 3.2), layout="constrained") as (figure, axis):
        for index, (name, rows) in enumerate(trained.items()):
            rows.sort(key=lambda row: row["examples"])
            sizes, values = ([row[key] for row in rows] for key in ("examples", "value"))
            ends = ([row[key] for row in rows] for key in ("low", "high"))
            colour, mark = COLOURS[index % len(COLOURS)], MARKS[index % len(MARKS)]
            axis.fill_between(sizes, *ends, color=colour, alpha=0.15, linewidth=0)
            axis.plot(sizes, values, marker=mark, markersize=4.5, color=colour, label=name)
        without = [row for row in points if not row["examples"]]
        for index, row in enumerate(without):
            name = row["name"] if row["trivial"] else f"{row['name']} (no {dataset} to train on)"
            dashes = DASHES[index % len(DASHES)]
            if row["low"] == row["low"]:
                axis.axhspan(row["low"], row["high"], color="0.35", alpha=0.08, linewidth=0)
            axis.axhline(row["value"], color="0.35", linestyle=dashes, label=name)
        if sizes := sorted({row["examples"] for rows in trained.values() for row in rows}):
            axis.set_xscale("log")
            axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axis.set_xticks([], minor=True)
        axis.set_ylim(bottom=0)
        axis.set_xlabel(f"labelled examples of {dataset} (to train on and to choose with)")
        shown = metric.replace("_", " ").replace("f1", "F1")
        interval = "95% interval over seeds and test units" if known else "some of 1 seed"
        axis.set_ylabel(f"{shown}\n({interval})")
        figure.legend(loc="outside right upper", frameon=False)
