"""Every row of a source is a note or a rejection with a reason, whatever the file's form."""

import gzip
import json
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.core.errors import UserError
from palimpsest.notes.read import Rejected, read_notes
from palimpsest.notes.schema import shard_of, split_of

SHARES = {"train": 0.7, "valid": 0.1, "test": 0.2}
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
COLUMNS = {"text": "TEXT", "note_id": "ROW", "patient_id": "SUBJECT", "category": "CATEGORY"}
HEADER = "ROW,SUBJECT,CATEGORY,TEXT\n"


def source(*paths, **changes):
    values = {
        "name": "ward",
        "kind": "table",
        "paths": [str(path) for path in paths],
        "columns": COLUMNS,
        "category": None,
        "only": {},
    }
    return values | changes


def read(tmp_path, content, name="notes.csv", **changes):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_notes(source(path, **changes), seed=0))


def notes_of(entries):
    return [entry for entry in entries if not isinstance(entry, Rejected)]


def reasons(entries):
    return [entry.reason for entry in entries if isinstance(entry, Rejected)]


@given(IDS, st.integers(0, 99))
def test_a_split_is_a_function_of_patient_and_seed(patient, seed):
    assert split_of(patient, SHARES, seed) == split_of(patient, dict(SHARES), seed)
    assert split_of(patient, {"train": 1.0, "valid": 0.0, "test": 0.0}, seed) == "train"
    assert split_of(patient, {"train": 0.0, "valid": 1.0, "test": 0.0}, seed) == "valid"
    assert split_of(patient, {"train": 0.0, "valid": 0.0, "test": 1.0}, seed) == "test"


def test_splits_are_near_their_shares_and_another_seed_deals_again():
    first, second = ([split_of(str(at), SHARES, seed) for at in range(5000)] for seed in (1, 2))
    for split, share in SHARES.items():
        assert first.count(split) / 5000 == pytest.approx(share, abs=0.03)
    assert first != second


@given(IDS, st.integers(1, 500))
def test_a_shard_is_in_range(note, shards):
    assert 0 <= shard_of(note, shards) < shards


def test_shards_share_the_notes_evenly():
    found = [shard_of(str(at), 8) for at in range(4000)]
    assert all(400 < found.count(shard) < 600 for shard in range(8))


def test_notes_keep_their_text_and_ids_to_the_letter(tmp_path):
    text = 'He said ""no"", twice.\r\n\r\nPlan:\r\n  aspirin,  81 mg\t \r\n'
    content = (
        HEADER + f'007,NA,Nursing,"{text}"\n0x1F,00,null,NA\n1e5,TRUE,2024-01-01 10:00,"1,5"\n'
    )
    notes = read(tmp_path, content)
    assert [note["note_id"] for note in notes] == ["007", "0x1F", "1e5"]
    assert [note["patient_id"] for note in notes] == ["NA", "00", "TRUE"]
    assert [note["category"] for note in notes] == ["Nursing", "null", "2024-01-01 10:00"]
    assert [note["text"] for note in notes] == [text.replace('""', '"'), "NA", "1,5"]
    assert [note["source_row"] for note in notes] == [1, 2, 3]


def test_every_row_that_is_no_note_has_a_reason(tmp_path):
    content = HEADER + (
        "1,p1,Nursing,Pain.\n"
        ",p1,Nursing,Pain.\n"
        "2,,Nursing,Pain.\n"
        "3,p1,Nursing,\n"
        '4,p1,Nursing,"  \n "\n'
        "1,p2,Nursing,Other.\n"
        "5,p1,,Pain.\n"
    )
    entries = read(tmp_path, content)
    assert reasons(entries) == [
        "missing_note_id", "missing_patient_id", "empty_text", "blank_text", "duplicate_note_id",
    ]  # fmt: skip
    assert [entry.row for entry in entries if isinstance(entry, Rejected)] == [2, 3, 4, 5, 6]
    assert [note["note_id"] for note in notes_of(entries)] == ["1", "5"]
    assert notes_of(entries)[1]["category"] == "unknown"


def test_an_id_is_taken_once_over_all_files(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(HEADER + "1,p1,Nursing,Pain.\n")
    entries = list(read_notes(source(tmp_path / "a.csv", tmp_path / "b.csv"), seed=0))
    assert len(notes_of(entries)) == 1
    assert entries[1] == Rejected("b.csv", "duplicate_note_id", 1)


def test_ragged_rows_are_rejected_with_their_line(tmp_path):
    content = HEADER + (
        '1,p1,Nursing,"Two\nlines."\n'  # lines 2 and 3
        "2,p1,Nursing\n"  # line 4
        "3,p1,Nursing,Pain.\n"
        "4,p1,Nursing,Pain.,more,still more\n"  # line 6
        "5,p1,Nursing,Pain.\n"
    )
    entries = read(tmp_path, content)
    assert [note["note_id"] for note in notes_of(entries)] == ["1", "3", "5"]
    rejected = [entry for entry in entries if isinstance(entry, Rejected)]
    assert [(entry.line, entry.reason) for entry in rejected] == [
        (4, "unreadable_missing_columns"),
        (6, "unreadable_too_many_columns"),
    ]


def test_rows_that_are_not_asked_for_are_counted(tmp_path):
    content = HEADER + "1,p1,Nursing,Pain.\n2,p1,Radiology,Clear.\n3,p1,Echo,Fine.\n4,p1,,Pain.\n"
    entries = read(tmp_path, content, only={"CATEGORY": ["Nursing", "Echo"]})
    assert [note["note_id"] for note in notes_of(entries)] == ["1", "3"]
    assert reasons(entries) == ["filtered", "filtered"]


def test_a_filter_may_use_a_column_that_is_nothing_else(tmp_path):
    content = (
        'ROW,SUBJECT,CATEGORY,TEXT,"IS ""ERROR"""\n1,p1,A,Pain.,1\n2,p1,A,Pain.,\n3,p1,A,Pain.,0\n'
    )
    entries = read(tmp_path, content, only={'IS "ERROR"': ["0"]})
    assert [note["note_id"] for note in notes_of(entries)] == ["3"]


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    with pytest.raises(
        UserError, match=r"notes\.csv: no column \['TEXT'\]; it has \['ROW'.*'BODY'\]"
    ):
        read(tmp_path, "ROW,SUBJECT,CATEGORY,BODY\n1,p1,A,Pain.\n")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"source 'ward': no file .*gone\.csv"):
        list(read_notes(source(tmp_path / "gone.csv"), seed=0))


@pytest.mark.parametrize("name", ["notes.parquet", "notes.jsonl", "notes.csv.gz"])
def test_what_is_no_table_is_refused_without_its_text(tmp_path, name):
    with pytest.raises(UserError, match=rf"{name}: cannot be read as a table") as raised:
        read(tmp_path, "Secret chest pain.\n" * 3, name)
    assert "Secret" not in str(raised.value)


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(
        UserError, match=r"notes\.xlsx: expected \.csv, \.tsv, \.jsonl or \.parquet"
    ):
        read(tmp_path, "x", "notes.xlsx")


def test_a_row_that_is_not_utf_8_is_rejected_and_the_others_stay(tmp_path):
    content = HEADER.encode() + b"1,p1,A,Pain.\n2,p1,A,\xff\xfe\n3,p1,A,Caf\xc3\xa9.\n"
    entries = read(tmp_path, content)
    assert [note["text"] for note in notes_of(entries)] == ["Pain.", "Café."]
    assert len(entries) == 3 and reasons(entries)[0].startswith("unreadable_")


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    (note,) = read(tmp_path, b"\xef\xbb\xbf" + HEADER.encode() + b"1,p1,A,Pain.\n")
    assert note["note_id"] == "1"


def test_a_source_of_one_category_needs_no_column(tmp_path):
    columns = {**COLUMNS, "category": None}
    (note,) = read(tmp_path, "ROW,SUBJECT,TEXT\n1,p1,Pain.\n", columns=columns, category="Visit")
    assert note["category"] == "Visit"


ROWS = [
    {"ROW": "007", "SUBJECT": "p1", "CATEGORY": "A", "TEXT": 'Pain,\t"sharp".\nWorse.'},
    {"ROW": "5F0E3C1A-0000-4000-8000-ABCDEFABCDEF", "SUBJECT": "NA", "CATEGORY": "B", "TEXT": "NA"},
    {"ROW": "9", "SUBJECT": "p2", "CATEGORY": "2024-01-01", "TEXT": "2024-01-01 10:00"},
]
UUIDS = [
    {
        "ROW": f"5F0E3C1A-0000-4000-8000-ABCDEFABCDE{at}",
        "SUBJECT": "p",
        "CATEGORY": "1e5",
        "TEXT": text,
    }
    for at, text in enumerate(["2024-01-01 10:00", "2023-05-05 00:00:00"])
]  # a reader that guesses types would take these for UUIDs, a number and times


def delimited(rows, mark):
    quoted = [['"' + value.replace('"', '""') + '"' for value in row.values()] for row in rows]
    return "\n".join(mark.join(row) for row in [list(rows[0]), *quoted]) + "\n"


def parquet(rows):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


FORMS = {
    "notes.csv": lambda rows: delimited(rows, ",").encode(),
    "notes.tsv": lambda rows: delimited(rows, "\t").encode(),
    "notes.jsonl": lambda rows: "".join(json.dumps(row) + "\n" for row in rows).encode(),
    "notes.parquet": parquet,
    "notes.csv.gz": lambda rows: gzip.compress(delimited(rows, ",").encode()),
    "notes.tsv.gz": lambda rows: gzip.compress(delimited(rows, "\t").encode()),
    "notes.jsonl.gz": lambda rows: gzip.compress(
        "".join(json.dumps(row) + "\n" for row in rows).encode()
    ),
}


@pytest.mark.parametrize("rows", [ROWS, UUIDS], ids=["mixed", "typed"])
@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_file_gives_the_same_notes(tmp_path, name, rows):
    notes = read(tmp_path, FORMS[name](rows), name)
    assert [
        {"ROW": note["note_id"], "SUBJECT": note["patient_id"]}
        | {"CATEGORY": note["category"], "TEXT": note["text"]}
        for note in notes
    ] == rows


def test_numbers_in_a_parquet_file_are_ids_as_well(tmp_path):
    rows = [{"ROW": 7, "SUBJECT": 12, "CATEGORY": "A", "TEXT": "Pain."}]
    (note,) = read(tmp_path, parquet(rows), "notes.parquet")
    assert (note["note_id"], note["patient_id"]) == ("7", "12")


def test_a_broken_line_of_json_is_rejected_and_the_others_stay(tmp_path):
    lines = [json.dumps(ROWS[0]), '{"ROW": "8", "SUBJ', json.dumps(ROWS[2])]
    entries = read(tmp_path, "\n".join(lines) + "\n", "notes.jsonl")
    assert [note["note_id"] for note in notes_of(entries)] == ["007", "9"]
    assert len(entries) == 3


FIELD = st.sampled_from(["", " ", "x", "p1", "1", "2", '"a\nb"', '"a""b"', "NA", "é,"])
LINES = st.lists(st.lists(FIELD, min_size=1, max_size=6), max_size=12)


@settings(max_examples=40, deadline=None)
@given(LINES)
def test_rows_that_enter_are_kept_or_rejected(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "notes.csv"
    path.write_text(HEADER + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    entries = list(read_notes(source(path), seed=0))
    lines = [row for row in rows if row != [""]]  # an empty line is no row
    assert len(entries) == len(lines)


def test_generated_notes_carry_their_spans():
    first, *_ = read_notes({"name": "made", "kind": "generated", "patients": 1}, seed=3)
    assert first["spans"] and first["source_row"] == 1
    assert all(first["text"][span["start"] : span["end"]].strip() for span in first["spans"])


def test_a_compressed_file_may_be_zstandard(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(HEADER + "1,p1,A,Pain.\n")
    try:
        subprocess.run(["zstd", "-q", str(path)], check=True)
    except FileNotFoundError:
        pytest.skip("no zstd here")
    (note,) = read_notes(source(tmp_path / "notes.csv.zst"), seed=0)
    assert note["text"] == "Pain."
