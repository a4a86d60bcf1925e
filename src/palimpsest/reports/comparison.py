"""Tables 2, 3 and 4: encoders and mixtures of an experiment, each compared with a baseline."""

from itertools import groupby

import numpy as np

from palimpsest.reports.config import ComparisonSpec
from palimpsest.reports.systems import System, values_of
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.stats.resampling import percentiles

INTERVAL = ("", "_low", "_high")


def compare(systems: list[System], spec: ComparisonSpec) -> list[Row]:
    """A row for each system and metric, and, where the table is by label, for each label.

    The difference is that of the means over runs to the baseline of the same experiment, which has
    none. The 95% intervals resample test units, the same ones for both, so they speak of other
    notes or patients and not of other seeds. Each resample is scored anew.
    Raises UserError when systems of an experiment were judged on different examples, when not one
    of them is the baseline, or when a metric is unknown.
    """
    rows = []
    for experiment, group in groupby(systems, key=lambda system: system.name.experiment):
        compared = list(group)
        if len({system.dataset_sha256 for system in compared}) > 1:
            raise UserError(
                f"the scores of experiment '{experiment}' are of different examples, expected the "
                "same: delete them to make them again"
            )
        baseline = _baseline(compared, spec)
        for system in compared:
            rows += _rows(system, baseline, spec)
    return rows


def metrics_of(system: System, spec: ComparisonSpec) -> list[str]:
    """The metrics that a table shows of a system. Raises UserError when one is unknown."""
    known = list(dict.fromkeys(metric for _, metric in system.tested()))
    if unknown := [metric for metric in spec.metrics if metric not in known]:
        raise UserError(
            f"experiment '{system.name.experiment}' has no metrics {unknown}; expected of {known}"
        )
    return spec.metrics or known


def _baseline(systems: list[System], spec: ComparisonSpec) -> System:
    found = [
        system
        for system in systems
        if spec.baseline.fits(system.name.model, system.name.corpus, system.name.mixture)
    ]
    if len(found) != 1:
        raise UserError(
            f"experiment '{systems[0].name.experiment}': {len(found)} systems fit the baseline, "
            "expected one"
        )
    return found[0]


def _rows(system: System, baseline: System, spec: ComparisonSpec) -> list[Row]:
    """The rows of one system: label by label, in each the metrics in their order."""
    tested, reference = system.tested(), baseline.tested()
    trained_on = " ".join(f"{name}:{count}" for name, count in system.trained_on.items())
    rows = []
    for label in dict.fromkeys(label for label, _ in tested):
        for metric in metrics_of(system, spec):
            scores = tested[label, metric]
            values, other = values_of(scores), values_of(reference[label, metric])
            row = {
                "experiment": system.name.experiment,
                "encoder": system.name.model,
                "corpus": system.name.corpus,
                "mixture": system.name.mixture,
                **({"label": label, "positives": scores[0]["positives"]} if spec.by else {}),
                "metric": metric,
                "n": system.n,
                "units": system.units,
                **_interval("mean", [values]),
                "sd": np.std(values[:, 0], ddof=1) if len(values) > 1 else np.nan,
                "seeds": len({row["seed"] for row in scores}),
                "runs": len(scores),
                "trained_on": trained_on,
                **_interval("difference", [] if system is baseline else [values, other]),
            }
            rows.append(row)
    return rows


def _interval(name: str, systems: list[np.ndarray]) -> Row:
    """The mean over runs and its interval; of two systems, of the difference of their means.

    systems: one or two arrays (runs, 1 + resamples); of none, or of one without runs, all is NaN.
    """
    columns = [f"{name}{end}" for end in INTERVAL]
    if not systems or any(not values.size for values in systems):
        return dict.fromkeys(columns, np.nan)
    first, *others = (values.mean(axis=0) for values in systems)
    mean = first - others[0] if others else first
    return dict(zip(columns, (mean[0], *percentiles(mean[1:])), strict=True))
