"""Loops are found, and tables, lists and rules that were there before are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.text.loops import densest, is_looped, recurring

PROSE = (
    "A 60 year old male presented after two days of chest pain and dyspnea; aspirin 81 mg and "
    "intravenous furosemide 40 mg were started, creatinine measured 1.4, and he left in stable "
    "condition with a follow-up in two weeks and a new prescription for lisinopril 10 mg daily. "
)


@pytest.mark.parametrize(
    "loop",
    [
        "!" * 260,
        "0" * 800,
        "ab" * 300,
        "- " * 200,
        "1.4, " * 80,
        "and the patient " * 30,
        "\n" * 300,
        "**" * 200,
    ],
)
def test_a_stretch_that_says_one_thing_is_a_loop(loop):
    for text in (loop, PROSE + loop, loop + PROSE, PROSE + loop + PROSE):
        assert is_looped(text, PROSE)
        assert not is_looped(text, text)


def test_a_sentence_that_stands_three_times_is_a_loop():
    again = "The patient was stable at that time. "
    assert not is_looped(PROSE + 2 * again, PROSE)
    assert is_looped(PROSE + 3 * again, PROSE)
    assert is_looped("\n".join(["- Follow up with your doctor"] * 3), PROSE)
    assert not is_looped(PROSE + 3 * again, "\n".join([again.upper()] * 3))
    assert recurring("No. No. No. No.") == 0  # so short a sentence may recur


TABLE = "\n".join(
    f"{day:02d}/03 0{day % 10}:15AM BLOOD WBC-{day}.{day % 7} RBC-4.{day} Hgb-1{day % 5}.1 "
    f"Na-13{day % 9}"
    for day in range(1, 20)
)


@pytest.mark.parametrize(
    "text", [PROSE, PROSE * 2, TABLE, PROSE + "_" * 60 + "\n" + PROSE, "", "a"]
)
def test_prose_tables_and_rules_are_no_loops(text):
    assert not is_looped(text)


@given(st.text(max_size=600))
def test_a_text_has_no_more_loops_than_itself(text):
    assert 0 < densest(text) <= 1.2 and not is_looped(text, text)
