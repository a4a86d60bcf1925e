"""F1 from counts, and the thresholds at which it is best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import f1_score

from palimpsest.stats.f1 import (
    choose_thresholds,
    decision_counts,
    f1,
    label_columns,
    micro_f1,
    span_counts,
)

LABELS = ["memory", "care"]
SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])  # few values: many ties
SCORED = st.integers(1, 12).flatmap(
    lambda count: st.tuples(
        arrays.arrays(bool, (count, 3)), arrays.arrays(np.float32, (count, 3), elements=SHARES)
    )
)


def test_columns_of_labels_end_with_any():
    found = label_columns([["care"], [], ["memory", "care"]], LABELS)
    assert found.tolist() == [[False, True, True], [False] * 3, [True] * 3]
    assert label_columns([], LABELS).shape == (0, 3)


def test_f1_of_known_counts():
    assert f1(np.array([2.0, 4.0, 4.0])) == 0.5
    assert f1(np.array([[0.0, 3.0, 3.0], [3.0, 3.0, 3.0]])).tolist() == [0, 1]


def test_f1_where_nothing_is_to_be_found_is_no_number():
    assert np.isnan(f1(np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0]]))).all()


def test_spans_count_by_example_and_label():
    gold = [{(0, 4, "memory"), (6, 9, "care")}, set()]
    found = [{(0, 4, "memory"), (6, 8, "care")}, {(0, 1, "care")}]
    counts = span_counts(gold, found, LABELS)
    assert counts.tolist() == [[[1, 1, 1], [0, 1, 1]], [[0, 0, 0], [0, 1, 0]]]
    assert micro_f1(counts) == pytest.approx(2 * 1 / (3 + 2))


@given(SCORED)
def test_micro_f1_of_decisions_is_that_of_scikit_learn(drawn):
    gold, scores = drawn
    found = micro_f1(decision_counts(gold, scores >= 0.5))
    expected = f1_score(gold.ravel(), (scores >= 0.5).ravel(), zero_division=0)
    assert found == pytest.approx(expected if gold.any() else np.nan, nan_ok=True)


@given(SCORED)
def test_no_threshold_has_a_better_f1_than_the_chosen_one(drawn):
    gold, scores = drawn
    chosen = choose_thresholds(gold, scores)
    for column in range(3):

        def f1_at(threshold, column=column):
            return f1_score(gold[:, column], scores[:, column] >= threshold, zero_division=0)

        assert 0 <= chosen[column] <= 1
        assert f1_at(chosen[column]) == max(f1_at(other) for other in [*scores[:, column], 2.0])
        assert gold[:, column].any() or chosen[column] == 0.5


def test_a_threshold_lies_between_two_scores_and_is_the_highest_of_equals():
    scores = np.array([[0.8], [0.6], [0.4], [0.2]])
    assert choose_thresholds(np.array([[1], [0], [0], [0]], bool), scores) == pytest.approx([0.7])
    assert choose_thresholds(np.array([[0], [0], [0], [1]], bool), scores) == pytest.approx([0.1])
    # One of one and two of four: both have an F1 of 2/3.
    assert choose_thresholds(np.array([[1], [0], [0], [1]], bool), scores) == pytest.approx([0.7])
