"""Figure 3: encoders by how many examples there were to fine-tune on."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from palimpsest.reports.config import SystemName
from palimpsest.reports.figures.base import Drawn, Figure, FigureSpec, Located
from palimpsest.reports.figures.captions import interval_said, legend_title
from palimpsest.reports.figures.drawing import (
    across,
    at_points,
    drawing,
    legend,
    legend_height,
    line_of,
    named_axis,
    seed_dots,
    series_look,
    shown_metric,
)
from palimpsest.reports.figures.task_scores import score_rows
from palimpsest.reports.systems import System, read_systems, tidy_rows
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import NO_CORPUS, Positive


class LearningCurveSpec(FigureSpec):
    """systems: in the order of the legend."""

    kind: Literal["learning_curve"] = "learning_curve"
    systems: list[SystemName]

    def draw(self, scores: list[Path], out: Path) -> Drawn:
        systems = read_systems(scores, self.systems, by_label=False)
        judged = systems[0]
        rows, metric = points_of(systems), judged.metrics[0]
        caption = (
            f"{shown_metric(metric).capitalize()} on {judged.n:,} test examples of "
            f"{judged.dataset} ({judged.units:,} units: {judged.unit}) by the number of its "
            "examples that an encoder was fine-tuned on, those that chose epoch and thresholds "
            f"included. {interval_said(rows, metric, 'test units')} Lines across were trained on "
            "none of them, or not trained."
        )
        draw_learning_curve(rows, caption, out)
        metrics = [row for system in systems for row in tidy_rows(system, system.metrics)]
        return Drawn(rows, metrics, caption)


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

    def reads(self, study: Any) -> list[Located]:
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
    """Rows of the figure (`base.COLUMNS`): the first metric of every system, and of its runs.

    series: the mixture, with encoder and corpus where these differ. x: examples of the dataset that
    the systems are judged on, those that chose epoch and thresholds included; without where a
    system was not trained on it, which `series` then says.
    """
    trained = [system for system in systems if not system.trivial]
    differing = [
        field
        for field in ("model", "corpus", "mixture")
        if field == "mixture" or len({getattr(system.name, field) for system in trained}) > 1
    ]
    rows = []
    for system in systems:
        shown = ["model"] if system.trivial else differing
        name = ", ".join(getattr(system.name, field) for field in shown)
        named: Row = {"panel": system.dataset, "series": name}
        examples = 0 if system.trivial else system.trained_on.get(system.dataset, 0)
        if examples:
            named["x"] = examples + system.validated_on
        elif not system.trivial:
            named["series"] = f"{name} (no {system.dataset} to train on)"
        if not system.trivial and system.name.corpus != NO_CORPUS:
            named["corpus"] = system.name.corpus
        rows += score_rows(system, named)
    return rows


def draw_learning_curve(rows: list[Row], caption: str, path: Path) -> None:
    """Mean and interval by number of examples; what was trained on none of them as dashed lines.

    rows: as `points_of` has them. Order is that of the first appearance.
    """
    means = [row for row in rows if row["role"] == "mean"]
    trained: dict[str, list[Row]] = {}
    for row in means:
        if row.get("x"):
            trained.setdefault(row["series"], []).append(row)
    lines = [row for row in means if not row.get("x")]
    title = legend_title(means, "test units")
    labels = [*trained, *(row["series"] for row in lines)]
    below = legend_height(labels, title)
    with drawing(path, caption, [2.3], below) as (figure, (axis,)):
        for index, (name, points) in enumerate(trained.items()):
            points.sort(key=lambda row: row["x"])
            sizes = [row["x"] for row in points]
            aside = 1.02 ** (index - (len(trained) - 1) / 2)
            look = series_look(index)
            at_points(
                axis,
                [size * aside for size in sizes],
                points,
                look,
                linestyle=line_of(index),
                label=name,
            )
            dots = [row for row in rows if row["role"] == "seed" and row["series"] == name]
            places = [row["x"] * aside / 1.02 for row in dots]
            seed_dots(axis, places, [row["value"] for row in dots], look["color"])
        for index, row in enumerate(lines):
            across(axis, index, row, row["series"])
        if sizes := sorted({row["x"] for points in trained.values() for row in points}):
            axis.set_xscale("log")
            axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axis.set_xticks([], minor=True)
        axis.set_xlabel(f"labelled examples of {means[0]['panel']} (train and valid)")
        axis.set_ylim(bottom=0)
        named_axis(axis, shown_metric(means[0]["metric"]), 0)
        legend(figure, [axis], labels, title)
