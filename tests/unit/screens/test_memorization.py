"""Memorization: eight words in a row of a note, found exactly, by a quick look at many notes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from palimpsest.screens.memorization import WORDS, NoteGrams, RealText
from palimpsest.screens.screen import Answer
from palimpsest.text.ngrams import ngrams, words

NOTE = (
    "HPI: The patient was found by his son in the kitchen at 3.5 hours past midnight.\nPlan: home."
)
# Few words, so that stretches are often in common; joiners, digits and what lower case does to
# letters beyond ASCII.
PIECES = st.sampled_from(
    [
        *"abAB12é",
        "İ",
        "i̇",
        "\u212a",
        "k",
        "ß",
        "-",
        ".",
        "'",
        "_",
        "’",
        "x-y",
        "3.5",
        "3 5",
        "µg",
        "…",
    ]
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from([" ", "", "\n", "  "])), max_size=60).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)


def by_hand(sentences, notes):
    """Patients of each 8-gram of the sentences, by building all 8-grams of all notes."""
    sought = {gram for text in sentences for gram in ngrams(words(text), WORDS)}
    found = {}
    for patient, note in notes:
        for gram in sought & set(ngrams(words(note), WORDS)):
            found.setdefault(gram, set()).add(patient)
    return found


def scanned(sentences, notes, generic_patients, at_once=2):
    grams = NoteGrams(sentences, generic_patients)
    for first in range(0, len(notes), at_once):
        batch = notes[first : first + at_once]
        grams.scan([patient for patient, _ in batch], [note for _, note in batch])
    return grams


def repeated(grams, sentence):
    """Whether the screen rejects a sentence."""
    reason = RealText(name="real_text", notes=grams).check(Answer("", "", "", "", sentence, False))
    assert reason in (None, "real_text")
    return reason is not None


@st.composite
def worlds(draw):
    """Sentences, and notes by patient that have some of them, in another case and among others."""
    sentences = draw(st.lists(TEXTS, min_size=1, max_size=4))
    parts = st.one_of(TEXTS, st.sampled_from(sentences), st.sampled_from(sentences).map(str.upper))
    texts = st.lists(parts, min_size=1, max_size=3).map(" ".join)
    return sentences, draw(st.lists(st.tuples(st.sampled_from("pqr"), texts), max_size=6))


@given(worlds(), st.integers(1, 3))
@example((["a b a b a b a k"], [("p", "a b a b a b a \u212a")]), 2)
@example((["a b a b a b a İ"], [("p", "x"), ("p", "A B a b a b a İ")]), 2)
@example((["é é é é é é é é"], [("p", "x É é É é É é É é")]), 2)
@example((["a b a b 1 2 1 2"], [("p", "é é é é é é é é é a b a b 1 2 1 2 é")]), 2)
@example((["éa b a b 1 2 1 2"], [("p", "x.éa b a b 1 2 1 2"), ("q", "b éa b a b 1 2 1 2")]), 2)
@example((["ß a b a b a b x-y"], [("p", "ß a b a b a b x-y")]), 2)  # the runs begin in the 2nd word
@example((["a b a b a b a 3.5"], [("p", "a b a b a b a 3 5"), ("q", "1 a b a b a b a 3.5")]), 2)
@example((["a b 1 2 a b 1 2"], [("p", "a b 1 2"), ("p", "a b 1 2")]), 2)  # not across notes
def test_the_scan_finds_what_all_8_grams_of_all_notes_would(world, generic_patients):
    sentences, notes = world
    expected = by_hand(sentences, notes)
    found_in = scanned(sentences, notes, generic_patients)
    generic = {gram for gram, whose in expected.items() if len(whose) >= generic_patients}
    assert found_in.generic() == sorted(" ".join(gram) for gram in generic)
    assert found_in.patients == {
        gram: whose for gram, whose in expected.items() if gram not in generic
    }
    for sentence in sentences:
        grams = set(ngrams(words(sentence), WORDS))
        assert repeated(found_in, sentence) == bool(grams & (set(expected) - generic))
        if not repeated(
            found_in, sentence
        ):  # kept: what of it stands in notes is on the generic list
            there = grams & {gram for _, note in notes for gram in ngrams(words(note), WORDS)}
            assert {" ".join(gram) for gram in there} <= set(found_in.generic())


def test_a_sentence_that_repeats_a_note_in_other_layout_and_case_is_rejected():
    sentence = "Was found by his SON in the kitchen, it says."
    assert repeated(scanned([sentence], [("p1", NOTE)], 2), sentence)
    short = "Found by his son in the kitchen."
    assert not repeated(scanned([short], [("p1", NOTE)], 2), short)


def test_patients_are_counted_and_not_notes():
    sentence = "found by his son in the kitchen at 3.5 hours"
    one = scanned([sentence], [("p1", NOTE)] * 5, 2)
    assert repeated(one, sentence) and one.generic() == []
    two = scanned([sentence], [("p1", NOTE), ("p2", NOTE)], 2)
    assert not repeated(two, sentence)
    assert two.generic() == [
        "by his son in the kitchen at 3.5",
        "found by his son in the kitchen at",
        "his son in the kitchen at 3.5 hours",
    ]


def test_one_rare_stretch_is_enough():
    sentence = "found by his son in the kitchen at 3.5 hours past midnight"
    short = "found by his son in the kitchen at noon"
    found_in = scanned([sentence], [("p1", NOTE), ("p2", short)], 2)
    assert found_in.generic() == ["found by his son in the kitchen at"]
    assert repeated(found_in, sentence)


@pytest.mark.parametrize("notes", [[], [("p1", "")], [("p1", "...")]])
def test_without_notes_or_sentences_nothing_is_rejected(notes):
    assert not repeated(scanned([NOTE], notes, 1), NOTE)
    assert scanned([], [*notes, ("p1", NOTE)], 1).generic() == []
