"""Names that no lexicon has, where one must stand, and names told by their organ."""

from random import Random

import pytest

from palimpsest.facts.compare import findings
from palimpsest.facts.extract import facts_of
from palimpsest.facts.model import UNFAITHFUL
from palimpsest.facts.planting import planted


def named(text: str) -> set[str]:
    return {one.concept[1] for one in facts_of(text).mentions}


def wrong(passage: str, rephrase: str) -> set[tuple[str, str]]:
    return {(f.type, f.status) for f in findings(passage, rephrase) if f.status in UNFAITHFUL}


@pytest.mark.parametrize(
    "text",
    [
        "History of blorpia.",
        "PMH: gout, blorpia and asthma.",
        "CT was negative for blorpia.",
        "Blorpia was ruled out.",
        "She underwent a blorpia in 2012.",
        "A 54-year-old man with blorpia presents.",
        "Her mother had blorpia.",
    ],
)
def test_a_name_that_no_lexicon_has_is_read_in_its_place(text):
    assert "?blorpia" in named(text)


@pytest.mark.parametrize(
    "text", ["History of smoking.", "She had a blorpial gown on her lap.", "Walked to the car."]
)
def test_ordinary_words_and_other_places_name_nothing(text):
    assert "?blorpia" not in named(text) and "?smoking" not in named(text)


@pytest.mark.parametrize(
    ("passage", "rephrase", "found"),
    [
        ("CT negative for blorpia.", "CT showed definite blorpia.", ("negation", "changed")),
        ("CT suspicious for blorpia.", "CT: blorpia.", ("uncertainty", "changed")),
        ("Her mother had blorpia.", "The patient has blorpia.", ("experiencer", "changed")),
        ("She has asthma.", "She has asthma. PMH: blorpia.", ("problem", "added")),
        ("Blorpia was done, then colectomy.", "Colectomy, then blorpia.", ("order", "changed")),
    ],
)
def test_an_error_in_a_name_that_no_lexicon_has_is_found(passage, rephrase, found):
    assert found in wrong(passage, rephrase)


def test_one_of_two_unknown_names_may_be_the_other():
    assert not wrong("History of blorpia.", "History of zipperlein.")
    assert not wrong("History of gout.", "History of zipperlein.")
    assert not wrong("S/p blorpia in 2012.", "Underwent removal of the tube in 2012.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Splenectomy.", "Removal of the entire spleen."),
        ("She had a cholecystectomy.", "She had her gallbladder removed."),
        ("Splenomegaly.", "Enlargement of the spleen."),
        ("Pancreatic pseudocyst.", "Pseudocyst of the pancreas."),
        ("Leak from the anastomosis.", "Anastomotic leak."),
        ("Catheterization of the heart.", "Cardiac catheterization."),
        ("Bowel obstruction.", "Intestinal obstruction."),
        ("Scintigraphy.", "Scintigraphic imaging."),
    ],
)
def test_names_told_by_their_organ_are_one(one, other):
    assert named(one) == named(other) != set()


def test_a_name_that_is_cut_short_is_the_one_that_the_other_text_names():
    assert not wrong("Hydronephrosis was excluded.", "No hydro was seen.")
    assert ("negation", "changed") in wrong("Hydronephrosis was excluded.", "Hydro was seen.")


@pytest.mark.parametrize(
    ("passage", "rephrase"),
    [
        ("Call for a temperature of 101 or higher.", "Call for a temperature of 101 or lower."),
        ("Call for a temperature of 101 or higher.", "Call for a temperature under 101."),
    ],
)
def test_a_bound_behind_its_number_is_read(passage, rephrase):
    assert ("number", "changed") in wrong(passage, rephrase)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Return in 5 or 6 days.", "Return in 5-6 days."),
        ("Senna 2 tablets at six-hour intervals.", "Senna 2 tablets every 6 hours."),
        ("Medications: 1. Senna. 2. Lasix.", "Takes senna and Lasix."),
        ("Interleukin-6 was drawn.", "Interleukin 6 was drawn."),
        ("Meds: 1) senna 2) Lasix", "Takes senna and Lasix."),
        ("Pain w/ urination.", "Pain with urination."),
        ("CT was neg. for pneumonia.", "CT was negative for pneumonia."),
    ],
)
def test_numbers_and_signs_of_notes(one, other):
    assert not wrong(one, other) and not wrong(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Labs (K 4.1; Na 138) were drawn.", "Labs (K 4.1; Na 148) were drawn."),
        ("Labs (K 4.1, platelets 20) were drawn.", "Labs (K 4.1, platelets 25) were drawn."),
        ("Labs (4.1; 138) were drawn.", "Labs (4.1; 148) were drawn."),
        ("Cancer was stage-3 on biopsy.", "Cancer was stage-4 on biopsy."),
        ("Grade 2 (of 3) rash.", "Grade 2 (of 4) rash."),
        ("Seen on day-3 of the stay.", "Seen on day-5 of the stay."),
        ("Score was 7) he said.", "Score was 9) he said."),
    ],
)
def test_no_value_is_taken_for_the_number_of_an_item_or_a_part_of_a_name(one, other):
    assert any(kind == "number" for kind, _ in wrong(one, other))


def test_a_word_of_any_length_is_held_against_names_in_time():
    word = "q" * 200_000  # of each beginning of which there would be a copy
    assert not wrong(f"History of {word}.", f"PMH: {word}. Hydro was seen.") - {
        ("problem", "added")
    }


def test_no_error_is_planted_into_a_name_that_is_only_guessed():
    text = "History of blorpia. She underwent a zipperlein."
    for kind in ("problem", "procedure", "negation", "uncertainty"):
        assert planted(text, kind, Random(1)) is None
