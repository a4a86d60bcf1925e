"""Tests of who was dealt to which of two groups, and of what is found beside what is not there.

Patients are dealt to the splits by a keyed hash of their ids, as by a lot. Where nothing of the
patients reached what is tested, any deal was as likely, whatever patients and texts are like:
labels can be permuted, and a p-value is exact without a model of the texts (Fisher 1935, Pitman
1937). Units are patients; a patient has one number, which knows nothing of the labels.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import hypergeom, poisson, rankdata

POWER = 0.8
PERMUTATIONS = 9_999
_AT_ONCE = 1 << 22  # numbers in a block of permutations


def rank_test(
    values: np.ndarray, exposed: np.ndarray, permutations: int = PERMUTATIONS, seed: int = 0
) -> float:
    """One-sided p-value of the exposed having higher values: a permutation test of the rank sum.

    values: (patients,). exposed: bool, of the same shape. Never 0: the deal itself is counted. NaN
    where a group is empty.
    """
    return _permuted(rankdata(values), exposed, permutations, seed)


@dataclass(frozen=True)
class Tail:
    """A test of the patients who stand out. above: how many these are. used: how many were exposed.

    attainable: the p if all of them were. needed: how many exposed ones are told from chance.
    """

    p: float
    attainable: float
    above: int
    used: int
    needed: int


def tail_test(
    values: np.ndarray, exposed: np.ndarray, share: float = 0.01, level: float = 0.005
) -> Tail:
    """As `rank_test`, of how many exposed are above all but a share of all patients.

    The threshold is of all patients together, so that it does not know the labels. A few leaked
    patients are found by it, whom a mean would hide. Where the share is of so few patients that it
    would be chance if all of them were exposed, it is of as many as can tell, up to a quarter.
    """
    total, count = len(values), int(exposed.sum())
    if not 0 < count < total:
        return Tail(math.nan, 1.0, 0, 0, 0)
    telling = math.ceil(math.log(level / 10) / math.log(count / total))
    top = np.sort(values)[-max(1, round(share * total), min(telling, total // 4))]
    above = (values > top) | ((values == top) & (values > values.min()))
    high, used = int(above.sum()), int((above & exposed).sum())
    ps = hypergeom.sf(np.arange(-1, min(high, count)), total, high, count)
    needed = int((ps > level).sum())
    return Tail(float(ps[used]), float(ps[-1]), high, used, needed)


def _permuted(scores: np.ndarray, exposed: np.ndarray, permutations: int, seed: int) -> float:
    """The share of deals, itself counted, in which the exposed have as high a sum of scores."""
    count, total = int(exposed.sum()), len(exposed)
    if not 0 < count < total:
        return math.nan
    observed = scores[exposed].sum()
    distinct = np.unique(scores)
    if len(distinct) < 2:
        return 1.0
    if len(distinct) == 2:  # exactly known
        high = scores == distinct[1]
        hits = int((high & exposed).sum())
        return float(hypergeom.sf(hits - 1, total, int(high.sum()), count))
    rng = np.random.default_rng(seed)
    fewer = min(count, total - count)  # the smaller group is drawn
    limit = observed if fewer == count else scores.sum() - observed
    reached, drawn = 1, 0
    while drawn < permutations:
        block = min(permutations - drawn, max(1, _AT_ONCE // total))
        keys = rng.random((block, total), np.float32)
        chosen = np.argpartition(keys, fewer - 1, axis=1)[:, :fewer]
        sums = scores[chosen].sum(axis=1)
        slack = 1e-9 * max(1.0, abs(limit))
        as_far = sums >= limit - slack if fewer == count else sums <= limit + slack
        reached += int(as_far.sum())
        drawn += block
    return reached / (permutations + 1)


def deal_test(exposed_hits: int, exposed: int, control_hits: int, control: int) -> float:
    """The probability that so many of all hits or more are dealt to the exposed (Fisher's test)."""
    hits = exposed_hits + control_hits
    return float(hypergeom.sf(exposed_hits - 1, exposed + control, hits, exposed))


def poisson_test(found: int, expected: float) -> float:
    """The probability of so many or more, where so many are expected."""
    return float(poisson.sf(found - 1, expected)) if found else 1.0


def by_lot(standing: np.ndarray, own: np.ndarray, counted: np.ndarray) -> tuple[float, int]:
    """Of how many patients something stands in one of their own documents, dealt by a lot.

    standing: in how many documents something of each patient stands, wherever. own: how many
    documents each has. counted: bool, the patients who count. Returns the expected number, and how
    many there may be at most.
    """
    total = own.sum()
    share = np.minimum(own / total, 1 - 1e-12)
    likely = -np.expm1(np.minimum(standing, total) * np.log1p(-share))
    likely = np.where(counted, likely, 0.0)
    return float(likely.sum()), int((likely > 0).sum())


def auc(values: np.ndarray, exposed: np.ndarray) -> tuple[float, float, float]:
    """The area under the ROC curve with its 95% interval (DeLong et al. 1988), on the logit scale.

    NaN where a group has fewer than 2 patients.
    """
    high, low = values[exposed], values[~exposed]
    if min(len(high), len(low)) < 2:
        return math.nan, math.nan, math.nan
    ranks, own_high, own_low = rankdata(values), rankdata(high), rankdata(low)
    of_high = (ranks[exposed] - own_high) / len(low)  # share of the others below each
    of_low = 1 - (ranks[~exposed] - own_low) / len(high)
    value = float(of_high.mean())
    variance = of_high.var(ddof=1) / len(high) + of_low.var(ddof=1) / len(low)
    inside = min(max(value, 1e-6), 1 - 1e-6)
    half = 1.959963984540054 * math.sqrt(variance) / (inside * (1 - inside))
    middle = math.log(inside / (1 - inside))
    low_end, high_end = (1 / (1 + math.exp(-(middle + side * half))) for side in (-1, 1))
    return value, low_end, high_end


def true_positives(values: np.ndarray, exposed: np.ndarray, share: float = 0.01) -> float:
    """The share of the exposed above the threshold that a share of the others is above.

    NaN where a group is empty. With few others the threshold is the highest of them.
    """
    high, low = values[exposed], values[~exposed]
    if not len(high) or not len(low):
        return math.nan
    allowed = math.floor(share * len(low))
    threshold = np.sort(low)[len(low) - 1 - allowed]
    return float((high > threshold).mean())


def detectable_rate(exposed: int, control: int, alpha: float) -> float:
    """The smallest share of the exposed whose leak the rank test finds with a power of 0.8.

    A patient who leaked has a higher number than all of the control, the others are like it. 1.0
    where not even a leak of all would be found.
    """
    if not exposed or not control:
        return 1.0
    null = math.sqrt((exposed + control + 1) / (12 * exposed * control))
    low, high = 0.0, 1.0
    for _ in range(40):  # the power rises with the share
        rate = (low + high) / 2
        # of the mixture: a share r of the exposed is above all of the control
        spread = (1 - rate) * (1 + 3 * rate) / (12 * exposed) + (1 - rate) ** 2 / (12 * control)
        shift = rate / 2 - ndtri(1 - alpha) * null
        found = ndtr(shift / math.sqrt(spread)) if spread > 0 else float(shift > 0)
        low, high = (low, rate) if found >= POWER else (rate, high)
    return high


def detectable_count(expected: float, alpha: float) -> int:
    """The smallest number of leaked ones that is found with a power of 0.8 above so many."""
    needed = 1
    while poisson.sf(needed - 1, expected) > alpha:
        needed += 1
    leaked = 1
    while poisson.sf(needed - leaked - 1, expected) < POWER and leaked < needed:
        leaked += 1
    return leaked


def detectable_dealt(exposed: int, control_hits: int, control: int, alpha: float) -> int | None:
    """The smallest number of leaked ones that `deal_test` finds with a power of 0.8.

    Chance hits the exposed as it hit the control. None where not even a leak of all would be found.
    """
    counts = range(1, exposed + 1)
    place = bisect_left(
        counts, True, key=lambda hits: deal_test(hits, exposed, control_hits, control) <= alpha
    )
    if place == exposed:
        return None
    needed, expected = counts[place], exposed * control_hits / control
    leaked = range(1, needed)
    return 1 + bisect_left(
        leaked, True, key=lambda some: poisson.sf(needed - some - 1, expected) >= POWER
    )


def family(
    tests: Mapping[str, float], attainable: Mapping[str, float], level: float
) -> tuple[dict[str, bool], float]:
    """Which tests of a family are failed, so that at most `level` of null families have any.

    Bonferroni's correction over the tests that could fail at all (Tarone 1990): with few hits a
    discrete test cannot reach a small p-value, and takes nothing from the others.
    tests: p-values by name. attainable: the smallest that each could have had with its margins, 0
    where that is not known. Returns who fails, and the threshold that a p-value must not be above.
    """
    floors = sorted(attainable.get(name, 0.0) for name in tests)
    count = 1
    while sum(floor <= level / count for floor in floors) > count:
        count += 1
    threshold = level / count
    return {name: p <= threshold for name, p in tests.items()}, threshold
