"""Talk about a text is found by the weight of its words, wherever it stands."""

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.screens.talk import talk, talks_about_text

PASSAGE = "The patient is a 60 year old man with chest pain. Creatinine was 1.4."
GOOD = "A man of 60 years came with chest pain; his creatinine measured 1.4."
LINES = st.text(st.sampled_from(f"{ascii_lowercase} .:,\n()'é1"), max_size=200)


@pytest.mark.parametrize(
    "text",
    [
        f"{GOOD} I have kept all of the values in this version.",
        f"In a more formal style, the note reads: {GOOD}",
        f"{GOOD}\n\nThe wording was changed, but the facts are the same.",
        f"{GOOD}\n\n(Dates have been removed.)",
        f"{GOOD}\n\nThat should do it.",
        f"{GOOD}\n\nLes valeurs ont été conservées dans cette version.",
    ],
)
def test_talk_about_a_text_is_found_first_last_and_within(text):
    assert talks_about_text(text, PASSAGE)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"{GOOD} Note: he was fasting. The above was discussed with him.",
        f"{GOOD}\n\nI have reviewed the note of the resident and agree.",
        f"{GOOD}\n\nHe speaks in full sentences.",
        "",
    ],
)
def test_clinical_text_is_no_talk(text):
    assert not talks_about_text(text, PASSAGE)


def test_talk_of_the_passage_is_no_talk_of_the_llm():
    said = "This report was revised: the text of the earlier version was not correct."
    assert talks_about_text(f"{GOOD}\n\n{said}", PASSAGE)
    assert not talks_about_text(f"{GOOD}\n\n{said}", f"{PASSAGE}\n\n{said}")


def test_other_apostrophes_and_case_weigh_the_same():
    assert talk("I’VE REPHRASED IT") == talk("i've rephrased it")


@given(LINES, LINES)
def test_more_text_before_it_takes_nothing_from_a_last_paragraph(before, text):
    inside = f"{GOOD} {before.strip()}\n\nxyz {text.strip()} xyz"
    assert talk(inside) >= talk(f"xyz\n\nxyz {text.strip()} xyz")
