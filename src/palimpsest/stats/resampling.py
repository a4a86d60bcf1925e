"""Bootstrap intervals over notes: what a note count of this size can and cannot tell."""

from collections.abc import Callable

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95


def resampled_sums(values: np.ndarray, seed: int) -> np.ndarray:
    """Sums of `values` over resamples of its rows with replacement.

    values: shape (notes, ...). Returns shape (RESAMPLES, ...). The same seed and number of notes
    give the same resamples, so that two systems scored on the same notes are compared in pairs.
    """
    notes = len(values)
    generator = np.random.default_rng(seed)
    counts = generator.multinomial(notes, np.full(notes, 1 / notes), size=RESAMPLES)
    return np.tensordot(counts, values, axes=1)


def interval(
    values: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], seed: int
) -> tuple[float, float, float]:
    """A statistic of sums over notes, with its 95% percentile interval (Efron 1979).

    values: shape (notes, ...). statistic: from sums of shape (n, ...) to n numbers.
    Returns (value, low, high).
    """
    value = float(statistic(values.sum(axis=0, keepdims=True))[0])
    return value, *percentiles(statistic(resampled_sums(values, seed)))


def percentiles(resampled: np.ndarray) -> tuple[float, float]:
    """The ends of the 95% percentile interval of a statistic's values on resamples."""
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
