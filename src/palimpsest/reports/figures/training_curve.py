"""Loss curves: how training went, corpus by corpus."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from palimpsest.reports.figures.base import Drawn, Figure, FigureSpec, Located
from palimpsest.reports.figures.drawing import (
    COLOURS,
    Look,
    drawing,
    legend,
    legend_height,
    logarithmic,
    named_axis,
)
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Seeds

CAPTION = (
    "Loss in nats per predicted token by optimiser step, of train (lines, means over 2% of the "
    "steps) and of valid notes (dashed, points): a colour for each corpus, a line for each seed. "
    "The y-axis is logarithmic and does not begin at 0."
)
OWN_TOKENS = " Each corpus has tokens of its own: losses of two corpora do not compare."
SMOOTHED = 0.02  # of the steps: the mean of so many losses of train is drawn
LOOKS: dict[str, Look] = {
    "train": {"linewidth": 1.0, "alpha": 0.6},
    "valid": {"linewidth": 1.4, "linestyle": "--", "marker": "o", "markersize": 3.5},
}


class TrainingCurveSpec(FigureSpec):
    """corpora: in the order of the legend. own_tokens: whether each has a tokenizer of its own."""

    kind: Literal["training_curve"] = "training_curve"
    corpora: list[str]
    own_tokens: bool = False

    def draw(self, scores: list[Path], out: Path) -> Drawn:
        curves = []
        for path in scores:
            names = read_manifest(path, "wildcards")["wildcards"]
            rows = read_table(path, ["step", "split", "loss"]).to_pylist()
            curves.append({**names, "losses": rows})
        curves.sort(key=lambda curve: self.corpora.index(curve["corpus"]))
        caption = CAPTION + OWN_TOKENS * self.own_tokens
        draw_training_curves(curves, caption, out)
        metrics = [row for curve in curves for row in last_losses(curve)]
        return Drawn([row for curve in curves for row in points_of(curve)], metrics, caption)


class TrainingCurve(Figure):
    """The losses of a model in training, on its corpora and on the study's `validation`."""

    kind: Literal["training_curve"] = Field(description="Chooses this form.")
    model: str = Field(description="A file under `config/models/` with `training`.")
    corpora: list[str] = Field(min_length=1, description="That it is trained on; a colour each.")
    seeds: Seeds = Field([0], description="Of the training; a line each.")

    def models(self) -> set[str]:
        return {self.model}

    def reads(self, study: Any) -> list[Located]:
        return [
            ("curves", {"model": self.model, "corpus": corpus, "seed": seed})
            for corpus in self.corpora
            for seed in self.seeds
        ]

    def specified(self, study: Any) -> TrainingCurveSpec:
        name = study.models[self.model].tokenizer
        own = name is not None and study.tokenizer(name).per_corpus
        return TrainingCurveSpec(corpora=self.corpora, own_tokens=own)

    def check(self, references: Any) -> None:
        where = f"figures.{self.name}"
        references.unique(f"{where}.corpora", self.corpora)
        for name in self.corpora:
            references.refers(f"{where}.corpora", name, references.corpora)
        if references.catalogue.models[self.model].training is None:
            references.add(f"{where}.model: config/models/{self.model}.yaml has no 'training'")


def points_of(curve: Row) -> list[Row]:
    """Rows of the figure (`base.COLUMNS`): every loss. x: the step."""
    named = {name: curve["corpus"] for name in ("panel", "series", "corpus")}
    named |= {"role": "seed", "seed": int(curve["seed"])}
    return [
        {**named, "metric": f"{row['split']}_loss", "x": row["step"], "value": row["loss"]}
        for row in curve["losses"]
    ]


def last_losses(curve: Row) -> list[Row]:
    """Tidy rows: the loss of the last step, and the valid loss after it where it was measured."""
    named = {name: curve[name] for name in ("model", "corpus", "seed")}
    last = {row["split"]: row["loss"] for row in curve["losses"]}
    return [
        {**named, "metric": f"{split}_loss", "value": last[split]}
        for split in LOOKS
        if split in last
    ]


def smoothed(losses: np.ndarray) -> np.ndarray:
    """The mean of each loss and those before it, over SMOOTHED of all."""
    width = max(1, round(SMOOTHED * len(losses)))
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    ends = np.arange(1, len(losses) + 1)
    starts = np.maximum(0, ends - width)
    means: np.ndarray = (sums[ends] - sums[starts]) / (ends - starts)
    return means


def draw_training_curves(curves: list[Row], caption: str, path: Path) -> None:
    """Losses by step: lines for train, dashed with points for valid; a colour for each corpus.

    curves: corpus, and `losses` with step, split and loss. Order is that of the first appearance.
    """
    corpora = list(dict.fromkeys(curve["corpus"] for curve in curves))
    labels = [f"{corpus}, {split}" for corpus in corpora for split in LOOKS]
    with drawing(path, caption, [2.3], legend_height(labels, "")) as (figure, (axis,)):
        named = set()
        for curve in curves:
            colour = COLOURS[corpora.index(curve["corpus"]) % len(COLOURS)]
            for split, look in LOOKS.items():
                rows = [row for row in curve["losses"] if row["split"] == split]
                if not rows:
                    continue
                values = np.array([row["loss"] for row in rows])
                label = f"{curve['corpus']}, {split}"
                axis.plot(
                    [row["step"] for row in rows],
                    smoothed(values) if split == "train" else values,
                    color=colour,
                    label="_nolegend_" if label in named else label,
                    **look,
                )
                named.add(label)
        logarithmic(axis)
        axis.set_xlabel("optimiser steps")
        named_axis(axis, "loss (nats per predicted token)", 0, log=True)
        legend(figure, [axis], labels, "")
