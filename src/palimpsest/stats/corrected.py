"""The rate of errors after a judge that misses some and sees some that are none.

A judge says of some items that they are wrong. Its recall is known from items with an error that
was planted, and its false alarms from items without one. What it says of other items is corrected
by both (Rogan & Gladen 1978).
"""

import math
from dataclasses import dataclass

import numpy as np

from palimpsest.stats.agreement import NOTHING, independent_trials, quantile


@dataclass(frozen=True)
class Judged:
    """How a judge did where the truth is known.

    planted: items with an error. found: those of them that it called wrong. faithful: items
    without one. alarms: those of them that it called wrong.
    """

    planted: int
    found: int
    faithful: int
    alarms: int

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else math.nan

    @property
    def false_alarms(self) -> float:
        return self.alarms / self.faithful if self.faithful else math.nan


def corrected_rate(hits: np.ndarray, trials: np.ndarray, judge: Judged) -> tuple[float, ...]:
    """The corrected rate of errors with its 95% interval: value, low, high.

    Lang & Reiczigel's interval (2014), which counts that recall and false alarms are estimates, of
    as many independent items as the items are worth: those of a patient are alike. It is cut to
    what a rate can be; the value is not, since a cut one is biased: where the judge called fewer
    wrong than it does by mistake, it is negative. NaN where a judge finds no more among wrong
    items than among others: it tells nothing.

    hits: items of each group, such as a patient, that the judge called wrong. trials: all of them.
    """
    told = judge.recall - judge.false_alarms
    if not trials.sum() or not told > 0:  # or NaN
        return math.nan, *NOTHING
    observed = hits.sum() / trials.sum()
    value = (observed - judge.false_alarms) / told
    groups = int((trials > 0).sum())
    if groups < 2:
        return value, *NOTHING
    z, items = quantile(groups), independent_trials(hits, trials)
    # Each share is drawn a little to the middle, as in Agresti & Coull's interval: near 0 and 1 an
    # observed share says too little of its own spread.
    shrunk = (items * observed + z * z / 2) / (items + z * z)
    recall = (judge.found + 1) / (judge.planted + 2)
    quiet = (judge.faithful - judge.alarms + 1) / (judge.faithful + 2)
    power = recall + quiet - 1
    if power <= 0:
        return value, 0.0, 1.0
    rate = min(1.0, max(0.0, (shrunk + quiet - 1) / power))
    of_recall = recall * (1 - recall) / (judge.planted + 2)
    of_quiet = quiet * (1 - quiet) / (judge.faithful + 2)
    middle = rate + 2 * z * z * (rate * of_recall - (1 - rate) * of_quiet)
    spread = shrunk * (1 - shrunk) / (items + z * z)
    spread += rate**2 * of_recall + (1 - rate) ** 2 * of_quiet
    half = z * math.sqrt(spread) / power
    return value, max(0.0, middle - half), min(1.0, middle + half)
