"""Metrics are those of scikit-learn and seqeval, for one weighting and for many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

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
    expected = {"micro_f1": 0.0, "macro_f1": 0.0, "binary_f1": 0.0, "auprc": 0.0}
    if len(repeated):
        expected["micro_f1"] = f1_score(gold[:, :2].ravel(), predicted[:, :2].ravel(), **zero)
        expected["binary_f1"] = f1_score(gold[:, 2], predicted[:, 2], **zero)
    if held:
        each = [f1_score(gold[:, column], predicted[:, column], **zero) for column in held]
        areas = [average_precision_score(gold[:, column], scores[:, column]) for column in held]
        expected |= {"macro_f1": np.mean(each), "auprc": np.mean(areas)}
    assert found == pytest.approx(expected)


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
        metrics = LABEL_METRICS["sentences"]
        found = {name: metric(judged, ones)[0] for name, metric in metrics.items()}
        assert found == pytest.approx(expected)


@given(SCORED, st.integers(0, 99))
def test_many_weightings_at_once_are_each_alone(drawn, seed):
    gold, scores = drawn
    weights = np.random.default_rng(seed).integers(0, 3, (4, len(gold))).astype(float)
    for metric in METRICS["sentences"].values():
        judged = judged_of(gold, scores)
        alone = [metric(judged, row[None])[0] for row in weights]
        assert metric(judged, weights) == pytest.approx(np.array(alone))


def test_average_precision_of_a_known_ranking():
    gold, scores = np.array([True, False, True]), np.array([0.9, 0.8, 0.7])
    assert average_precision(np.ones((1, 3)), gold, scores) == pytest.approx([(1 + 2 / 3) / 2])
