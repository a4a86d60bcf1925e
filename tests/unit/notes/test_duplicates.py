"""Duplicates over all sources: what is dropped, who is joined, what is counted."""

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.notes.config import DuplicatesSpec, SourceOfDuplicates
from palimpsest.notes.duplicates import Notes, find_duplicates
from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits
from palimpsest.text import copies

SHARES = Splits(train=0.5, valid=0.2, test=0.3)
SEED = 1
# Source, patient, split and text of each note.
NOTES = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 5), st.sampled_from(SPLITS), st.sampled_from("abcdA")
    ),
    max_size=12,
)


@pytest.fixture(autouse=True, scope="module")
def small_counts():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "_BITS", 16)
        yield


def text_of(name: str) -> str:
    """Texts of a letter are copies: that of the capital has one other word."""
    words = [f"{name.lower()}{number}" for number in range(30)]
    return " ".join([*words[:-1], "other" if name.isupper() else name])


def declared(*, joins=(True, True), of=(None, None)) -> list[SourceOfDuplicates]:
    return [
        SourceOfDuplicates(name=name, patients_of=whose, splits=SHARES, joins=joined)
        for name, whose, joined in zip(("ward", "clinic"), of, joins, strict=True)
    ]


def found(notes, handling, similarity=0.8, **sources):
    """What is decided of notes as (source, patient, split, text), and the rows and fields."""
    known = declared(**sources)
    listed = sorted(notes, key=lambda note: note[0])
    texts = pa.array([text_of(text) for *_, text in listed], pa.string())
    held = Notes(
        known,
        [note[0] for note in listed],
        [f"n{number}" for number in range(len(listed))],
        [f"p{note[1]}" for note in listed],
        [note[2] for note in listed],
        lambda: iter([texts]),
    )
    spec = DuplicatesSpec(sources=known, similarity=similarity, handling=handling, seed=SEED)
    return find_duplicates(held, spec)


def kept(notes, handling, **more):
    """The notes that are left, as in `found`."""
    listed = sorted(notes, key=lambda note: note[0])
    decided, _, _ = found(notes, handling, **more)
    gone = {row["note_id"] for row in decided if row["outcome"] == "rejected"}
    return [note for at, note in enumerate(listed) if f"n{at}" not in gone]


@settings(max_examples=40, deadline=None)
@given(NOTES, st.randoms())
def test_one_note_of_each_text_is_left_where_it_judges_if_it_does_anywhere(notes, random):
    left = kept(notes, "dropped")
    texts = Counter(text.lower() for *_, text in left)
    assert set(texts) == {text.lower() for *_, text in notes}
    assert set(texts.values()) <= {1}
    for _, _, split, text in left:
        having = [other for *_, other, same in notes if same.lower() == text.lower()]
        assert SPLITS.index(split) == max(SPLITS.index(other) for other in having)
    assert kept(left, "dropped") == left
    assert len(kept(notes, "dropped", similarity=None)) == len({text for *_, text in notes})


def test_every_dropped_note_is_listed_with_the_one_that_is_kept():
    notes = [(0, 1, "train", "a"), (0, 2, "train", "A"), (1, 3, "test", "a"), (1, 4, "test", "b")]
    decided, _, fields = found(notes, "dropped")
    assert [tuple(row.values()) for row in decided] == [
        ("ward", "n0", "rejected", "duplicate", None, "clinic", "n2"),
        ("ward", "n1", "rejected", "near_duplicate", None, "clinic", "n2"),
    ]
    assert fields["rejected"] == {"ward": {"duplicate": 1, "near_duplicate": 1}, "clinic": {}}
    none = {"identical": 0, "nearly_identical": 0}
    assert fields["alike_in_train"]["clinic"] == {"valid": none, "test": none}


def test_where_nothing_is_declared_they_are_counted_alone():
    notes = [(0, 1, "train", "a"), (0, 2, "train", "A"), (1, 3, "test", "a"), (1, 3, "test", "A")]
    decided, rows, fields = found(notes, None)
    assert decided == []
    assert [tuple(row.values()) for row in rows] == [
        ("ward", "train", "ward", "train", 0, 2, 2),
        ("ward", "train", "clinic", "test", 2, 0, 2),
        ("clinic", "test", "ward", "train", 2, 0, 1),
    ]
    assert fields["alike_in_train"]["clinic"]["test"] == {"identical": 2, "nearly_identical": 0}


@pytest.mark.parametrize(
    ("of", "count"), [((None, None), 0), (("a", None), 0), (("a", "a"), 0), (("a", "b"), 2)]
)
def test_notes_of_one_patient_are_not_counted_as_those_of_two(of, count):
    _, rows, _ = found([(0, 1, "train", "a"), (1, 1, "train", "a")], None, of=of)
    assert len(rows) == count


def dealt(split: str, skip: int = 0) -> int:
    numbers = (at for at in range(999) if split_of(f"p{at}", SHARES, SEED) == split)
    return [next(numbers) for _ in range(skip + 1)][-1]


@settings(max_examples=40, deadline=None)
@given(NOTES.map(lambda notes: [(*note[:2], note[3]) for note in notes]))
def test_patients_with_copies_are_in_one_split_and_all_others_where_they_were(drawn):
    notes = [
        (at, patient, split_of(f"p{patient}", SHARES, SEED), text) for at, patient, text in drawn
    ]
    listed = sorted(notes, key=lambda note: note[0])
    decided, _, fields = found(notes, "one_split")
    assert {row["outcome"] for row in decided} <= {"moved"}
    moved = {int(row["note_id"][1:]): row["split"] for row in decided}
    after = [moved.get(at, note[2]) for at, note in enumerate(listed)]
    for one, first in zip(listed, after, strict=True):
        for other, second in zip(listed, after, strict=True):
            if one[3].lower() == other[3].lower() or one[1] == other[1]:
                assert first == second
    for at, (_, patient, split, text) in enumerate(listed):
        alone = all(note[1] == patient for note in notes if note[3].lower() == text.lower())
        if alone and sum(note[1] == patient for note in notes) == 1:
            assert after[at] == split
    assert sum(fields["moved"].values()) >= bool(decided)


def test_sources_that_count_identical_notes_join_nobody():
    notes = [(0, dealt("train"), "train", "a"), (1, dealt("test"), "test", "a")]
    assert len(found(notes, "one_split")[0]) == 1
    assert found(notes, "one_split", joins=(True, False))[0] == []
    assert found(notes, "one_split")[2]["groups"] == 1


def test_a_copy_that_is_left_in_train_is_told():
    notes = [(0, dealt("train"), "train", "a"), (1, dealt("test"), "test", "A")]
    told = found(notes, "one_split", joins=(False, False))[2]["alike_in_train"]
    assert told["clinic"]["test"] == {"identical": 0, "nearly_identical": 1}
    assert found(notes, "one_split")[2]["alike_in_train"]["clinic"]["test"] == {
        "identical": 0, "nearly_identical": 0,
    }  # fmt: skip
