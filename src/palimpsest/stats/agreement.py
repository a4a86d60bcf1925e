"""Agreement of two annotators about yes or no: confusion, share, Cohen's kappa, intervals.

Sentences of one patient are alike, so that intervals are over groups, such as patients.
"""

import math

import numpy as np

from palimpsest.runtime.rows import Row
from palimpsest.stats.student import t_quantile

CONFUSION = ("tp", "fp", "fn", "tn")  # of a second annotator, held against a first
MEASURES = ("kappa", "precision", "recall", "f1")  # each with `<measure>_low` and `_high`
Z = 1.959963984540054  # of a normal distribution: 95% lie within
NOTHING = (math.nan, math.nan)


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
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: np.ndarray = (counts[..., 0] + counts[..., 3]) / counts.sum(axis=-1)
    return shares


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


def wilson(hits: float, trials: float, z: float = Z) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927); NaN of no trials. z: another quantile."""
    if not trials:
        return NOTHING
    middle = (hits + z * z / 2) / (trials + z * z)
    half = z * math.sqrt(hits * (trials - hits) / trials + z * z / 4) / (trials + z * z)
    return max(0.0, middle - half), min(1.0, middle + half)


def share_interval(hits: np.ndarray, trials: np.ndarray) -> tuple[float, float]:
    """The 95% interval of the share of hits in trials that come in groups; NaN of one group.

    Wilson's, of as many independent trials as these are worth, with the t-quantile of the groups
    (Korn & Graubard 1998). Where all trials or none are hits, a group is worth one trial.
    hits, trials: of each group.
    """
    groups = int((trials > 0).sum())
    if groups < 2:
        return NOTHING
    value, worth = hits.sum() / trials.sum(), independent_trials(hits, trials)
    return wilson(value * worth, worth, quantile(groups))


def independent_trials(hits: np.ndarray, trials: np.ndarray) -> float:
    """As many independent trials as these are worth; NaN of one group.

    The share's variance over groups says it; at most all of them count, and where it says nothing,
    since all trials or none are hits, a group is worth one trial. hits, trials: of each group.
    """
    hits, trials = hits[trials > 0].astype(float), trials[trials > 0].astype(float)
    groups, total = len(trials), trials.sum()
    if groups < 2:
        return math.nan
    value = hits.sum() / total
    variance = groups / (groups - 1) * ((hits - value * trials) ** 2).sum() / total**2
    known = variance > 0 and 0 < value < 1
    return float(min(value * (1 - value) / variance, total)) if known else float(groups)


def quantile(groups: int) -> float:
    """Student's, of a 95% interval whose spread is known from some groups."""
    return t_quantile(groups - 1, 0.975)


def kappa_interval(counts: np.ndarray) -> tuple[float, float]:
    """The 95% interval of kappa from counts of shape (groups, 4).

    By the jackknife over groups on Fisher's scale, with their t-quantile: near 1, percentiles of
    the bootstrap hold the true value less often. Where groups do not differ, as when the two always
    agree, kappa of what their share of agreement may be. NaN of one group, or where kappa is
    undefined.
    """
    counts = counts[counts.sum(axis=1) > 0]
    groups, total = len(counts), counts.sum(axis=0)
    value = float(kappa(total))
    if groups < 2 or math.isnan(value):
        return NOTHING
    left_out = kappa(total - counts)
    left_out = np.where(np.isnan(left_out), value, left_out)
    spread = (groups - 1) / groups * ((left_out - left_out.mean()) ** 2).sum()
    if spread == 0 or abs(value) == 1:
        true, false, missed, neither = map(int, total)
        by_chance = (true + false) * (true + missed) + (neither + false) * (neither + missed)
        chance = by_chance / int(total.sum()) ** 2
        ends = share_interval(counts[:, 0] + counts[:, 3], counts.sum(axis=1))
        low, high = (max(-1.0, (end - chance) / (1 - chance)) for end in ends)
        return low, high
    middle = math.atanh(value)
    half = quantile(groups) * math.sqrt(spread) / (1 - value * value)
    return math.tanh(middle - half), math.tanh(middle + half)


def kappa_of_tables(tables: np.ndarray) -> tuple[float, float, float]:
    """Cohen's kappa of two annotators over several categories, with its 95% interval.

    tables: shape (groups, categories, categories): how often the first said the row and the second
    the column. The interval is the jackknife's over groups, as that of `kappa_interval`. NaN where
    it is undefined, as where both always say one thing; of one group there is no interval.
    """
    tables = tables[tables.sum(axis=(1, 2)) > 0].astype(float)
    groups, total = len(tables), tables.sum(axis=0)
    value = _kappa_of_table(total)
    if groups < 2 or math.isnan(value):
        return value, *NOTHING
    left_out = np.array([_kappa_of_table(total - table) for table in tables])
    left_out = np.where(np.isnan(left_out), value, left_out)
    spread = (groups - 1) / groups * ((left_out - left_out.mean()) ** 2).sum()
    if spread == 0 or abs(value) == 1:
        chance = float(total.sum(axis=1) @ total.sum(axis=0)) / total.sum() ** 2
        agreed = tables.trace(axis1=1, axis2=2)
        ends = share_interval(agreed, tables.sum(axis=(1, 2)))
        low, high = (max(-1.0, (end - chance) / (1 - chance)) for end in ends)
        return value, low, high
    middle = math.atanh(value)
    half = quantile(groups) * math.sqrt(spread) / (1 - value * value)
    return value, math.tanh(middle - half), math.tanh(middle + half)


def _kappa_of_table(table: np.ndarray) -> float:
    """Cohen's kappa of counts of shape (categories, categories)."""
    total = table.sum()
    chance = table.sum(axis=1) @ table.sum(axis=0)
    if not total or total * total == chance:
        return math.nan
    return float((table.trace() * total - chance) / (total * total - chance))


def agreements(counts: np.ndarray) -> list[Row]:
    """Agreement in each of some columns, such as categories.

    counts: shape (groups, columns, 4). Returns, for each column, `CONFUSION` and each of
    `MEASURES` with its 95% interval over groups; NaN where undefined.
    """
    found = []
    for column in np.moveaxis(counts, 1, 0):
        total = column.sum(axis=0)
        row: Row = dict(zip(CONFUSION, map(int, total), strict=True))
        true, false, missed, _ = column.T
        # F1 rises with the share of true positives in all that either found: 2 J / (1 + J).
        either = [2 * share / (1 + share) for share in _ratio(true, true + false + missed)]
        measured = {
            "kappa": (float(kappa(total)), *kappa_interval(column)),
            "precision": _ratio(true, true + false),
            "recall": _ratio(true, true + missed),
            "f1": either,
        }
        for name, (value, low, high) in measured.items():
            row |= {name: value, f"{name}_low": low, f"{name}_high": high}
        found.append(row)
    return found


def _ratio(hits: np.ndarray, trials: np.ndarray) -> tuple[float, float, float]:
    """A share with its interval, from hits and trials of each group."""
    total = int(trials.sum())
    value = int(hits.sum()) / total if total else math.nan
    return value, *share_interval(hits, trials)


def with_any(labels: np.ndarray) -> np.ndarray:
    """Labels of shape (items, categories) with a last column: whether any category holds."""
    return np.concatenate([labels, labels.any(axis=1, keepdims=True)], axis=1)
