"""Gold sentences: every row is used or turned down for a reason; no patient has two splits."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.gold import GoldFiles, draw, from_note
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

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


def read(*paths, names=NAMES, split_of=lambda patient: "train"):
    rows = list(GoldFiles(names, split_of).read([str(path) for path in paths]))
    kept = [row for row in rows if not isinstance(row, Rejected)]
    return kept, [row for row in rows if isinstance(row, Rejected)]


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("memory", ["memory"]),
        ("memory; gait", ["memory", "gait"]),
        ("gait|memory|", ["gait", "memory"]),
        ('["gait"]', ["gait"]),
        ("", []),
        ("[]", []),
        ("none", []),
        (' ["none"] ', []),
    ],
)
def test_labels_of_a_cell(tmp_path, cell, labels):
    for name, separator in (("gold.csv", ","), ("gold.tsv", "\t")):
        path = write_csv(tmp_path / name, [ROW | {"labels": cell}], separator)
        kept, rejected = read(path)
        assert [row["categories"] for row in kept] == [labels] and not rejected


def test_a_list_of_json_lines_and_a_string_say_the_same(tmp_path):
    rows = [ROW | {"labels": ["memory", "gait"]}, ROW | {"labels": "memory;gait", "text": "Falls."}]
    kept, rejected = read(write_jsonl(tmp_path / "gold.jsonl", rows))
    assert [row["categories"] for row in kept] == [["memory", "gait"]] * 2 and not rejected


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
        ({"split": "dev", "note_id": "n2"}, "unknown_split"),
        ({}, "duplicate"),
    ],
)
def test_a_row_is_turned_down_for_a_reason(tmp_path, change, reason):
    first = ROW | {"split": "train"}
    rows = [first, first | change, first | {"text": "Walks slowly.", "labels": "gait"}]
    kept, rejected = read(write_csv(tmp_path / "gold.csv", rows))
    assert [(row.file, row.row, row.reason) for row in rejected] == [("gold.csv", 2, reason)]
    assert [row["text"] for row in kept] == ["Forgets names.", "Walks slowly."]


def test_labels_that_are_missing_in_json_are_not_none(tmp_path):
    rows = [ROW, {**ROW, "text": "Falls.", "labels": None}]
    _, rejected = read(write_jsonl(tmp_path / "gold.jsonl", rows))
    assert [row.reason for row in rejected] == ["missing_labels"]


def test_the_file_says_the_split_and_else_the_patient_decides(tmp_path):
    rows = [ROW | {"split": "test"}, ROW | {"split": "", "note_id": "n2", "patient_id": "p2"}]
    kept, _ = read(write_csv(tmp_path / "a.csv", rows), split_of={"p2": "valid"}.get)
    assert [row["split"] for row in kept] == ["test", "valid"]
    kept, _ = read(write_csv(tmp_path / "b.csv", [ROW]), split_of=lambda patient: "valid")
    assert [row["split"] for row in kept] == ["valid"]


def test_ids_do_not_depend_on_the_other_rows(tmp_path):
    second = ROW | {"text": "Falls often.", "labels": "gait"}
    both, _ = read(write_csv(tmp_path / "a.csv", [ROW, second]))
    alone, _ = read(write_csv(tmp_path / "b.csv", [second]))
    assert both[1] == alone[0] and both[0]["sentence_id"] != both[1]["sentence_id"]


def test_an_error_names_unknown_labels_but_no_text():
    files = GoldFiles(NAMES, lambda patient: "train")
    files.unknown.update(["mood", "He was brought in by his wife who is worried about him"])
    error = str(files.no_row("gold.csv", {"unknown_label": 2}))
    assert "gold.csv" in error and "'mood'" in error and "memory" in error and "wife" not in error


@pytest.mark.parametrize("missing", ["text", "labels", "patient_id", "note_id"])
def test_a_column_that_is_missing_is_named(tmp_path, missing):
    rows = [{name: value for name, value in ROW.items() if name != missing}]
    for path in (write_csv(tmp_path / "a.csv", rows), write_jsonl(tmp_path / "a.jsonl", rows)):
        with pytest.raises(UserError, match=missing):
            read(path)


def test_sentences_of_a_note_keep_their_places():
    places = [{"start": 0, "end": 5, "categories": []}, {"start": 6, "end": 9, "categories": ["x"]}]
    note = {
        "note_id": "n",
        "patient_id": "p",
        "split": "test",
        "text": "Fine. Bad",
        "sentences": places,
    }
    rows = list(from_note(note))
    assert [(row["sentence_id"], row["text"]) for row in rows] == [
        ("n:0-5", "Fine."),
        ("n:6-9", "Bad"),
    ]
    assert {(row["group"], row["split"], row["origin"]) for row in rows} == {("p", "test", "gold")}


SPLITS = ("train", "valid", "test")
IDS = st.lists(st.integers(0, 500), min_size=20, max_size=80, unique=True)


def rows_of(numbers):
    blank = dict.fromkeys(["text", "group", "note_id", "start", "end", "origin"])
    return [
        {**blank, "sentence_id": f"s{one}", "categories": [], "split": SPLITS[one % 3]}
        for one in numbers
    ]


@given(IDS, st.integers(1, 30), st.integers(1, 30), st.randoms())
def test_a_larger_budget_keeps_the_same_sentences_first(numbers, one, other, random):
    rows = rows_of([*range(600, 603), *numbers])
    small, found = draw(rows, dict.fromkeys(SPLITS, min(one, other)), 3, "gold")
    random.shuffle(rows)
    large, again = draw(rows, dict.fromkeys(SPLITS, max(one, other)), 3, "gold")
    assert (
        found == again == {split: Counter(row["split"] for row in rows)[split] for split in SPLITS}
    )
    for split in SPLITS:
        first = [row["sentence_id"] for row in small if row["split"] == split]
        more = [row["sentence_id"] for row in large if row["split"] == split]
        assert more[: len(first)] == first
        assert len(first) == min(min(one, other), found[split])


def test_a_split_without_sentences_is_an_error():
    with pytest.raises(UserError, match=r"gold\.csv.*'valid'"):
        draw(rows_of([0, 2]), dict.fromkeys(SPLITS, 5), 1, "gold.csv")
