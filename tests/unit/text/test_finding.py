"""Sequences of words are found whatever their case, accents and punctuation, and no others."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.text.finding import Finder, distinct, sequences, without, words_of

NUMBERS = st.lists(st.integers(0, 20), max_size=30).map(lambda values: np.array(values, np.uint64))


def found(sought, text):
    hashes, counts = sequences([sought])
    if not counts[0]:
        return False
    shingles, _ = words_of(pa.array([text])).shingles(int(counts[0]))
    return bool(len(Finder(int(counts[0]), hashes).find(shingles)[0]))


def test_case_accents_and_punctuation_do_not_matter():
    assert found("Zoë O'Brien", "seen with ZOE O’BRIEN, today")
    assert found("müller", "Frau M\u0075\u0308ller") and not found("muller", "mullers")
    assert not found("zoe brien", "zoe o brien")
    assert not found("--", "--")


def test_texts_do_not_run_into_each_other():
    hashes, _ = sequences(["one two"])
    shingles, _ = words_of(pa.array(["one", "two"])).shingles(2)
    assert not len(Finder(2, hashes).find(shingles)[0])


@given(NUMBERS, NUMBERS)
def test_different_hashes_and_those_without_others_are_as_numpy_has_them(values, others):
    assert distinct(values).tolist() == np.unique(values).tolist()
    assert without(values, others).tolist() == np.setdiff1d(values, others).tolist()
