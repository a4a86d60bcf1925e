"""Tables 2, 3 and 4: encoders and mixtures of an experiment, each compared with a baseline."""

import math
from collections import defaultdict
from itertools import groupby

import numpy as np

from palimpsest.reports.config import ComparisonSpec
from palimpsest.reports.systems import System
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.stats.intervals import LEVEL, Estimate, difference, holm, mean, permutation

COLUMNS = [
    "experiment", "encoder", "corpus", "mixture", "label", "positives", "role", "metric", "n",
    "units", "unit", "pretraining_seeds", "runs", "trained_on", "mean", "mean_low", "mean_high",
    "sd", "overlapping", "mean_without_overlap", "difference", "difference_low", "difference_high",
    "p", "p_permutation", "p_holm", "verdict", "detectable", "notes",
]  # fmt: skip
NONE = Estimate(math.nan)
BELOW_ZERO = ("pearson", "spearman")  # metrics that can be; all others are shares


def compare(systems: list[System], spec: ComparisonSpec) -> list[Row]:
    """A row for each system and metric, and, where the table is by label, for each label.

    The difference is that of the means over runs to the baseline of the same experiment, which has
    none. Intervals speak of other seeds and of other test units (`stats.intervals`); where a system
    has one seed, there is none. All rows of a metric are one family for Holm's correction, without
    the baselines and the trivial systems, which claim nothing.
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
    _judge(rows)
    return [row for row, _ in rows]


def metrics_of(system: System, spec: ComparisonSpec) -> list[str]:
    """The metrics that a table shows of a system. Raises UserError when one is unknown."""
    found = dict.fromkeys(metric for _, metric in system.tested())
    known = sorted(found, key=lambda metric: metric != system.metrics[0])
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
        and (not system.trivial or system.name.model == spec.baseline.encoder)
    ]
    if len(found) != 1:
        raise UserError(
            f"experiment '{systems[0].name.experiment}': {len(found)} systems fit the baseline, "
            "expected one"
        )
    return found[0]


def _rows(system: System, baseline: System, spec: ComparisonSpec) -> list[tuple[Row, Estimate]]:
    """The rows of one system, each with its difference: label by label, the metrics in order."""
    tested, reference = system.tested(), baseline.tested()
    trained_on = " ".join(f"{name}:{count}" for name, count in system.trained_on.items())
    rows = []
    for label in dict.fromkeys(label for label, _ in tested):
        for metric in metrics_of(system, spec):
            runs = system.runs(tested[label, metric])
            own = mean(runs) if runs else NONE
            other = baseline.runs(reference[label, metric]) if system is not baseline else None
            apart = difference(runs, other) if runs and other else NONE
            lowest = -1.0 if metric in BELOW_ZERO else 0.0
            several = runs is not None and len(runs.values) > 1
            row = {
                "experiment": system.name.experiment,
                "encoder": system.name.model,
                "corpus": system.name.corpus,
                "mixture": system.name.mixture,
                **({"label": label, "positives": _positives(tested, label)} if spec.by else {}),
                "metric": metric,
                "n": system.n,
                "units": system.units,
                "unit": system.unit,
                "pretraining_seeds": system.pretraining_seeds(),
                "runs": system.finetuning_seeds(),
                "trained_on": trained_on,
                "mean": own.value,
                # No share is outside of these, whatever the interval's formula says.
                "mean_low": max(own.low, lowest) if own.low == own.low else own.low,
                "mean_high": min(own.high, 1.0) if own.high == own.high else own.high,
                "sd": float(np.std(runs.values, ddof=1)) if runs and several else math.nan,
                "overlapping": system.overlapping,
                "mean_without_overlap": _without_overlap(tested[label, metric]),
                "difference": apart.value,
                "difference_low": apart.low,
                "difference_high": apart.high,
                "p": apart.p,
                "p_permutation": permutation(runs, other) if runs and other else math.nan,
                "role": _role(system, baseline),
                "notes": "; ".join(system.notes()),
            }
            rows.append((row, apart))
    return rows


def _without_overlap(scores: list[Row]) -> float:
    values = [row["without_overlap"] for row in scores]
    return math.nan if None in values else float(np.mean(values))


def _positives(tested: dict[tuple[str | None, str], list[Row]], label: str | None) -> int:
    return next(int(rows[0]["positives"]) for (name, _), rows in tested.items() if name == label)


def _role(system: System, baseline: System) -> str:
    return "baseline" if system is baseline else "trivial" if system.trivial else "system"


def _judge(rows: list[tuple[Row, Estimate]]) -> None:
    """Add what the p-values of one family say: `p_holm`, `detectable` and `verdict`."""
    families: dict[str, list[tuple[Row, Estimate]]] = defaultdict(list)
    for row, apart in rows:
        row |= {"p_holm": math.nan, "detectable": math.nan, "verdict": ""}
        if row["role"] == "system":
            families[row["metric"]].append((row, apart))
    for family in families.values():
        tests = sum(not math.isnan(apart.p) for _, apart in family)
        for (row, apart), p in zip(family, holm([one.p for _, one in family]), strict=True):
            if math.isnan(p):
                row["verdict"] = "no interval"
                continue
            found = p < 1 - LEVEL
            word = "higher" if apart.value > 0 else "lower"
            row |= {
                "p_holm": p,
                "detectable": apart.detectable(tests),
                "verdict": word if found else "not told apart",
            }
