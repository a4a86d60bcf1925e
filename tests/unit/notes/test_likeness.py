"""Patients with identical notes share a split; who joins nothing moves nobody."""

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import COLUMNS, HEADER, SHARES, read, read_source, specify, table

from palimpsest.notes.likeness import LEAST_WORDS, Likeness
from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.sampling import split_of, split_share

SEED = 0
# Which text each patient's note has; texts of a letter differ in every word.
NOTES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcdef")), max_size=24)


def long_text(name: str, words: int = LEAST_WORDS) -> str:
    return " ".join(f"{name}{number}" for number in range(words))


def splits_of(notes: list[tuple[object, str]]) -> dict[object, str]:
    """The split of each patient, of notes as (patient, text)."""
    likeness = Likeness()
    for patient, text in notes:  # a note at a time, as in batches
        shares = [split_share(str(patient), SEED)]
        likeness.add(pa.array(shares).to_numpy(), pa.array([text]))
    found = likeness.splits(SHARES, likeness.groups(SHARES, SEED))
    splits: dict[object, str] = {}
    for (patient, _), number in zip(notes, found, strict=True):
        assert splits.setdefault(patient, SPLITS[number]) == SPLITS[number]
    return splits


def components(notes: list[tuple[object, str]]) -> list[set[object]]:
    """Patients who are joined by texts, by a plain search."""
    groups: list[set[object]] = []
    for text in {text for _, text in notes}:
        having = {patient for patient, other in notes if other == text}
        touched = [group for group in groups if group & having]
        groups = [group for group in groups if group not in touched]
        groups.append(having.union(*touched))
    return groups


@settings(max_examples=60)
@given(NOTES.filter(bool), st.randoms())
def test_who_is_joined_is_in_one_split_whatever_the_order(notes, random):
    notes = [(patient, long_text(name)) for patient, name in notes]
    before = splits_of(notes)
    for group in components(notes):
        assert len({before[patient] for patient in group}) == 1
        if len(group) == 1:
            (patient,) = group
            assert before[patient] == split_of(str(patient), SHARES, SEED)
    random.shuffle(notes)
    assert splits_of(notes) == before


@settings(max_examples=60)
@given(NOTES, st.integers(100, 200))
def test_a_note_that_is_like_no_other_moves_nobody(notes, patient):
    notes = [(patient, long_text(name)) for patient, name in notes]
    after = splits_of([*notes, (patient, long_text("new"))])
    after.pop(patient)
    assert after == (splits_of(notes) if notes else {})


def test_groups_have_the_shares_of_patients():
    notes = [
        (f"{group}-{member}", long_text(f"t{group}x"))
        for group in range(600)
        for member in range(4)
    ]
    counts = Counter(splits_of(notes).values())
    for split, share in SHARES:
        assert abs(counts[split] / len(notes) - share) < 0.06


def rows(*notes: tuple[str, str, str]) -> str:
    return HEADER + "".join(f'{note},{patient},A,"{text}"\n' for note, patient, text in notes)


def dealt(split: str, count: int = 1) -> list[str]:
    """Patients whose ids put them into a split."""
    names = (f"p{number}" for number in range(1000))
    return [name for name in names if split_of(name, SHARES, SEED) == split][:count]


def test_the_same_text_under_several_ids_is_in_one_split(tmp_path):
    (trains,), (tests,) = dealt("train"), dealt("test")
    text = long_text("word")
    other = text.replace(" ", "\n  ").upper() + "."
    content = rows(("1", trains, text), ("2", tests, other), ("3", tests, "Short."))
    found = read(tmp_path, content)
    assert len({note["split"] for note in found.notes}) == 1
    assert found.manifest["splits"] == {found.notes[0]["split"]: 3}
    assert found.manifest["identical_notes"] == {
        "groups": 1, "patients": 2, "largest_group": 2, "moved": 1,
    }  # fmt: skip
    assert [note["text"] for note in found.notes] == [text, other, "Short."]
    assert not list((tmp_path / "out").glob(".*"))


def test_a_source_may_only_count_them(tmp_path):
    (trains,), (tests,) = dealt("train"), dealt("test")
    text = long_text("word")
    content = rows(("1", trains, text), ("2", tests, text))
    found = read(tmp_path, content, identical_notes="counted")
    assert [note["split"] for note in found.notes] == ["train", "test"]
    assert found.manifest["alike_in_train"]["test"] == {"identical": 1, "nearly_identical": 0}
    assert found.manifest["identical_notes"]["moved"] == 0


def test_short_texts_join_nobody(tmp_path):
    (trains,), (tests,) = dealt("train"), dealt("test")
    text = long_text("word", LEAST_WORDS - 1)
    found = read(tmp_path, rows(("1", trains, text), ("2", tests, text)))
    assert [note["split"] for note in found.notes] == ["train", "test"]
    assert found.manifest["alike_in_train"]["test"] == {"identical": 0, "nearly_identical": 0}


def test_nearly_identical_notes_are_counted_and_not_joined(tmp_path):
    (trains,), (tests,), (valids,) = dealt("train"), dealt("test"), dealt("valid")
    text = long_text("word", 300)
    content = rows(
        ("1", trains, text), ("2", tests, f"{text} more"), ("3", valids, long_text("other", 300))
    )
    found = read(tmp_path, content)
    assert [note["split"] for note in found.notes] == ["train", "test", "valid"]
    assert found.manifest["alike_in_train"] == {
        "valid": {"identical": 0, "nearly_identical": 0},
        "test": {"identical": 0, "nearly_identical": 1},
    }


@pytest.mark.parametrize("joined", [False, True])
def test_a_table_that_is_written_again_has_the_rows_of_the_first(tmp_path, joined):
    (trains,), (tests,) = dealt("train"), dealt("test")
    notes = [(str(number), f"q{number}", f"Note {number}.") for number in range(9000)]
    text = long_text("word")
    notes += [("a", trains, text), ("b", tests, text if joined else long_text("other"))]
    found = read(tmp_path, rows(*notes), shards=3)
    assert found.manifest["identical_notes"]["moved"] == joined
    assert [(note["note_id"], note["patient_id"], note["text"]) for note in found.notes] == notes
    assert {note["shard"] for note in found.notes} == {0, 1, 2}
    for note in found.notes[:-2]:
        assert note["split"] == split_of(note["patient_id"], SHARES, SEED)
    assert found.manifest["rows"] == len(notes)


def test_whose_ids_they_are_is_no_part_of_what_notes_are_made_from():
    declared = table("a.csv", columns=COLUMNS, patients_of="ward")
    assert specify(declared).identity() == specify(table("a.csv")).identity()


def test_many_patients_in_one_group_are_told(tmp_path, capsys):
    text = long_text("word")
    (tmp_path / "notes.csv").write_text(rows(*((f"{n}", f"p{n}", text) for n in range(60))))
    read_source(tmp_path, table(tmp_path / "notes.csv"))
    assert "60 of 60 patients are joined by identical notes" in capsys.readouterr().err
