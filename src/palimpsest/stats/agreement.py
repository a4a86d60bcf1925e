"""Agreement of two annotators about yes or no: confusion, share, Cohen's kappa, intervals."""

import math
from typing import Any

import numpy as np

from palimpsest.stats.resampling import percentiles, resampled_sums

CONFUSION = ("tp", "fp", "fn", "tn")  # of a second annotator, held against a first
Z = 1.959963984540054  # of a normal distribution: 95% lie within


def confusion(reference: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Counts of `CONFUSION` in the last axis.

    reference, other: booleans of one shape (items, ...). Returns shape (items, ..., 4), one 1 each.
    """
    return np.stack(
        [reference & other, ~reference & other, reference & ~other, ~reference & ~other], axis=-1
    ).astype(np.int64)


def by_group(values: np.ndarray, groups: list[str]) -> np.ndarray:
    """Sums of rows by group, in the order of the groups' names.

    values: shape (items, ...). groups: one name an item. Returns shape (groups, ...).
    """
    names, group_of = np.unique(np.array(groups, dtype=str), return_inverse=True)
    sums = np.zeros((len(names), *values.shape[1:]), dtype=values.dtype)
    np.add.at(sums, group_of, values)
    return sums


def share(counts: np.ndarray) -> np.ndarray:
    """Observed agreement from counts of shape (..., 4); NaN where nothing was counted."""
    total = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        agreed: np.ndarray = (counts[..., 0] + counts[..., 3]) / total
    return agreed


def kappa(counts: np.ndarray) -> np.ndarray:
    """Cohen's kappa (1960) from counts of shape (..., 4).

    NaN where chance alone agrees fully, as both always say the same one thing.
    """
    true, false, missed, neither = np.moveaxis(np.asarray(counts, dtype=float), -1, 0)
    total = true + false + missed + neither
    # Both numerator and denominator times total squared: exact for counts below 2**26.
    chance = (true + false) * (true + missed) + (neither + false) * (neither + missed)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = ((true + neither) * total - chance) / (total * total - chance)
    return np.where(total * total == chance, np.nan, value)


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927); NaN of no trials."""
    if not trials:
        return math.nan, math.nan
    middle = (hits + Z * Z / 2) / (trials + Z * Z)
    half = Z * math.sqrt(hits * (trials - hits) / trials + Z * Z / 4) / (trials + Z * Z)
    return max(0.0, middle - half), min(1.0, middle + half)


def agreements(counts: np.ndarray, seed: int) -> list[dict[str, Any]]:
    """Agreement in each of some columns, such as categories.

    counts: shape (groups, columns, 4). The interval of kappa resamples groups, the same for every
    column, as sentences of one patient are alike; resamples in which kappa is undefined are left
    out. Returns, for each column, `CONFUSION`, `kappa`, `kappa_low` and `kappa_high`; NaN where
    undefined.
    """
    totals = counts.sum(axis=0)
    bounds = np.full((2, len(totals)), np.nan)
    values = kappa(totals)
    if len(counts):
        resampled = kappa(resampled_sums(counts, seed))
        for column in np.flatnonzero(~np.isnan(values)):
            defined = resampled[~np.isnan(resampled[:, column]), column]
            bounds[:, column] = percentiles(defined)
    return [
        {
            **dict(zip(CONFUSION, map(int, total), strict=True)),
            "kappa": float(value),
            "kappa_low": float(low),
            "kappa_high": float(high),
        }
        for total, value, low, high in zip(totals, values, *bounds, strict=True)
    ]


def with_any(labels: np.ndarray) -> np.ndarray:
    """Labels of shape (items, categories) with a last column: whether any category holds."""
    return np.concatenate([labels, labels.any(axis=1, keepdims=True)], axis=1)
