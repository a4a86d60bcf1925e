"""Tests of groups hold their level under the null, and find what their power says."""

import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from palimpsest.stats.exchangeable import (
    auc,
    by_lot,
    deal_test,
    detectable_count,
    detectable_dealt,
    detectable_rate,
    family,
    poisson_test,
    rank_test,
    tail_test,
    true_positives,
)


def draw(seed, exposed=60, control=40, leaked=0):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(exposed + control)
    values[:leaked] += 100
    return values, np.arange(exposed + control) < exposed


def ranked(values, exposed):
    return rank_test(values, exposed, permutations=199)


def tailed(values, exposed):
    return tail_test(values, exposed).p


@pytest.mark.parametrize("test", [ranked, tailed])
def test_at_most_five_in_a_hundred_null_samples_have_a_p_below_it(test):
    ps = np.array([test(*draw(seed)) for seed in range(300)])
    assert (ps <= 0.05).mean() <= 0.08  # 0.05 and 2.4 standard errors


def test_the_rank_test_is_that_of_mann_and_whitney():
    values, exposed = draw(3, leaked=8)
    expected = mannwhitneyu(values[exposed], values[~exposed], alternative="greater").pvalue
    assert rank_test(values, exposed) == pytest.approx(expected, abs=0.01)


def test_a_leak_of_the_printed_size_is_found_in_about_four_of_five_samples():
    rate = detectable_rate(200, 150, 0.01)
    found = [
        rank_test(*draw(seed, 200, 150, round(rate * 200)), permutations=999) <= 0.01
        for seed in range(60)
    ]
    assert 0.65 <= np.mean(found) <= 0.95


def test_a_few_who_stand_out_are_found_by_the_tail_and_not_by_the_ranks():
    values, exposed = draw(5, 300, 300, leaked=10)
    assert tailed(values, exposed) < 0.001 < rank_test(values, exposed)


def test_a_tail_is_of_as_many_patients_as_can_tell():
    tail = tail_test(*draw(5, 190, 174))
    assert tail.attainable <= 0.0005 and tail.above == 12
    assert 0.005 < tail_test(*draw(5, 12, 10)).attainable < 0.05  # a quarter of few can not
    values, exposed = draw(5, 190, 174, leaked=tail.needed)
    assert tailed(values, exposed) <= 0.005 < tailed(*draw(5, 190, 174, leaked=tail.needed - 6))


def test_equal_values_tell_nothing():
    values, exposed = np.zeros(20), np.arange(20) < 10
    assert rank_test(values, exposed) == tailed(values, exposed) == 1
    assert math.isnan(rank_test(values, np.ones(20, bool)))


def test_hits_are_dealt_as_cards_are():
    assert deal_test(1, 60, 0, 40) == pytest.approx(0.6)
    assert deal_test(2, 60, 0, 40) == pytest.approx(60 / 100 * 59 / 99)
    assert deal_test(0, 60, 3, 40) == 1


def test_an_area_is_with_its_interval():
    values, exposed = draw(1, 500, 500)
    area, low, high = auc(values, exposed)
    assert low < 0.5 < high and area == pytest.approx(0.5, abs=0.05)
    assert auc(np.arange(10.0), np.arange(10) >= 5)[0] == 1
    assert true_positives(np.arange(10.0), np.arange(10) >= 5) == 1


def test_as_many_more_as_are_found_above_what_is_expected():
    assert detectable_count(0.001, 0.005) == 1
    assert poisson_test(0, 5.0) == 1 and poisson_test(1, 0.001) == pytest.approx(0.001, rel=0.01)
    assert detectable_count(5.0, 0.005) > 5


@pytest.mark.parametrize("control_hits", [0, 3, 20])
def test_the_smallest_leak_that_a_deal_tells_is_found_four_times_in_five(control_hits):
    exposed, control, alpha = 190, 174, 0.005
    leaked = detectable_dealt(exposed, control_hits, control, alpha)
    by_chance = np.random.default_rng(1).poisson(exposed * control_hits / control, 4000)

    def power(more):
        told = [deal_test(int(hits) + more, exposed, control_hits, control) <= alpha
                for hits in np.minimum(by_chance, exposed - more)]  # fmt: skip
        return np.mean(told)

    assert power(leaked) > 0.78 and power(leaked - 2) < 0.8


def test_where_the_deal_tells_nothing_no_leak_is_found():
    assert detectable_dealt(190, 174, 174, 0.005) is None
    assert detectable_dealt(3, 0, 3, 0.005) is None


def test_own_documents_are_hit_as_often_as_a_lot_deals_them():
    standing, own = np.array([4, 0, 2]), np.array([1, 1, 2])
    expected, possible = by_lot(standing, own, np.array([True, True, False]))
    assert (expected, possible) == (pytest.approx(1 - 0.75**4), 1)
    assert by_lot(standing, own, np.ones(3, bool))[1] == 2


def test_tests_that_could_not_fail_take_nothing_from_the_others():
    tests, floors = {"a": 0.02, "b": 1.0, "c": 1.0}, {"a": 0.001, "b": 1.0, "c": 1.0}
    assert family(tests, floors, 0.05) == ({"a": True, "b": False, "c": False}, 0.05)
    assert family(tests, dict.fromkeys("abc", 0.0), 0.05)[0]["a"] is False


def test_a_detectable_rate_falls_with_the_groups_and_is_one_without_any():
    rates = [detectable_rate(size, size, 0.005) for size in (50, 500, 5000)]
    assert rates == sorted(rates, reverse=True)
    assert detectable_rate(0, 10, 0.005) == 1.0
