"""Hashes of words say what a plain look at the words says."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.text import shingles
from palimpsest.text.shingles import WORDS, Words, sketches

TEXTS = st.lists(st.text(st.sampled_from("abC1 .,\n-éÉ漢“”\u00a0–"), max_size=60), max_size=8)


def plain(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def stretches(text: str, size: int) -> list[tuple[str, ...]]:
    words = plain(text)
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


@given(TEXTS)
def test_words_are_those_of_a_plain_look(texts):
    words = Words(pa.array(texts, pa.string()))
    assert words.counts().tolist() == [len(plain(text)) for text in texts]
    by_word: dict[str, set[int]] = {}
    for word, value in zip([w for text in texts for w in plain(text)], words.hashes, strict=True):
        by_word.setdefault(word, set()).add(int(value))
    assert all(len(values) == 1 for values in by_word.values())
    assert len({min(values) for values in by_word.values()}) == len(by_word)


@given(TEXTS)
def test_texts_of_the_same_words_have_one_digest_and_others_another(texts):
    digests = Words(pa.array(texts, pa.string())).digests().tolist()
    for first, one in zip(texts, digests, strict=True):
        for second, other in zip(texts, digests, strict=True):
            assert (plain(first) == plain(second)) == (one == other)


@given(TEXTS, st.integers(1, 4))
def test_stretches_of_words_stay_within_their_text(texts, size):
    hashes, whose = Words(pa.array(texts, pa.string())).shingles(size)
    expected = [(at, gram) for at, text in enumerate(texts) for gram in stretches(text, size)]
    assert whose.tolist() == [at for at, _ in expected]
    known: dict[tuple[str, ...], int] = {}
    for (_, gram), value in zip(expected, hashes.tolist(), strict=True):
        assert known.setdefault(gram, value) == value
    assert len(set(known.values())) == len(known)


@given(TEXTS, st.integers(0, 8))
def test_the_batch_that_a_text_is_in_does_not_matter(texts, cut):
    array = pa.array(texts, pa.string())
    whole = Words(array).digests().tolist()
    parts = [Words(array.slice(0, cut)), Words(array.slice(cut))]
    assert whole == [digest for part in parts for digest in part.digests().tolist()]


def test_a_word_longer_than_a_piece_has_one_hash_wherever_it_stands(monkeypatch):
    monkeypatch.setattr(shingles, "_PIECE", 8)
    longer, long = "x" * 50, "y" * 9
    texts = [f"see {longer} and {long}", f"{long}{' ' * 20}{longer} see", longer[1:]]
    words = Words(pa.array(texts))
    see, first, _, other, again, then, end, another = words.hashes.tolist()
    assert (see, first, other) == (end, then, again)
    assert len({see, first, other, another}) == 4


def test_a_missing_text_has_no_word():
    words = Words(pa.array([None, "one two", None], pa.string()))
    assert words.counts().tolist() == [0, 2, 0]
    assert len(words.shingles()[0]) == 0


@pytest.mark.parametrize("shared", [0.5, 0.9])
def test_sketches_meet_as_often_as_their_sets_are_alike(shared):
    random = np.random.default_rng(0)
    alike, count = 0, 400
    for _ in range(count):
        common = random.integers(0, 2**63, int(100 * shared), np.uint64)
        own = random.integers(0, 2**63, (2, (100 - len(common)) // 2), np.uint64)
        hashes = np.concatenate([common, own[0], common, own[1]])
        whose = np.repeat([0, 1], len(hashes) // 2)
        first, second = sketches(hashes, whose, 2, 4, 4)
        alike += bool((first == second).any())
    expected = 1 - (1 - shared**4) ** 4
    assert abs(alike / count - expected) < 4 * (expected * (1 - expected) / count) ** 0.5 + 0.01


def test_a_shingle_has_thirteen_words():
    text = " ".join(f"w{number}" for number in range(WORDS))
    assert len(Words(pa.array([text, text[:-4]])).shingles()[0]) == 1
