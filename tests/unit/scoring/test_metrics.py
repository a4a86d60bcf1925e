"""Metrics are those of scikit-learn and seqeval, for one weighting and for many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    precision_score,
    recall_score,
)

from palimpsest.scoring.judged import Judged
from palimpsest.scoring.metrics import LABEL_METRICS, METRICS, average_precision
from palimpsest.stats.f1 import decision_counts

SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])  # few values: many ties
SCORED = st.integers(1, 12).flatmap(
    lambda count: st.tuples(
        arrays.arrays(bool, (count, 3)), arrays.arrays(np.float32, (count, 3), elements=SHARES)
    )
)
WEIGHTED = SCORED.flatmap(
    lambda pair: st.tuples(
        st.just(pair), arrays.arrays(int, len(pair[0]), elements=st.integers(0, 3))
    )
)


def judged_of(gold, scores):
    """Two labels and any, decided at 0.5."""
    counts = decision_counts(gold, scores >= 0.5)
    last = Judged(["any"], counts[:, 2:], gold[:, 2:], scores[:, 2:])
    return Judged(["a", "b"], counts[:, :2], gold[:, :2], scores[:, :2], any=last)


@given(WEIGHTED)
def test_metrics_with_counts_are_those_of_scikit_learn_on_repeated_examples(drawn):
    (gold, scores), counts = drawn
    judged, weights = judged_of(gold, scores), counts[None].astype(float)
    found = {name: metric(judged, weights)[0] for name, metric in METRICS["sentences"].items()}
    repeated = np.repeat(np.arange(len(gold)), counts)
    gold, scores = gold[repeated], scores[repeated]
    predicted = scores >= 0.5
    held = [column for column in range(2) if gold[:, column].any()]
    zero = {"zero_division": 0}
    expected = dict.fromkeys(found, np.nan)
    if gold[:, :2].any():
        expected["micro_f1"] = f1_score(gold[:, :2].ravel(), predicted[:, :2].ravel(), **zero)
    if gold[:, 2].any():
        expected["binary_f1"] = f1_score(gold[:, 2], predicted[:, 2], **zero)
    if held:
        each = [f1_score(gold[:, column], predicted[:, column], **zero) for column in held]
        areas = [average_precision_score(gold[:, column], scores[:, column]) for column in held]
        expected |= {"macro_f1": np.mean(each), "auprc": np.mean(areas)}
    assert found == pytest.approx(expected, nan_ok=True)


@given(SCORED)
def test_metrics_of_a_label_are_those_of_scikit_learn(drawn):
    gold, scores = drawn
    ones = np.ones((1, len(gold)))
    for column, judged in enumerate(judged_of(gold, scores).by_label().values()):
        true, predicted = gold[:, column], scores[:, column] >= 0.5
        zero = {"zero_division": 0}
        expected = {
            "precision": precision_score(true, predicted, **zero),
            "recall": recall_score(true, predicted, **zero),
            "f1": f1_score(true, predicted, **zero),
            "auprc": average_precision_score(true, scores[:, column]) if true.any() else 0,
        }
        if not true.any():  # nothing is to be found
            expected = dict.fromkeys(expected, np.nan)
        metrics = LABEL_METRICS["sentences"]
        found = {name: metric(judged, ones)[0] for name, metric in metrics.items()}
        assert found == pytest.approx(expected, nan_ok=True)


@given(SCORED, st.integers(0, 99))
def test_many_weightings_at_once_are_each_alone(drawn, seed):
    gold, scores = drawn
    weights = np.random.default_rng(seed).integers(0, 3, (4, len(gold))).astype(float)
    for metric in METRICS["sentences"].values():
        judged = judged_of(gold, scores)
        alone = [metric(judged, row[None])[0] for row in weights]
        assert metric(judged, weights) == pytest.approx(np.array(alone), nan_ok=True)


def test_average_precision_of_a_known_ranking():
    gold, scores = np.array([True, False, True]), np.array([0.9, 0.8, 0.7])
    assert average_precision(np.ones((1, 3)), gold, scores) == pytest.approx([(1 + 2 / 3) / 2])


@given(st.integers(2, 30), st.integers(0, 99))
def test_correlations_with_counts_are_those_of_scipy_on_repeated_examples(size, seed):
    random = np.random.default_rng(seed)
    gold, said = random.integers(0, 5, (2, size, 1)).astype(float)
    counts = random.integers(0, 3, (3, size))
    judged = Judged([], np.zeros((size, 0, 3)), gold, said)
    for name, expected in (("pearson", pearsonr), ("spearman", spearmanr)):
        found = METRICS["pairs"][name](judged, counts.astype(float))
        for row, value in zip(counts, found, strict=True):
            first, second = (np.repeat(part[:, 0], row) for part in (gold, said))
            if len(first) < 2 or not first.std() or not second.std():
                assert np.isnan(value)
            else:
                assert value == pytest.approx(expected(first, second).statistic)


ONE_OF_THREE = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12)


@given(ONE_OF_THREE)
def test_metrics_of_one_label_are_those_of_scikit_learn(pairs):
    gold, said = (np.eye(3, dtype=bool)[list(part)] for part in zip(*pairs, strict=True))
    true, predicted = gold.argmax(axis=1), said.argmax(axis=1)
    ones = np.ones((1, len(pairs)))
    counts = decision_counts(gold, said)
    judged = Judged(["a", "b", "none"], counts, gold, said.astype(float))
    held = sorted(set(true))
    value = {name: metric(judged, ones)[0] for name, metric in METRICS["assertion"].items()}
    assert value["micro_f1"] == pytest.approx(accuracy_score(true, predicted))
    assert METRICS["pairs"]["accuracy"](judged, ones)[0] == pytest.approx(value["micro_f1"])
    each = f1_score(true, predicted, labels=held, average="macro", zero_division=0)
    assert value["macro_f1"] == pytest.approx(each)
    related = Judged(["a", "b", "none"], counts, gold, none_label="none")
    found = {name: metric(related, ones)[0] for name, metric in METRICS["relations"].items()}
    expected = dict.fromkeys(found, np.nan)
    if held := [label for label in held if label < 2]:
        only = {"labels": [0, 1], "average": "micro", "zero_division": 0}
        expected["micro_f1"] = f1_score(true, predicted, **only)
        expected["precision"] = precision_score(true, predicted, **only)
        expected["recall"] = recall_score(true, predicted, **only)
        macro = f1_score(true, predicted, labels=held, average="macro", zero_division=0)
        expected["macro_f1"] = macro
    assert found == pytest.approx(expected, nan_ok=True)
