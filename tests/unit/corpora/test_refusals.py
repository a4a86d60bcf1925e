"""What a corpus does not take: copies of what it has, and what tests are made of."""

import random
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.corpora.refusals import COMMON, REASONS, Judged, Refusals
from palimpsest.runtime.schema import Matching
from palimpsest.text import copies

NEAR = Matching()


@pytest.fixture(autouse=True, scope="module")
def small_counts() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "_BITS", 16)
        yield


def text_of(name: str) -> str:
    """Texts of a letter are copies: that of the capital has one other word."""
    words = [f"{name.lower()}{number}" for number in range(30)]
    return " ".join([*words[:-1], "other" if name.isupper() else name])


def strings(texts: list[str]) -> pa.Array:
    return pa.array(texts, pa.string())


def reasons(parts, deduplicate=NEAR, judged=None, budgets=None):
    """Why documents of each part are not taken, None if they are; budgets count documents.

    A document beyond the budget is `-`.
    """
    given_parts = [lambda texts=texts: [strings(texts)] for texts in parts]
    refusals = Refusals(given_parts, deduplicate, judged)
    found = []
    for number, texts in enumerate(parts):
        refused = refusals.refused(number, np.arange(len(texts)))
        open_ = np.flatnonzero(refused < 0)
        taken = open_[: budgets[number] if budgets else None]
        refusals.take(number, taken)
        told = [None if at < 0 else REASONS[at] for at in refused.tolist()]
        found.append(
            ["-" if at in set(open_) - set(taken) else told[at] for at in range(len(told))]
        )
    return found


def test_a_part_takes_no_copy_of_its_own_nor_of_what_a_part_before_it_took():
    parts = [[text_of("a"), text_of("a"), text_of("b")], [text_of("A"), text_of("c"), "b", "b"]]
    assert reasons(parts) == [
        [None, "duplicate", None],
        ["near_duplicate", None, None, "duplicate"],
    ]
    assert reasons(parts, Matching(match="exact"))[1] == [None, None, None, "duplicate"]
    assert reasons(parts, None) == [[None] * 3, [None] * 4]


def test_what_an_earlier_part_had_no_room_for_is_no_copy():
    parts = [[text_of("a"), text_of("b")], [text_of("B"), text_of("A")]]
    assert reasons(parts, budgets=[1, 2]) == [[None, "-"], [None, "near_duplicate"]]


LETTERS = st.lists(st.sampled_from("abcdAB"), max_size=8)


@settings(max_examples=40, deadline=None)
@given(LETTERS, LETTERS, st.integers(0, 8), st.integers(0, 8))
def test_a_larger_budget_takes_the_same_and_then_more(first, second, small, more):
    parts = [[text_of(name) for name in names] for names in (first, second)]
    less = reasons(parts, budgets=[99, small])
    larger = reasons(parts, budgets=[99, small + more])
    for one, other in zip(less[1], larger[1], strict=True):
        assert one == other or (one, other) == ("-", None)
    taken = [text for texts, told in zip(parts, larger, strict=True)
             for text, reason in zip(texts, told, strict=True) if reason is None]  # fmt: skip
    assert reasons([taken]) == [[None] * len(taken)]


def words(seed: int, count: int) -> str:
    return " ".join(
        f"w{random.Random(seed).random()}x{number}".replace(".", "") for number in range(count)
    )


def contaminated(documents, judged):
    found = Judged([strings(judged)]).contaminated(
        lambda: [strings(documents[:1]), strings(documents[1:])]
    )
    return found.tolist()


def test_thirteen_words_in_a_row_contaminate_and_twelve_do_not():
    judged = words(1, 40)
    row = judged.split()
    documents = [
        f"x y {' '.join(row[5:18])} z",
        f"x y {' '.join(row[5:17])} z",
        judged.upper(),
        "x",
    ]
    assert contaminated(documents, [judged]) == [True, False, True, False]


def test_short_texts_contaminate_by_eight_words_and_shorter_ones_are_counted():
    short, shorter = words(2, 9), words(3, 7)
    judged = Judged([strings([short, shorter])])
    assert (judged.texts, judged.too_short) == (2, 1)
    documents = [" ".join(short.split()[:8]), " ".join(short.split()[:7]), f"{shorter} more"]
    assert judged.contaminated(lambda: [strings(documents)]).tolist() == [True, False, False]


def test_what_many_documents_have_is_common_wording():
    judged = words(4, 13)
    documents = [f"{judged} d{number}" for number in range(COMMON + 1)]
    assert not any(contaminated(documents, [judged]))
    assert all(contaminated(documents[:COMMON], [judged]))
    # A document that repeats it counts once.
    assert all(contaminated([f"{judged} {judged}", *documents[: COMMON - 1]], [judged]))


def test_what_is_contaminated_hides_no_copy_and_is_taken_by_no_part():
    parts = [[text_of("a"), text_of("b")], [text_of("A"), text_of("b")]]
    judged = Judged([strings([" ".join(text_of("a").split()[-13:])])])
    assert reasons(parts, NEAR, judged) == [["contaminated", None], [None, "duplicate"]]


def test_nothing_judged_and_no_document_are_no_error():
    assert contaminated(["a b c", "d"], []) == [False, False]
    assert reasons([[], []], NEAR, Judged([])) == [[], []]
