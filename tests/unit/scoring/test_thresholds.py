"""Thresholds are those that are declared, and never chosen on what they are judged on."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from palimpsest.runtime.schema import Thresholds
from palimpsest.scoring.thresholds import cross_fitted, thresholds

FIXED, POOLED = Thresholds(), Thresholds(policy="pooled")
PER_LABEL = Thresholds(policy="per_label", min_positives=10)


def decisions(examples=200, rare=3, seed=0):
    """A common label that is said with little confidence, a rare one, and any."""
    random = np.random.default_rng(seed)
    common = np.arange(examples) % 2 == 0
    few = np.arange(examples) < rare
    gold = np.stack([common, few, common | few], axis=1)
    scores = np.stack([0.1 + 0.2 * common, 0.5 + 0.4 * few, 0.1 + 0.2 * (common | few)], axis=1)
    return gold, (scores + random.uniform(0, 0.01, scores.shape)).astype(np.float32)


def test_fixed_thresholds_look_at_nothing():
    assert thresholds(FIXED, *decisions()).tolist() == [0.5] * 3


def test_a_pooled_threshold_has_the_best_f1_over_all_labels():
    gold, scores = decisions()
    first, second, last = thresholds(POOLED, gold, scores)
    assert first == second

    def f1_at(threshold):
        return f1_score(gold[:, :2].ravel(), scores[:, :2].ravel() >= threshold)

    assert f1_at(first) == max(f1_at(other) for other in scores[:, :2].ravel())
    assert 0.12 < last < 0.3


def test_only_a_label_with_enough_examples_has_a_threshold_of_its_own():
    gold, scores = decisions()
    first, second, _ = thresholds(PER_LABEL, gold, scores)
    assert 0.12 < first < 0.3
    assert second == thresholds(POOLED, gold, scores)[1]
    gold, scores = decisions(rare=20)
    assert 0.52 < thresholds(PER_LABEL, gold, scores)[1] < 0.9


def test_a_policy_without_any_gold_falls_back_to_one_half():
    gold, scores = decisions()
    for policy in (FIXED, POOLED, PER_LABEL):
        assert thresholds(policy, np.zeros_like(gold), scores).tolist() == [0.5] * 3


def test_what_is_chosen_on_noise_is_worth_nothing_on_the_other_half():
    random = np.random.default_rng(1)
    groups = [str(number) for number in range(60)]
    gains = []
    for _ in range(200):
        gold = random.random((60, 2)) < 0.3
        scores = random.random((60, 2))
        policy = Thresholds(policy="per_label", min_positives=1)
        chosen = scores >= thresholds(policy, gold, scores)
        fitted = cross_fitted(policy, gold, scores, groups, np.ones(60, bool))
        gains.append(f1_score(gold[:, 0], chosen[:, 0]) - f1_score(gold[:, 0], fitted[:, 0]))
    assert np.mean(gains) > 0.02  # the optimism of a threshold that was chosen on the same


def test_a_group_is_never_decided_by_itself():
    gold, scores = decisions(40)
    groups = [f"p{number // 4}" for number in range(40)]
    everyone = np.ones(40, bool)
    decided = cross_fitted(POOLED, gold, scores, groups, everyone)
    other = gold.copy()
    other[:4] = ~other[:4]  # of the first group: its own decisions stay as they are
    changed = cross_fitted(POOLED, other, scores, groups, everyone)
    assert np.array_equal(decided[:4], changed[:4])


def test_only_the_labels_of_the_budget_choose():
    gold, scores = decisions(40)
    groups = [f"p{number}" for number in range(40)]
    none = np.zeros(40, bool)
    decided = cross_fitted(POOLED, gold, scores, groups, none)
    assert np.array_equal(decided, scores >= 0.5)
    with pytest.raises(ValueError):
        Thresholds(policy="best")
