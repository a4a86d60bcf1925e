"""Overlaps are what a plain look at words and 13-grams gives."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.leaks.overlap import Overlap, describe
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table
from palimpsest.runtime.overlap_tables import OVERLAPS, overlapping

# Texts of some of few pieces, so that they have pieces in common.
PIECES = [" ".join(f"{letter}{number}" for number in range(9)) for letter in "abcd"]
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join), max_size=5)


def strings(texts: list[str | None]) -> pa.Array:
    return pa.array(texts, pa.string())


def measured(judged: list[str], *batches: list[str]) -> list[dict]:
    overlap = Overlap(strings([f"e{number}" for number in range(len(judged))]), strings(judged))
    for batch in batches:
        overlap.look_at(strings(batch))
    return overlap.table().to_pylist()


def grams(text: str) -> list[tuple[str, ...]]:
    words = text.split()
    return [tuple(words[at : at + 13]) for at in range(len(words) - 12)]


@settings(max_examples=60)
@given(TEXTS, TEXTS, st.integers(0, 5))
def test_an_overlap_is_what_a_plain_look_gives(judged, trained, cut):
    known = {gram for text in trained for gram in grams(text)}
    for text, row in zip(judged, measured(judged, trained[:cut], trained[cut:]), strict=True):
        own = grams(text)
        assert row["exact"] == (text in trained and text != "")
        expected = sum(gram in known for gram in own) / len(own) if own else None
        assert row["share"] == (expected if expected is None else pytest.approx(expected))


def test_case_punctuation_and_white_space_do_not_matter():
    assert measured(["No pain, NOW."], ["no  pain\nnow"])[0]["exact"]
    assert not measured(["No pain, NOW."], ["now no pain"])[0]["exact"]
    assert not measured(["--"], ["..."])[0]["exact"]
    assert measured(["Mu\u0308ller: o\ufb01\u00a03"], ["m\u00fcller ofi 3"])[0]["exact"]


def test_a_short_text_overlaps_only_as_a_whole():
    text = " ".join(f"w{number}" for number in range(12))
    (row,) = measured([text], [f"{text} and more"])
    assert row == {"example_id": "e0", "exact": False, "share": None}
    assert measured([text], [text])[0]["exact"]


def test_pairs_overlap_as_pairs_and_their_words_in_either_text():
    first, second = PIECES[0] + " " + PIECES[1], "It hurts."
    overlap = Overlap(strings(["a", "b"]), strings([first, first]), strings([second, "No."]))
    overlap.look_at(strings([second, first]), strings([first, second]))
    assert [row["exact"] for row in overlap.table().to_pylist()] == [True, False]
    alone = Overlap(strings(["a"]), strings([first]), strings([None]))
    alone.look_at(strings([first]))
    assert alone.table().to_pylist() == [{"example_id": "a", "exact": True, "share": 1.0}]


def test_without_anything_to_look_for_nothing_is_found():
    assert measured([], ["some text"]) == []
    assert describe(OVERLAPS.empty_table())["n"] == 0


def test_examples_overlap_from_half_of_their_13_grams(tmp_path):
    rows = [
        {"example_id": name, "exact": exact, "share": share}
        for name, exact, share in (
            ("a", True, None), ("b", False, 0.5), ("c", False, 0.49), ("d", False, None),
        )
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=OVERLAPS)
    for number in (0, 1):  # each half of the rows in a table of its own
        write_table(tmp_path / f"{number}.parquet", table.slice(2 * number, 2))
    write_table(tmp_path / "2.parquet", table.slice(1, 1))
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    assert overlapping(paths) == {"a", "b"}
    assert overlapping([]) == set()
    assert describe(table) == {
        "n": 4, "exact": 1, "any_13gram": 2, "mean_share": 0.495, "overlapping": 2,
    }  # fmt: skip
    paths[0].write_bytes(b"no table")
    with pytest.raises(UserError, match=r"0\.parquet"):
        overlapping(paths)
