"""Patients who train anything and are held out elsewhere stop a study; nobody else does."""

from pathlib import Path

import pyarrow as pa
import pytest

from palimpsest.leaks.config import SplitsSpec
from palimpsest.leaks.splits import Place, places_of, refuse_leaks
from palimpsest.notes.schema import SCHEMA as NOTES
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_table
from palimpsest.runtime.labels import SENTENCE_EXAMPLES
from palimpsest.runtime.schema import Evaluation

Patients = dict[str, list[str]]  # by split


def notes(folder: Path, name: str, patients: Patients, moved: int = 0) -> Path:
    """A source with two notes of each patient, a visit and a letter."""
    rows = [
        {"note_id": f"{patient}-{category}", "patient_id": patient, "category": category}
        | {"split": split, "text": "Pain."}
        for split, ids in patients.items()
        for patient in ids
        for category in ("Visit", "Letter")
    ]
    alike = {"test": {"identical": 1, "nearly_identical": 2}}
    fields = {"alike_in_train": alike, "identical_notes": {"moved": moved}}
    fields["wildcards"] = {"source": name}
    write_table(folder / f"{name}.parquet", pa.Table.from_pylist(rows, schema=NOTES), **fields)
    return folder / f"{name}.parquet"


def dataset(folder: Path, name: str, groups: Patients, unit: str = "patient") -> Path:
    """A dataset with an example of each group."""
    rows = [
        {"example_id": f"{group}-{split}", "group": group, "split": split, "text": "Pain."}
        | {"note_id": group if unit != "patient" else None}
        for split, ids in groups.items()
        for group in ids
    ]
    fields = {"kind": "sentences", "labels": ["pain"], "answer": "several_labels", "unit": unit}
    table = pa.Table.from_pylist(rows, schema=SENTENCE_EXAMPLES)
    path = folder / f"{name}.parquet"
    write_table(path, table, **fields, none_label=None, wildcards={"dataset": name})
    return path


def evaluation(source: str, split: str = "test", category: str | None = None) -> Evaluation:
    return Evaluation(name="held", source=source, split=split, category=category, notes=1)


def places(
    notes: list[Path], datasets: list[Path] = (), evaluations: list[Evaluation] = (), **of: str
) -> list[Place]:
    """of: who gave the patients their ids, by source or dataset."""
    spec = SplitsSpec(
        sources={path.stem: of.get(path.stem) for path in notes},
        datasets={path.stem: of.get(path.stem) for path in datasets},
        evaluations=list(evaluations),
    )
    return places_of(notes, datasets, spec)


def refused(found: list[Place], whose: str = "patients") -> str:
    with pytest.raises(UserError, match=f"^{whose} on both sides: ") as error:
        refuse_leaks(found)
    return str(error.value)


def test_gold_with_splits_of_its_own_beside_the_notes_that_train(tmp_path):
    ward = notes(tmp_path, "ward", {"train": ["secret1", "secret2", "c"], "test": ["d"]})
    gold = dataset(
        tmp_path, "gold", {"train": ["d"], "valid": ["e"], "test": ["secret1", "secret2"]}
    )
    said = refused(places([ward], [gold]))
    assert "2 of the 2 test patients of dataset 'gold' are train in source 'ward'" in said
    assert "secret" not in said
    assert said.count("are train in") == 1  # nobody is judged on the source's own test patients


def test_two_sources_with_different_splits(tmp_path):
    one = notes(tmp_path, "one", {"train": ["a", "b", "c"], "test": ["d"]})
    other = notes(tmp_path, "other", {"test": ["b", "c", "d", "e"]})
    said = refused(places([one, other], evaluations=[evaluation("other")]))
    assert "2 of the 4 test patients of evaluation 'held' are train in source 'one'" in said
    refuse_leaks(places([one, other]))  # until somebody is judged on them


def test_what_trains_in_a_dataset_is_no_ones_test(tmp_path):
    gold = dataset(tmp_path, "gold", {"train": ["a"], "test": ["b"]})
    other = dataset(tmp_path, "other", {"train": ["c"], "valid": ["a", "x"]})
    said = refused(places([], [gold, other]))
    assert "1 of the 2 valid patients of dataset 'other' are train in dataset 'gold'" in said


def test_splits_that_agree_are_no_leak(tmp_path):
    ward = notes(tmp_path, "ward", {"train": ["a", "b"], "valid": ["c"], "test": ["d"]})
    gold = dataset(tmp_path, "gold", {"train": ["a"], "valid": ["c"], "test": ["d", "x"]})
    refuse_leaks(places([ward], [gold], [evaluation("ward"), evaluation("ward", "valid")]))


def test_an_evaluation_is_on_the_patients_with_its_notes_only(tmp_path):
    one = notes(tmp_path, "one", {"train": ["b"]})
    other = notes(tmp_path, "other", {"valid": ["b"], "test": ["c"]})
    refuse_leaks(places([one, other], evaluations=[evaluation("other")]))
    refuse_leaks(places([one, other], evaluations=[evaluation("other", "valid", "Echo")]))
    assert refused(places([one, other], evaluations=[evaluation("other", "valid", "Visit")]))


def test_ids_of_others_are_not_compared_where_both_say_whose_they_are(tmp_path):
    one = notes(tmp_path, "one", {"train": ["7"]})
    gold = dataset(tmp_path, "gold", {"test": ["7"]})
    refuse_leaks(places([one], [gold], one="mimic-iii", gold="ward"))
    for of in ({}, {"one": "mimic-iii"}, {"gold": "ward"}, {"one": "ward", "gold": "ward"}):
        assert refused(places([one], [gold], **of))


def test_groups_that_are_no_patients_are_not_compared(tmp_path):
    one = notes(tmp_path, "one", {"train": ["7"]})
    gold = dataset(tmp_path, "gold", {"test": ["7"]}, unit="document")
    found = places([one], [gold])
    refuse_leaks(found)
    (row,) = [row for place in found for row in place.rows() if row["place"] == "dataset"]
    assert (row["unit"], row["units"], row["examples"]) == ("document", 1, 1)


def test_the_message_tells_of_patients_whom_identical_notes_moved(tmp_path):
    one = notes(tmp_path, "one", {"train": ["a"]}, moved=3)
    gold = dataset(tmp_path, "gold", {"test": ["a"]})
    assert "In source 'one', identical notes put 3 patients into another split" in refused(
        places([one], [gold])
    )


def test_rows_count_patients_and_notes_by_split(tmp_path):
    ward = notes(tmp_path, "ward", {"train": ["a", "b"], "test": ["c"]})
    rows = [
        row
        for place in places([ward], evaluations=[evaluation("ward", "test", "Visit")])
        for row in place.rows()
    ]
    assert [tuple(row.values()) for row in rows] == [
        ("source", "ward", "train", "patient", 2, 4, None, None),
        ("source", "ward", "test", "patient", 1, 2, 1, 2),
        ("evaluation", "held", "test", "patient", 1, 1, None, None),
    ]


def test_a_table_that_is_not_of_the_study_is_named(tmp_path):
    ward = notes(tmp_path, "ward", {"train": ["a"]})
    with pytest.raises(
        UserError, match=r"ward\.parquet: is of 'ward', expected one of \['other'\]"
    ):
        places_of([ward], [], SplitsSpec(sources={"other": None}, datasets={}, evaluations=[]))


def test_notes_are_compared_where_a_dataset_names_no_patients(tmp_path):
    ward = notes(tmp_path, "ward", {"train": ["a", "b"], "test": ["c"]})
    groups = {"train": ["c-Visit"], "valid": ["x"], "test": ["a-Visit", "secret"]}
    gold = dataset(tmp_path, "gold", groups, unit="note")
    said = refused(places([ward], [gold]), "notes")
    assert "1 of the 2 test notes of dataset 'gold' are train in source 'ward'" in said
    assert "secret" not in said and said.count("are train in") == 1
    said = refused(places([ward], [gold], [evaluation("ward")]), "notes")
    assert "1 of the 2 test notes of evaluation 'held' are train in dataset 'gold'" in said
    refuse_leaks(places([ward], [gold], ward="one", gold="another"))
    # A document of the same name may be any file, such as 1.txt.
    refuse_leaks(places([ward], [dataset(tmp_path, "loose", groups, unit="document")]))
    other = dataset(tmp_path, "other", {"train": ["a-Visit"]}, unit="note")
    assert "of dataset 'gold' are train in dataset 'other'" in refused(
        places([], [gold, other]), "notes"
    )
