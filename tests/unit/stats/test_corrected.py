"""Rates after a judge of known errors: without bias, within the interval as often as it says."""

import math

import numpy as np
import pytest

from palimpsest.stats.corrected import Judged, corrected_rate


def simulated(
    rate: float, recall: float, alarms: float, known: int, drawn: np.random.Generator
) -> tuple[float, ...]:
    """One corrected rate: 60 patients of 1 to 8 rephrases, some with more errors than others."""
    trials = drawn.integers(1, 9, size=60)
    of_patient = drawn.beta(8 * rate, 8 * (1 - rate), size=60)
    wrong = drawn.binomial(trials, of_patient)
    hits = drawn.binomial(wrong, recall) + drawn.binomial(trials - wrong, alarms)
    judge = Judged(
        known, int(drawn.binomial(known, recall)), known, int(drawn.binomial(known, alarms))
    )
    return corrected_rate(hits, trials, judge)


@pytest.mark.parametrize("rate", [0.03, 0.2, 0.5])
@pytest.mark.parametrize(("recall", "alarms"), [(0.95, 0.02), (0.7, 0.1), (0.5, 0.3)])
def test_a_corrected_rate_is_unbiased_and_within_its_interval(
    rate: float, recall: float, alarms: float
) -> None:
    drawn = np.random.default_rng(7)
    found = np.array([simulated(rate, recall, alarms, 200, drawn) for _ in range(1500)])
    within = (found[:, 1] <= rate) & (rate <= found[:, 2])
    assert within.mean() >= 0.935
    assert abs(np.median(found[:, 0]) - rate) < 0.02


def test_a_judge_without_errors_corrects_nothing() -> None:
    value, low, high = corrected_rate(
        np.array([1, 0, 2, 0]), np.array([5, 5, 5, 5]), Judged(10**6, 10**6, 10**6, 0)
    )
    assert value == pytest.approx(0.15)
    assert low < 0.15 < high


@pytest.mark.parametrize("judge", [Judged(50, 20, 50, 20), Judged(0, 0, 50, 1), Judged(9, 5, 0, 0)])
def test_a_judge_that_tells_nothing_gives_no_rate(judge: Judged) -> None:
    assert all(map(math.isnan, corrected_rate(np.array([1, 2]), np.array([4, 4]), judge)))


def test_one_patient_gives_no_interval() -> None:
    value, low, high = corrected_rate(np.array([1]), np.array([4]), Judged(50, 50, 50, 0))
    assert value == 0.25
    assert math.isnan(low) and math.isnan(high)
