"""Systems as their scores say them, without files."""

import numpy as np

from palimpsest.reports.config import SystemName
from palimpsest.reports.systems import System
from palimpsest.stats.resampling import RESAMPLES


def name_of(mixture: str, **changes: str) -> SystemName:
    names = {"experiment": "signs", "model": "bert", "corpus": "none", "size": "all"}
    return SystemName(**names | {"mixture": mixture} | changes)


def row_of(
    run: int, value: float | None, metric: str = "micro_f1", label: str | None = None, **changes
) -> dict:
    """The row of a run, whose resamples lie around its value, the same way for every run."""
    noise = np.random.default_rng(0).normal(0, 0.01, RESAMPLES)
    resampled = None if value is None else list(value + noise)
    named = {"seed": 0, "run": run, "split": "test", "label": label, "metric": metric}
    row = {**named, "positives": 9, "value": value, "without_overlap": value}
    return row | {"resampled": resampled} | changes


def system(mixture: str, values: list[float], **changes) -> System:
    """A system of so many runs, with a metric."""
    names = {key: changes.pop(key) for key in ("experiment", "model", "corpus") if key in changes}
    fields = {
        "dataset": "gold",
        "dataset_sha256": "a" * 64,
        "n": 30,
        "units": 10,
        "unit": "patient",
        "trivial": False,
        "overlapping": 0,
        "metrics": ["micro_f1"],
        "trained_on": {"gold": 20},
        "validated_on": 10,
        "scores": [row_of(run, value) for run, value in enumerate(values)],
    }
    return System(name=name_of(mixture, **names), **fields | changes)
