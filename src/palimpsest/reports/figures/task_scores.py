"""What figures read of task scores: means over runs, single runs, and how far two are apart."""

from palimpsest.reports.systems import System
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.stats.intervals import Estimate, Runs, difference, mean


def _runs(system: System) -> Runs:
    """The first metric of every run."""
    runs = system.runs(system.tested()[None, system.metrics[0]])
    if runs is None:
        raise UserError(f"the scores of {system.name.identity()} have no {system.metrics[0]}")
    return runs


def _numbers(estimate: Estimate) -> Row:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def score_rows(system: System, named: Row) -> list[Row]:
    """Rows of a figure (`base.COLUMNS`): the mean of the first metric, and single runs.

    named: what all rows have in common.
    """
    runs, metric = _runs(system), system.metrics[0]
    counted = {**named, "metric": metric, "units": system.units}
    rows: list[Row] = [{**counted, "role": "mean", **_numbers(mean(runs))}]
    if system.trivial:
        return rows
    rows[0]["seeds"] = len(runs.values)
    for row in system.tested()[None, metric]:
        seed = row["seed"] if system.pretraining_seeds() > 1 else row["run"]
        rows.append({**counted, "role": "seed", "seed": seed, "value": row["value"]})
    return rows


def difference_of(one: System, other: System) -> Row:
    """The first's score less the second's: value, low, high, p; test units are paired."""
    apart = difference(_runs(one), _runs(other))
    return {**_numbers(apart), "p": apart.p, "units": one.units}
