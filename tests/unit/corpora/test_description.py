"""A corpus is described by its size and diversity, whole or by its parts."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.corpora import description
from palimpsest.corpora.description import Description, Distinct
from palimpsest.corpora.mix import COUNTED, SCHEMA

ROWS = pa.schema([*SCHEMA, *COUNTED])


def document(text, note="n1", tokens=3, **fields):
    return {"note_id": note, "start": 0, "text": text, "tokens": tokens, "repeat": 0, **fields}


def described(*batches):
    made = Description()
    for rows in batches:
        made.add(pa.Table.from_pylist(rows, schema=ROWS))
    return made


DOCUMENTS = [
    document("Pain pain é pain.", ngrams=4, copied_ngrams=1),
    document("No pain.", "n2", 4),
    document("No pain.", "n2", 4, repeat=1),
    document("", "N2", 0),
]


def test_a_corpus_is_described_by_its_size_and_diversity():
    assert described(DOCUMENTS).fields() == {
        "notes": 3,
        "documents": 4,
        "tokens": 11,
        "bytes": len("Pain pain é pain.No pain.No pain.".encode()),
        "mean_tokens": 2.8,
        "mean_repeats": 1.333,
        "distinct_1": 0.375,  # pain, é, no of eight
        "distinct_2": 0.8,  # pain pain, pain é, é pain, no pain of five
        "distinct_3": 1.0,
        "copied_8grams": 0.25,
    }


@given(st.integers(0, 4), st.integers(0, 4))
def test_batches_and_parts_come_to_the_same(one, other):
    first, last = sorted((one, other))
    parts = [DOCUMENTS[:first], DOCUMENTS[first:last], DOCUMENTS[last:]]
    whole = described(DOCUMENTS).fields()
    assert described(*parts).fields() == whole
    joined = Description()
    for part in parts:
        joined.include(described(part))
    assert joined.fields() == whole


def test_a_corpus_of_nothing_is_described_too():
    found = described([]).fields()
    assert found["tokens"] == found["distinct_1"] == 0
    assert found["mean_tokens"] is None and found["copied_8grams"] is None


@pytest.mark.parametrize("repeats", [1, 3])
def test_more_hashes_than_are_held_are_estimated(repeats):
    hashes = np.random.default_rng(0).integers(2**64, size=200_000, dtype=np.uint64)
    whole, halves = Distinct(1 << 14), Distinct(1 << 14)
    for _ in range(repeats):
        for part in np.array_split(hashes, 7):
            whole.add(part)
    for half in np.array_split(hashes, 2):
        other = Distinct(1 << 14)
        other.add(half)
        halves.include(other)
    assert abs(whole.count() - 200_000) < 5 * 200_000 / (1 << 7)
    assert halves.count() == whole.count()
    exact = Distinct(None)
    exact.add(hashes)
    exact.add(hashes[:9])
    assert exact.count() == 200_000


def test_few_hashes_are_counted_exactly():
    few = Distinct(description.SKETCH)
    for number in range(5):
        few.add(np.arange(number, number + 100, dtype=np.uint64) * np.uint64(2**57))
    assert few.count() == 104
