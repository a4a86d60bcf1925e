"""From which probability on a label holds, as the experiment declares it.

Nothing is chosen on test examples. What is chosen on the valid ones is not reported on the same:
thresholds of one half of their groups are applied to the other (cross-fitting).
"""

import numpy as np

from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.schema import Thresholds
from palimpsest.stats.f1 import UNDECIDED, choose_thresholds


def thresholds(policy: Thresholds, gold: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The threshold of each column, (labels + 1,): the last one is of `any`.

    gold: bool, (examples, labels + 1), of the examples that choose. scores: probabilities. `any` is
    one decision about each example, and so has the best one of its own where anything is chosen.
    """
    columns = gold.shape[1]
    if policy.policy == "fixed":
        return np.full(columns, UNDECIDED)
    labels = slice(columns - 1)
    pooled = choose_thresholds(gold[:, labels].reshape(-1, 1), scores[:, labels].reshape(-1, 1))[0]
    chosen = np.full(columns, pooled)
    enough = gold.sum(axis=0) >= policy.min_positives
    if policy.policy == "pooled":
        enough[labels], enough[-1] = False, True
    chosen[enough] = choose_thresholds(gold[:, enough], scores[:, enough])
    return chosen


def cross_fitted(
    policy: Thresholds,
    gold: np.ndarray,
    scores: np.ndarray,
    groups: list[str],
    choosing: np.ndarray,
) -> np.ndarray:
    """Decisions about the valid examples, (examples, labels + 1).

    groups: of each example; those of one are in one half. choosing: bool, (examples,), which of
    them have their labels in the budget and choose.
    """
    names = sorted(set(groups), key=lambda name: (keyed_hash("half", name), name))
    half_of = {name: place % 2 for place, name in enumerate(names)}
    halves = np.array([half_of[name] for name in groups])
    decided = np.zeros(gold.shape, bool)
    for half in (0, 1):
        other = choosing & (halves != half)
        here = halves == half
        decided[here] = scores[here] >= thresholds(policy, gold[other], scores[other])
    return decided
