"""Sentences of notes: in order, apart, trimmed, and where annotators would cut them."""

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits
from palimpsest.text.sentences import segments, sentences_of
from synthetic_notes import generate_notes

SHARES = Splits(train=0.7, valid=0.1, test=0.2)
PIECES = ["Seen by Dr. Smith.", "BP 120/80", "\n", "\n\n", " ", "1. ", "- ", "# ", "Neuro:", "EXAM"]
NOTES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from([*PIECES, "No pain.", "she said so ", "Mother: ", "é"])).map("".join),
)


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences_of(text)]


@given(NOTES)
def test_sentences_are_in_order_apart_trimmed_and_hold_letters(text):
    spans = sentences_of(text)
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert any(map(str.isalpha, text[start:end]))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(NOTES)
def test_segments_are_all_of_a_text_and_hold_its_sentences(text):
    pieces = segments(text)
    assert "".join(text[start:end] for start, end in pieces) == text
    for first, last in sentences_of(text):
        assert any(start <= first and last <= end for start, end in pieces)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("She was seen by Dr. Smith. No pain.", ["She was seen by Dr. Smith.", "No pain."]),
        ("HISTORY:\nHe forgets names.\n\nEXAM\nA&O x3.", ["He forgets names.", "A&O x3."]),
        (
            "The gait is slow and\nshuffling. No falls.",
            ["The gait is slow and\nshuffling.", "No falls."],
        ),
        ("Neuro: slow to answer. No tremor.", ["slow to answer.", "No tremor."]),
        ("# Dementia of his last years: Stable.\n- Lives at home", ["Stable.", "Lives at home"]),
        ("2. Donepezil 10 mg daily", ["Donepezil 10 mg daily"]),
        ("Incidental finding on imaging: a cyst.", ["Incidental finding on imaging: a cyst."]),
        ("His drugs were the following:\n\n-\n12 %\n", []),
    ],
)
def test_where_sentences_are_cut(text, sentences):
    assert cut(text) == sentences


@pytest.mark.parametrize("name", ["Mother", "Family History", "FH", "Maternal aunt", "His wife"])
def test_a_name_that_says_whose_finding_it_is_stays(name):
    assert cut(f"{name}: dementia since 70.") == [f"{name}: dementia since 70."]


def test_gold_sentences_of_generated_notes_are_cut_as_they_are_annotated():
    notes = generate_notes(150, 5, lambda patient: split_of(patient, SHARES, 5))
    gold = exact = labelled = exactly_labelled = 0
    for note in islice((note for note in notes if note.sentences), 60):
        found = set(sentences_of(note.text))
        for place in note.sentences:
            same = (place.start, place.end) in found
            gold, exact = gold + 1, exact + same
            labelled += bool(place.categories)
            exactly_labelled += bool(place.categories) and same
    assert gold > 2000 and exact / gold > 0.95
    assert labelled > 20 and exactly_labelled / labelled > 0.95
