"""What a corpus does not take: copies of what it has, and what tests are made of."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_of_parts import document, notes, tokenizer

from palimpsest.corpora.mix import Mixer
from palimpsest.corpora.refusals import COMMON, REASONS, Judged, Refusals
from palimpsest.runtime.errors import UserError
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
    refusals = Refusals(given_parts, [len(texts) for texts in parts], deduplicate, judged)
    found = []
    for number, texts in enumerate(parts, start=1):
        refused = refusals.refused(number, np.arange(len(texts)))
        open_ = np.flatnonzero(refused < 0)
        taken = open_[: budgets[number - 1] if budgets else None]
        refusals.take(number, taken, np.arange(len(texts)), np.ones(len(texts), np.int32))
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


def documents(*names: str) -> list[dict]:
    return [document(f"n{number}", 0, text_of(name)) for number, name in enumerate(names)]


def mix(folder: Path, budgets: list[int], *parts: list[dict], judged=None, repeat: int = 1):
    """The texts of each part, and what it passed over."""
    sources = [
        replace(notes(folder / str(number), rows, repeat=repeat), number=number)
        for number, rows in enumerate(parts, start=1)
    ]
    given_parts = [lambda rows=rows: [strings([row["text"] for row in rows])] for rows in parts]
    refusals = Refusals(given_parts, [len(rows) for rows in parts], NEAR, judged)
    mixer = Mixer(0, tokenizer(), folder, refusals)
    texts = [
        [text for table in mixer.mix(source, budget) for text in table["text"].to_pylist()]
        for source, budget in zip(sources, budgets, strict=True)
    ]
    return texts, [refusals.removed[source.number] for source in sources]


def test_a_part_goes_on_until_its_budget_is_reached_without_what_it_passes_over(tmp_path):
    (first, second), removed = mix(tmp_path, [60, 60], documents(*"abA"), documents(*"Bcad"))
    assert sorted(text[0] for text in first + second) == ["a", "b", "c", "d"]
    counts = {name: counts["documents"] for name, counts in removed[1].items()}
    assert sum(counts.values()) == 2 or second[-1][0] in "cd"
    for part in removed:
        assert all(counts["tokens"] == 30 * counts["documents"] for counts in part.values())


def test_all_that_is_left_is_counted_where_the_budget_takes_all(tmp_path):
    (texts,), (removed,) = mix(tmp_path, [90], documents(*"abAaBc"))
    assert sorted(text[0] for text in texts) == ["a", "b", "c"]
    assert removed["contaminated"]["documents"] == 0
    assert removed["duplicate"]["documents"] + removed["near_duplicate"]["documents"] <= 3


def test_a_repeated_document_is_no_copy_of_itself(tmp_path):
    (texts,), (removed,) = mix(tmp_path, [120], documents(*"abA"), repeat=2)
    assert sorted(text[0] for text in texts) == ["a", "a", "b", "b"]
    assert removed["near_duplicate"] == {"documents": 1, "tokens": 30}


def test_too_few_documents_are_an_error_that_tells_of_those_not_taken(tmp_path):
    judged = Judged([strings([text_of("b")])])
    with pytest.raises(UserError, match="30 tokens are there, without 2 documents that are not"):
        mix(tmp_path, [60], documents(*"aAb"), judged=judged)
