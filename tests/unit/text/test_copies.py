"""Copies are found whatever the order of the texts, and what is kept has no copy left."""

import random
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.text import copies as module
from palimpsest.text.copies import Copies, find_copies, keep_distinct


@pytest.fixture(autouse=True, scope="module")
def small_counts() -> Iterator[None]:
    """A small table of counts is enough for few texts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BITS", 16)
        yield


WORDS = [f"word{number}" for number in range(400)]


def long_text(seed: int, count: int = 60) -> str:
    return " ".join(random.Random(seed).sample(WORDS, count))


def edited(text: str, words: int, seed: int = 0) -> str:
    """A text with some other words."""
    found, rng = text.split(), random.Random(seed)
    for at in rng.sample(range(len(found)), words):
        found[at] = f"other{rng.random()}"
    return " ".join(found)


def found(texts: list[str], similarity: float | None = 0.8, batch: int = 3) -> Copies:
    array = pa.array(texts, pa.large_string())
    return find_copies(
        lambda: (array.slice(at, batch) for at in range(0, len(array), batch)), similarity
    )


def named(texts: list[str], similarity: float = 0.8) -> set[frozenset[str]]:
    """The pairs of copies as their texts."""
    return {frozenset(texts[at] for at in pair) for pair in found(texts, similarity).pairs.tolist()}


def jaccard(one: str, other: str) -> float:
    sets = {*one.split()}, {*other.split()}
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


# Which of few texts, and in how many places it is changed.
TEXTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12), st.integers(0, 3)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.randoms())
def test_what_is_found_is_exact_and_does_not_depend_on_the_order(drawn, shuffling):
    texts = [edited(long_text(text), words, seed) for text, words, seed in drawn]
    before = named(texts)
    for pair in before:
        assert jaccard(*pair) >= 0.8
    shuffling.shuffle(texts)
    assert named(texts) == before
    copies = found(texts)
    assert [texts[first] for first in copies.first] == texts
    for first in copies.first.tolist():
        assert copies.first[first] == first == texts.index(texts[first])


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.randoms())
def test_what_is_kept_has_no_copy_left_and_all_else_has_one_that_is_kept(drawn, shuffling):
    texts = [edited(long_text(text), words, seed) for text, words, seed in drawn]
    ranks = list(range(len(texts)))
    shuffling.shuffle(ranks)
    kept_for = keep_distinct(found(texts), np.array(ranks, np.int64))
    kept = np.flatnonzero(kept_for < 0).tolist()
    again = found([texts[at] for at in kept])
    assert not len(again.pairs) and again.first.tolist() == list(range(len(kept)))
    pairs = named(texts)
    for at, other in enumerate(kept_for.tolist()):
        if other >= 0:
            assert kept_for[other] == -1
            near = frozenset((texts[at], texts[other])) in pairs
            assert near or texts[at] == texts[other] or texts.index(texts[at]) != at
            if near:
                assert ranks[other] < ranks[at]


def test_the_same_words_are_a_copy_whatever_case_and_punctuation():
    text = long_text(1)
    copies = found([text, long_text(2), text.upper().replace(" ", ",\n")], None)
    assert copies.first.tolist() == [0, 1, 0] and not len(copies.pairs)


def test_short_texts_are_like_no_other():
    assert found(["No complaints."] * 3).first.tolist() == [0, 1, 2]
    short = find_copies(lambda: [pa.array(["No complaints."] * 3)], None, least_words=1)
    assert short.first.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("words", "expected"), [(3, 1), (6, 1), (20, 0)])
def test_edits_of_some_words_are_found_and_of_many_are_not(words, expected):
    for seed in range(20):
        text = long_text(seed, 120)
        assert len(found([text, edited(text, 2 * words, seed)]).pairs) == expected


def test_no_text_has_no_copies():
    assert found([]).first.tolist() == [] and find_copies(list, 0.8).first.tolist() == []


def test_what_many_texts_have_in_common_makes_no_candidates():
    template = " ".join(f"line{number}" for number in range(80))
    texts = [f"{template} {long_text(seed, 20)}" for seed in range(100)]
    assert jaccard(*texts[:2]) > 0.6
    copies = found([*texts, edited(texts[0], 2)], 0.6)
    assert copies.pairs.tolist() == [[0, 100]]


def test_pairs_are_measured_in_pieces_where_not_all_words_fit(monkeypatch):
    texts = [edited(long_text(seed), words) for seed in range(9) for words in (0, 1, 2)]
    before = found(texts)
    monkeypatch.setattr(module, "HELD", 150)
    after = found(texts)
    assert after.pairs.tolist() == before.pairs.tolist() and len(after.pairs) == 27
    assert after.similarities.tolist() == before.similarities.tolist()


def test_a_text_is_dropped_for_a_copy_and_not_over_others():
    # 1 is a copy of 0 and of 2, which are no copies of one another.
    chain = Copies(np.arange(3), np.array([[0, 1], [1, 2]]), np.array([0.9, 0.8]))
    assert keep_distinct(chain, np.array([0, 1, 2])).tolist() == [-1, 0, -1]
    assert keep_distinct(chain, np.array([1, 0, 2])).tolist() == [1, -1, 1]
    assert keep_distinct(chain, np.array([2, 1, 0])).tolist() == [-1, 2, -1]


def test_what_is_the_same_as_a_dropped_text_is_dropped_for_the_kept_one():
    copies = Copies(np.array([0, 1, 1]), np.array([[0, 1]]), np.array([0.9]))
    assert keep_distinct(copies, np.array([0, 1, 2])).tolist() == [-1, 0, 0]
    assert keep_distinct(copies, np.array([2, 1, 0])).tolist() == [2, 2, -1]
