"""Bootstrap intervals over units, such as notes or patients (Efron 1979).

Units, and not what lies within them, are drawn anew: the sentences of a patient are alike.
"""

from collections.abc import Callable

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95


def resampled_counts(units: int, seed: int) -> np.ndarray:
    """How often each unit is drawn in each resample with replacement: (RESAMPLES, units).

    The same seed and number of units give the same resamples, so that two systems that are scored
    on the same units are compared in pairs.
    """
    generator = np.random.default_rng(seed)
    return generator.multinomial(units, np.full(units, 1 / units), size=RESAMPLES)


def resampled_sums(values: np.ndarray, seed: int) -> np.ndarray:
    """Sums of `values` over resamples of its rows.

    values: shape (units, ...). Returns shape (RESAMPLES, ...).
    """
    return np.tensordot(resampled_counts(len(values), seed), values, axes=1)


def interval(
    values: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], seed: int
) -> tuple[float, float, float]:
    """A statistic of sums over units, with its 95% percentile interval.

    values: shape (units, ...). statistic: from sums of shape (n, ...) to n numbers.
    Returns (value, low, high).
    """
    value = float(statistic(values.sum(axis=0, keepdims=True))[0])
    return value, *percentiles(statistic(resampled_sums(values, seed)))


def percentiles(resampled: np.ndarray) -> tuple[float, float]:
    """The ends of the 95% percentile interval of a statistic's values on resamples."""
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
