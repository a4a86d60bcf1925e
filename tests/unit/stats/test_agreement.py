"""Agreement of two annotators: what the counts say, and how sure that is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from palimpsest.stats.agreement import (
    MEASURES,
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
    (one,) = agreements(np.zeros((0, 1, 4), int))
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
    alone = agreements(items)[0]
    assert alone["kappa"] == pytest.approx(0.4)
    assert alone["kappa_low"] < 0.4 < alone["kappa_high"]
    patients = agreements(by_group(items, [f"p{at // 5}" for at in range(len(items))]))[0]
    assert patients["kappa"] == alone["kappa"]
    wide = patients["kappa_high"] - patients["kappa_low"]
    assert wide > 1.5 * (alone["kappa_high"] - alone["kappa_low"])


def test_one_unit_has_no_interval_and_undefined_measures_are_empty():
    (one,) = agreements(np.array([[[3, 1, 0, 2]]]))
    assert one["precision"] == 0.75 and one["recall"] == 1.0
    assert all(math.isnan(one[f"{name}_{end}"]) for name in MEASURES for end in ("low", "high"))
    (none,) = agreements(np.array([[[0, 0, 0, 2]], [[0, 0, 0, 1]]]))
    assert all(math.isnan(none[name]) for name in MEASURES)


def test_full_agreement_of_few_is_no_certainty():
    counts = np.array([[[1, 0, 0, 0]], *[[[0, 0, 0, 1]]] * 5])
    (one,) = agreements(counts)
    assert (one["kappa"], one["kappa_high"], one["f1"]) == (1.0, 1.0, 1.0)
    assert one["kappa_low"] < 0.5
    assert math.isnan(one["f1_low"])  # of one patient


GROUPS = st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=2, max_size=12)


@given(GROUPS)
def test_an_interval_holds_its_measure_and_has_no_order(groups):
    counts = np.array(groups)[:, None, :]
    (one,) = agreements(counts)
    for name in MEASURES:
        low, high = one[f"{name}_low"], one[f"{name}_high"]
        if not math.isnan(low):
            assert low - 1e-9 <= one[name] <= high + 1e-9
            assert (-1 if name == "kappa" else 0) <= low <= high <= 1
    (turned,) = agreements(counts[::-1])
    assert turned == {key: pytest.approx(value, nan_ok=True) for key, value in one.items()}


@pytest.mark.parametrize("alike", [0.0, 0.2])
def test_intervals_hold_the_truth_in_19_of_20_samples(alike):
    """20 patients with three sentences each, whose sentences are alike or not."""
    draw = np.random.default_rng(3)

    def samples(many):
        shape = (many, 20, 3)
        prior = draw.beta(0.2 / alike - 0.2, 0.8 / alike - 0.8, shape[:2]) if alike else 0.2
        gold = draw.random(shape) < (prior[..., None] if alike else prior)
        found = draw.random(shape) < np.where(gold, 0.8, 0.1)
        return confusion(gold, found).sum(axis=2)

    (truth,) = agreements(samples(20_000).sum(axis=1)[:, None, :])
    held = {name: [] for name in MEASURES}
    for sample in samples(600):
        (one,) = agreements(sample[:, None, :])
        for name in MEASURES:
            if not math.isnan(one[f"{name}_low"]):
                held[name].append(one[f"{name}_low"] <= truth[name] <= one[f"{name}_high"])
    for name, hits in held.items():
        assert len(hits) > 500 and 0.935 <= np.mean(hits), name
