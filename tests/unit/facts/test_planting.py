"""Errors are planted where there is a place for them, one at a time; rewordings change nothing."""

from random import Random

import pytest

from palimpsest.facts.compare import findings
from palimpsest.facts.planting import KINDS, planted, reworded

PASSAGE = (
    "The patient is a 63-year-old man admitted on 3/14/2024 with possible pneumonia after a fall. "
    "He denies fever and has no chest pain. BP was 142/88. His mother had asthma. "
    "Metoprolol 25 mg PO BID was started two weeks ago. Allergies: penicillin. "
    "There is swelling of the left knee. He had an appendectomy 3 years ago for appendicitis."
)
OTHER = "Hemoglobin was 9.8 g/dL on admission. The wound was clean."


def wrong(rephrase: str) -> set[str]:
    return {one.type for one in findings(PASSAGE, rephrase) if one.status != "kept"}


@pytest.mark.parametrize("kind", KINDS)
def test_one_error_of_each_type_is_planted(kind: str) -> None:
    made = planted(PASSAGE, kind, Random(3), OTHER)
    assert made is not None and made != PASSAGE
    assert made == planted(PASSAGE, kind, Random(3), OTHER)  # the same by the same chance


def test_what_has_no_place_is_not_planted() -> None:
    found = {kind for kind in KINDS if planted("The wound was clean.", kind, Random(1), "")}
    assert found == set()


def test_a_problem_that_is_told_is_denied_or_doubted() -> None:
    told = "Presented with a fever. Mother: asthma."
    assert planted(told, "negation", Random(1)) == "Presented with no fever. Mother: asthma."
    assert (
        planted(told, "uncertainty", Random(1)) == "Presented with possible fever. Mother: asthma."
    )
    assert planted("Fever since Monday.", "negation", Random(1)) == "No fever since Monday."
    assert planted("Mother: asthma.", "negation", Random(1)) is None


def test_a_sentence_is_left_out_or_added() -> None:
    less = planted(PASSAGE, "omission", Random(1), "")
    assert len(less) < len(PASSAGE) and wrong(less)
    more = planted(PASSAGE, "addition", Random(1), OTHER)
    assert "Hemoglobin was 9.8 g/dL on admission." in more and len(more) > len(PASSAGE)


def test_a_reworded_text_says_the_same_in_other_words() -> None:
    for seed in range(20):
        made = reworded(PASSAGE, Random(seed))
        assert made != PASSAGE
        assert wrong(made) == set()
