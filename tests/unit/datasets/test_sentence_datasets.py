"""Sentences of experts: every row is used or rejected; no patient has two splits."""

import json

import pytest

from palimpsest.datasets.config import CollectSpec, Reading
from palimpsest.datasets.sentences import SentencesReader
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import SENTENCE_EXAMPLES

NAMES = ["memory", "gait"]
ROW = {"text": "Forgets names.", "labels": "memory", "patient_id": "p1", "note_id": "n1"}


def write_csv(path, rows, separator=","):
    columns = list(rows[0])
    lines = [separator.join(columns)]
    lines += [
        separator.join('"{}"'.format(row[name].replace('"', '""')) for name in columns)
        for row in rows
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def reader(made_by="experts", **splits):
    shares = {"train": 0, "valid": 0, "test": 0} | (splits or {"train": 1})
    budget = {"train": 9, "valid": 9, "test": 9}
    spec = {"kind": "sentences", "made_by": made_by, "labels": NAMES, "seed": 1}
    spec |= {"answer": "several_labels", "unit": "patient", "titles": {"memory loss": "memory"}}
    return SentencesReader(CollectSpec(**spec, examples=budget, splits=shares))


def read(*paths, **splits):
    rows = list(reader(**splits).of_files(list(paths), Account()))
    kept = [row for row in rows if not isinstance(row, Rejected)]
    return kept, [row for row in rows if isinstance(row, Rejected)]


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("memory", ["memory"]),
        ("memory; gait", ["memory", "gait"]),
        ("gait|memory|", ["memory", "gait"]),
        ('["gait"]', ["gait"]),
        ("", []),
        ("[]", []),
        ("['gait', 'memory']", ["memory", "gait"]),  # as pandas writes a list
        ("Memory loss", ["memory"]),  # the category's title
        ("MEMORY; Gait", ["memory", "gait"]),
        ("none", []),
        (' ["none"] ', []),
    ],
)
def test_labels_of_a_cell(tmp_path, cell, labels):
    for name, separator in (("gold.csv", ","), ("gold.tsv", "\t")):
        path = write_csv(tmp_path / name, [ROW | {"labels": cell}], separator)
        kept, rejected = read(path)
        assert [row["labels"] for row in kept] == [labels] and not rejected


def test_a_list_of_json_lines_and_a_string_say_the_same(tmp_path):
    rows = [ROW | {"labels": ["memory", "gait"]}, ROW | {"labels": "memory;gait", "text": "Falls."}]
    kept, rejected = read(write_jsonl(tmp_path / "gold.jsonl", rows))
    assert [row["labels"] for row in kept] == [["memory", "gait"]] * 2 and not rejected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"labels": "memory;mood"}, "unknown_label"),
        ({"labels": "none;gait"}, "invalid_labels"),
        ({"labels": "[memory]"}, "invalid_labels"),
        ({"labels": "[1]"}, "invalid_labels"),
        ({"text": "  "}, "empty_text"),
        ({"text": "a\0b"}, "nul_byte"),
        ({"patient_id": " "}, "missing_patient_id"),
        ({"note_id": ""}, "missing_note_id"),
        ({"patient_id": "p2"}, "note_of_other_patient"),
        ({"split": "test", "note_id": "n2"}, "patient_in_other_split"),
        ({"split": "holdout", "note_id": "n2"}, "unknown_split"),
        ({}, "duplicate"),
    ],
)
def test_a_row_is_rejected_for_a_reason(tmp_path, change, reason):
    first = ROW | {"split": "train"}
    rows = [first, first | change, first | {"text": "Walks slowly.", "labels": "gait"}]
    kept, rejected = read(write_csv(tmp_path / "gold.csv", rows))
    assert [(row.file, row.row, row.reason) for row in rejected] == [("gold.csv", 2, reason)]
    assert [row["text"] for row in kept] == ["Forgets names.", "Walks slowly."]


def test_labels_that_are_missing_in_json_are_not_none(tmp_path):
    rows = [ROW, {**ROW, "text": "Falls.", "labels": None}]
    _, rejected = read(write_jsonl(tmp_path / "gold.jsonl", rows))
    assert [row.reason for row in rejected] == ["missing_labels"]


def test_the_file_says_the_split_and_without_that_column_the_patient_decides(tmp_path):
    """What stands in no split of an official one is dealt to none."""
    rows = [ROW | {"split": "test"}, ROW | {"split": "", "note_id": "n2", "patient_id": "p2"}]
    kept, rejected = read(write_csv(tmp_path / "a.csv", rows), valid=1)
    assert [row["split"] for row in kept] == ["test"]
    assert [row.reason for row in rejected] == ["unknown_split"]
    kept, _ = read(write_csv(tmp_path / "b.csv", [ROW]), valid=1)
    assert [row["split"] for row in kept] == ["valid"]


@pytest.mark.parametrize(
    ("name", "split"), [("validation", "valid"), ("dev", "valid"), ("Test ", "test")]
)
def test_a_split_may_have_a_usual_name(tmp_path, name, split):
    kept, rejected = read(write_csv(tmp_path / "gold.csv", [ROW | {"split": name}]))
    assert [row["split"] for row in kept] == [split] and not rejected


def test_names_that_are_no_split_are_counted(tmp_path):
    rows = [ROW | {"split": "fold1"}, ROW | {"split": "train", "text": "Falls."}]
    sentences = reader()
    list(sentences.of_files([write_csv(tmp_path / "gold.csv", rows)], Account()))
    assert sentences.unknown_splits == {"fold1": 1}


def test_a_split_without_a_label_is_an_error():
    rows = [{"labels": []}, {"labels": ["gait"]}]
    reader().check("test", rows)
    with pytest.raises(UserError, match="none of the 1 test sentences has one of the labels"):
        reader().check("test", rows[:1])
    reader("generator").check("test", rows[:1])


def test_files_in_another_encoding_are_read_as_declared(tmp_path):
    path = tmp_path / "gold.csv"
    path.write_bytes("text,labels,patient_id,note_id\ncaf\xe9,gait,p,n\n".encode("latin-1"))
    sentences = reader()
    sentences.spec = sentences.spec.model_copy(update={"reading": Reading(encoding="cp1252")})
    assert [row["text"] for row in sentences.of_files([path], Account())] == ["caf\xe9"]


def test_ids_do_not_depend_on_the_other_rows(tmp_path):
    second = ROW | {"text": "Falls often.", "labels": "gait"}
    both, _ = read(write_csv(tmp_path / "a.csv", [ROW, second]))
    alone, _ = read(write_csv(tmp_path / "b.csv", [second]))
    assert both[1] == alone[0] and both[0]["example_id"] != both[1]["example_id"]


def test_an_error_names_unknown_labels_but_no_text(tmp_path):
    labels = ["mood", "He was brought in by his wife who is worried about him"]
    rows = [ROW | {"labels": label, "text": f"Text {label}"} for label in labels]
    with pytest.raises(UserError) as raised:
        read(write_csv(tmp_path / "gold.csv", rows))
    error = str(raised.value)
    assert "no sentence is left of 2 rows; rejected: {'unknown_label': 2}" in error
    assert "unknown labels {'mood': 1} and 1 more" in error
    assert "gold.csv" in error and "'mood'" in error and "memory" in error and "wife" not in error


@pytest.mark.parametrize("missing", ["text", "labels", "patient_id", "note_id"])
def test_a_column_that_is_missing_is_named(tmp_path, missing):
    rows = [{name: value for name, value in ROW.items() if name != missing}]
    for path in (write_csv(tmp_path / "a.csv", rows), write_jsonl(tmp_path / "a.jsonl", rows)):
        with pytest.raises(UserError, match=missing):
            read(path)


def note(*categories):
    places = [
        {"start": 6 * index, "end": 6 * index + 5, "categories": names}
        for index, names in enumerate(categories)
    ]
    text = " ".join(["Fine."] * len(categories))
    named = {"note_id": "n", "patient_id": "p", "split": "test"}
    return {**named, "text": text, "sentences": places}


def test_sentences_of_a_note_keep_their_places():
    rows = list(reader("generator").of_note(note([], ["gait", "memory"]), Account()))
    assert [set(row) == set(SENTENCE_EXAMPLES.names) for row in rows] == [True, True]
    assert [(row["example_id"], row["text"], row["labels"]) for row in rows] == [
        ("n:0-5", "Fine.", []),
        ("n:6-11", "Fine.", ["memory", "gait"]),
    ]
    assert {(row["group"], row["split"], row["made_by"]) for row in rows} == {
        ("p", "test", "generator")
    }


def test_a_note_without_labels_is_left_out_and_counted():
    account, examples = Account(), reader("generator")
    assert list(examples.of_note(note([], [], []), account)) == []
    assert account.rejected == {"note_without_category": 3}
    (row,) = examples.of_note(note(["mood"]), account)
    assert row["labels"] == [] and examples.left_out == {"mood": 1}
