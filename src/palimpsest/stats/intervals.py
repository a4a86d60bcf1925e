"""Intervals and tests of scores that vary with the seeds of training and with the test units.

A score of a system is the mean over its runs. Two things would give another mean: other seeds, and
other test units. The variance has a component for each:

- seeds: the variance over runs, divided by their number. A run has a seed of pretraining and one of
  fine-tuning of its own, so this speaks of both. Seeds of two systems are never taken as pairs: the
  same number gives the same order and the same head, and nothing else in common, and what is paired
  without need only loses degrees of freedom.
- units: the variance over resamples of the test units (Efron 1979), the same ones for every system,
  so that differences are paired.

Three or five seeds say little of their own variance. The interval is therefore that of Student's t
with the degrees of freedom of Welch and Satterthwaite (1946), and not of percentiles, which are too
narrow. benchmarks/coverage.py simulates how often it holds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from palimpsest.stats.student import share_below, t_quantile

LEVEL = 0.95
POWER = 0.8
FEW_UNITS = 20  # below, the variance over units is itself too uncertain
MOST_DEALS = 20_000  # of runs to two systems, when all of them are tried


@dataclass(frozen=True, eq=False)
class Runs:
    """One score in every run of a system.

    values: (runs,). resampled: (runs, resamples), on the same resamples of the test units for
    every system. units: how many. seeded: whether the runs drew all that training draws; not so
    where checkpoints were pretrained with one seed. fixed: nothing was drawn, as of a dictionary.
    """

    values: np.ndarray
    resampled: np.ndarray
    units: int
    seeded: bool = True
    fixed: bool = False

    @property
    def replicated(self) -> bool:
        """Whether the runs tell how much other seeds would change."""
        return self.fixed or (self.seeded and len(self.values) > 1)

    def of_seeds(self) -> tuple[float, float]:
        """The variance of the mean over seeds, and its degrees of freedom."""
        if self.fixed:
            return 0.0, math.inf
        return float(self.values.var(ddof=1)) / len(self.values), len(self.values) - 1


@dataclass(frozen=True)
class Estimate:
    """A mean, or a difference of means, with what is known of it; NaN where that is nothing.

    low, high: the 95% interval. p: two-sided, of no difference. error: the standard error.
    degrees: of freedom.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    p: float = math.nan
    error: float = math.nan
    degrees: float = math.nan

    def detectable(self, tests: int) -> float:
        """The smallest true difference that is found with a power of 0.8 at these seeds and units.

        tests: of which the smallest p must be below 0.05 / tests (the first step of Holm).
        """
        alpha = (1 - LEVEL) / tests
        if not self.error:
            return self.error
        quantiles = t_quantile(self.degrees, 1 - alpha / 2) + t_quantile(self.degrees, POWER)
        return quantiles * self.error


def mean(runs: Runs) -> Estimate:
    """The mean over runs."""
    return _estimate(float(runs.values.mean()), [runs], runs.resampled.mean(axis=0))


def difference(first: Runs, second: Runs) -> Estimate:
    """The mean of the first system less that of the second."""
    value = float(first.values.mean() - second.values.mean())
    resampled = first.resampled.mean(axis=0) - second.resampled.mean(axis=0)
    return _estimate(value, [first, second], resampled)


def _estimate(value: float, systems: list[Runs], resampled: np.ndarray) -> Estimate:
    units = systems[0].units
    if units < 2 or not all(runs.replicated for runs in systems):
        return Estimate(value)
    # The resamples of n units vary by (n - 1) / n of what n units do.
    of_units = float(np.nanvar(resampled, ddof=1)) * units / (units - 1), units - 1
    parts = [of_units, *(runs.of_seeds() for runs in systems)]
    variance = math.fsum(part for part, _ in parts)
    if not variance:
        return Estimate(value, value, value, 1.0 if not value else 0.0, 0.0, math.inf)
    degrees = variance**2 / math.fsum(part**2 / freedom for part, freedom in parts)
    error = math.sqrt(variance)
    half = t_quantile(degrees, (1 + LEVEL) / 2) * error
    p = 2 * share_below(degrees, -abs(value) / error)
    return Estimate(value, value - half, value + half, p, error, degrees)


def permutation(first: Runs, second: Runs) -> float:
    """The share of all ways to deal the runs to two systems that part their means as far.

    It asks about seeds alone, on these test units, and assumes no distribution. With 3 and 3 runs
    it cannot be below 0.1, with 5 and 5 not below 0.008. NaN where a system has no seeds to deal.
    """
    if first.fixed or second.fixed or not (first.replicated and second.replicated):
        return math.nan

    from scipy import stats  # only here: it is slow to load, and planning tests nothing

    def parted(left: np.ndarray, right: np.ndarray, axis: int) -> np.ndarray:
        gap: np.ndarray = np.abs(left.mean(axis=axis) - right.mean(axis=axis))
        return np.round(gap, 12)  # the same runs in another order differ in the last digits

    tried = stats.permutation_test(
        (first.values, second.values),
        parted,
        vectorized=True,
        n_resamples=MOST_DEALS,
        alternative="greater",
        rng=np.random.default_rng(0),
    )
    return float(tried.pvalue)


def holm(values: Sequence[float]) -> list[float]:
    """p-values of one family, adjusted so that it errs at all in at most 5% (Holm 1979).

    NaN stays NaN and is no member of the family.
    """
    known = sorted((value, index) for index, value in enumerate(values) if not math.isnan(value))
    adjusted = [math.nan] * len(values)
    highest = 0.0
    for rank, (value, index) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * value))
        adjusted[index] = highest
    return adjusted
