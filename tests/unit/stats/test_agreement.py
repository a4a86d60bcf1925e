"""Agreement of two annotators: what the counts say, and how sure that is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from palimpsest.stats.agreement import (
    agreements,
    by_group,
    confusion,
    kappa,
    share,
    wilson,
    with_any,
)

ANNOTATED = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


@given(ANNOTATED)
def test_kappa_and_confusion_are_those_of_scikit_learn(pairs):
    first, second = np.array(pairs).T
    counts = confusion(first, second).sum(axis=0)
    theirs = confusion_matrix(first, second, labels=[False, True])
    tp, fp, fn, tn = counts
    assert [[tn, fp], [fn, tp]] == theirs.tolist()
    if (first == first[0]).all() and (second == first[0]).all():
        assert math.isnan(kappa(counts))
    else:
        assert float(kappa(counts)) == pytest.approx(cohen_kappa_score(first, second))


def test_kappa_of_a_table_that_was_worked_out_by_hand():
    # Agreement 35 of 50; by chance 25/50 * 30/50 + 25/50 * 20/50 = 0.5.
    counts = np.array([20, 10, 5, 15])
    assert float(share(counts)) == pytest.approx(0.7)
    assert float(kappa(counts)) == pytest.approx(0.4)


def test_nothing_counted_is_undefined_and_no_error():
    assert math.isnan(kappa(np.zeros(4))) and math.isnan(share(np.zeros(4)))
    assert all(map(math.isnan, wilson(0, 0)))
    (one,) = agreements(np.zeros((0, 1, 4), int), 1)
    assert one["tp"] == 0 and math.isnan(one["kappa"]) and math.isnan(one["kappa_low"])


def test_wilson_of_published_examples():
    # Newcombe (1998), table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 200), st.data())
def test_wilson_holds_the_share_and_stays_within_bounds(trials, data):
    hits = data.draw(st.integers(0, trials))
    low, high = wilson(hits, trials)
    assert 0 <= low <= hits / trials + 1e-12 and hits / trials - 1e-12 <= high <= 1


def test_groups_are_summed_in_the_order_of_their_names():
    values = np.array([[1, 0], [0, 1], [2, 2]])
    assert by_group(values, ["b", "a", "b"]).tolist() == [[0, 1], [3, 2]]
    assert by_group(values[:0], []).shape == (0, 2)


def test_any_is_a_last_column():
    labels = np.array([[True, False], [False, False]])
    assert with_any(labels).tolist() == [[True, False, True], [False, False, False]]


def test_an_interval_holds_kappa_and_widens_where_sentences_of_a_patient_are_alike():
    single = np.tile(np.array([[20, 10, 5, 15]]), (1, 1))
    items = np.repeat(np.eye(4, dtype=int), single[0], axis=0)[:, None, :]
    alone = agreements(items, 3)[0]
    assert alone["kappa"] == pytest.approx(0.4)
    assert alone["kappa_low"] < 0.4 < alone["kappa_high"]
    patients = agreements(by_group(items, [f"p{at // 5}" for at in range(len(items))]), 3)[0]
    assert patients["kappa"] == alone["kappa"]
    wide = patients["kappa_high"] - patients["kappa_low"]
    assert wide > 1.5 * (alone["kappa_high"] - alone["kappa_low"])


def test_resamples_in_which_kappa_is_undefined_are_left_out():
    # One positive in six patients: a third of the resamples have none.
    counts = np.array([[[1, 0, 0, 0]], *[[[0, 0, 0, 1]]] * 5])
    (one,) = agreements(counts, 1)
    assert (one["kappa"], one["kappa_low"], one["kappa_high"]) == (1.0, 1.0, 1.0)


def test_the_same_seed_gives_the_same_interval():
    counts = np.array([[[3, 1, 0, 2]], [[0, 2, 1, 4]], [[1, 0, 0, 6]]])
    assert agreements(counts, 5) == agreements(counts, 5)
