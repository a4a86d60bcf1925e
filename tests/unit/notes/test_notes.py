"""Every row of a table is a note or a rejection with a reason, whatever the file's form."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import COLUMNS, HEADER, SHARES, read, read_source, specify, table

from palimpsest.notes.config import NotesSpec
from palimpsest.notes.normalize import SeenIds
from palimpsest.notes.schema import SCHEMA
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.shards import shard_of


@settings(max_examples=30)
@given(st.lists(st.lists(st.text("ab\0é", max_size=2), max_size=9), max_size=9))
def test_an_id_is_seen_for_the_first_time_once(pieces):
    seen, known = SeenIds(), set()
    for piece in pieces:
        expected = []
        for one in piece:
            expected.append(one not in known)
            known.add(one)
        assert seen.first(pa.array(piece, pa.string())).tolist() == expected


def test_many_ids_are_kept_in_few_bytes():
    seen = SeenIds()
    for start in range(0, 100_000, 1000):
        assert seen.first(pa.array([str(at) for at in range(start, start + 1000)])).all()
    assert sum(run.nbytes for run in seen._runs) == 16 * 100_000
    assert len(seen._runs) < 10
    assert not seen.first(pa.array(["0", "99999"])).any()


def test_notes_keep_their_text_and_ids_to_the_letter(tmp_path):
    text = 'He said ""no"", twice.\r\n\r\nPlan:\r\n  aspirin,  81 mg\t \r\n'
    content = (
        HEADER + f'007,NA,Nursing,"{text}"\n0x1F,00,null,NA\n1e5,TRUE,2024-01-01 10:00,"1,5"\n'
    )
    found = read(tmp_path, content)
    assert found.ids() == ["007", "0x1F", "1e5"]
    assert [note["patient_id"] for note in found.notes] == ["NA", "00", "TRUE"]
    assert [note["category"] for note in found.notes] == ["Nursing", "null", "2024-01-01 10:00"]
    assert [note["text"] for note in found.notes] == [text.replace('""', '"'), "NA", "1,5"]
    assert [note["source_row"] for note in found.notes] == [1, 2, 3]
    assert {note["source_file"] for note in found.notes} == {"notes.csv"}
    assert [note["date"] for note in found.notes] == [None] * 3
    assert [note["split"] for note in found.notes] == [
        split_of(patient, SHARES, 0) for patient in ("NA", "00", "TRUE")
    ]


def test_a_note_has_every_field_and_no_gold_that_its_source_does_not_bring(tmp_path):
    (note,) = read(tmp_path, HEADER + "1,p1,A,Pain.\n").notes
    assert list(note) == SCHEMA.names
    assert [note[name] for name in ("spans", "phi", "sentences", "pairs")] == [[]] * 4


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
    found = read(tmp_path, content)
    assert found.reasons() == [
        "missing_note_id", "missing_patient_id", "empty_text", "blank_text", "duplicate_note_id",
    ]  # fmt: skip
    assert [row["row"] for row in found.rejects] == ["2", "3", "4", "5", "6"]
    assert [int(row["byte"]) for row in found.rejects] == [
        content.index(f"\n{line}") + 1 for line in (",p1", "2,,", "3,p1", "4,p1", "1,p2")
    ]
    assert {row["file"] for row in found.rejects} == {"notes.csv"}
    assert found.ids() == ["1", "5"]
    assert found.notes[1]["category"] == "unknown"


def test_where_files_lie_is_no_part_of_what_notes_are_made_from(tmp_path):
    here, elsewhere = table("a.csv"), table(tmp_path / "a.csv", splits=SHARES)
    assert specify(here).identity() == specify(elsewhere).identity()
    assert specify(here) != specify(elsewhere)


def test_a_job_without_the_files_of_its_source_says_so():
    spec = specify(table("a.csv"))
    with pytest.raises(UserError, match=r"source\.table\.paths: .*at least 1 item"):
        NotesSpec.with_files(spec.identity(), [])


def test_an_id_is_taken_once_over_all_files_and_the_manifest_tells_their_rows(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(HEADER + "1,p1,Nursing,Pain.\n")
    found = read_source(tmp_path, table(tmp_path / "a.csv", tmp_path / "b.csv"))
    assert found.rejects == [
        {"file": "b.csv", "row": "1", "byte": str(len(HEADER)), "reason": "duplicate_note_id"}
    ]
    assert found.manifest["files"] == [
        {"file": "a.csv", "rows": 1, "notes": 1},
        {"file": "b.csv", "rows": 1, "notes": 0},
    ]
    assert found.manifest["patients"] == 1


def test_files_of_one_name_are_told_apart_without_the_folders_above(tmp_path):
    for year in ("2022", "2023"):
        (tmp_path / year).mkdir()
        (tmp_path / year / "notes.csv").write_text(HEADER + f"{year},p1,Nursing,Pain.\n")
    found = read_source(tmp_path, table(tmp_path / "*" / "notes.csv"))
    assert [note["source_file"] for note in found.notes] == ["2022/notes.csv", "2023/notes.csv"]


def test_a_path_with_a_star_is_all_files_of_that_form(tmp_path):
    for name in ("b.csv", "a.csv", "other.txt"):
        (tmp_path / name).write_text(HEADER + f"{name},p1,Nursing,Pain.\n")
    assert read_source(tmp_path, table(tmp_path / "*.csv")).ids() == ["a.csv", "b.csv"]


def test_rows_that_are_not_asked_for_are_counted(tmp_path):
    content = HEADER + "1,p1,Nursing,Pain.\n2,p1,Radiology,Clear.\n3,p1,Echo,Fine.\n4,p1,,Pain.\n"
    found = read(tmp_path, content, only={"CATEGORY": ["Nursing", "Echo"]})
    assert found.ids() == ["1", "3"]
    assert found.reasons() == ["filtered", "filtered"]


def test_a_filter_may_ask_for_an_empty_cell(tmp_path):
    content = HEADER + "1,p1,Nursing,Pain.\n2,p1,,Clear.\n"
    assert read(tmp_path, content, only={"CATEGORY": [""]}).ids() == ["2"]


def test_a_filter_may_use_a_column_that_is_nothing_else(tmp_path):
    content = (
        'ROW,SUBJECT,CATEGORY,TEXT,"IS ""ERROR"""\n1,p1,A,Pain.,1\n2,p1,A,Pain.,\n3,p1,A,Pain.,0\n'
    )
    assert read(tmp_path, content, only={'IS "ERROR"': ["0"]}).ids() == ["3"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"source 'ward': there is no .*gone\.csv"):
        read_source(tmp_path, table(tmp_path / "gone.csv"))


def test_an_unknown_ending_is_an_error(tmp_path):
    with pytest.raises(UserError, match=r"notes\.xlsx: expected \.csv, \.tsv, \.jsonl"):
        read(tmp_path, "x", "notes.xlsx")


def test_a_source_of_one_category_needs_no_column_and_a_date_is_kept_as_it_stands(tmp_path):
    columns = {**COLUMNS, "category": None, "date": "DAY"}
    content = "ROW,SUBJECT,TEXT,DAY\n1,p1,Pain.,2150-01-02 00:00:00\n2,p1,Pain.,\n"
    found = read(tmp_path, content, columns=columns, category="Visit")
    assert [note["category"] for note in found.notes] == ["Visit", "Visit"]
    assert [note["date"] for note in found.notes] == ["2150-01-02 00:00:00", None]


def test_a_source_without_any_note_is_an_error_that_tells_why(tmp_path):
    with pytest.raises(UserError, match=r"no note is left of 1 rows.*'filtered': 1"):
        read(tmp_path, HEADER + "1,p1,A,Pain.\n", only={"CATEGORY": ["B"]})
    assert not any(path.is_file() for path in (tmp_path / "out").rglob("[!.]*"))


ROWS = [
    {"ROW": "007", "SUBJECT": "p1", "CATEGORY": "A", "TEXT": 'Pain,\t"sharp".\nWorse.'},
    {"ROW": "5F0E3C1A-0000-4000-8000-ABCDEFABCDEF", "SUBJECT": "NA", "CATEGORY": "B", "TEXT": "NA"},
    {"ROW": "9", "SUBJECT": "p2", "CATEGORY": "2024-01-01", "TEXT": "2024-01-01 10:00"},
]


def delimited(rows, mark):
    quoted = [['"' + value.replace('"', '""') + '"' for value in row.values()] for row in rows]
    return ("\n".join(mark.join(row) for row in [list(rows[0]), *quoted]) + "\n").encode()


def parquet(rows):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


def json_lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def zstd(content):
    return pa.Codec("zstd").compress(content, asbytes=True)


FORMS = {
    "notes.csv": lambda rows: delimited(rows, ","),
    "notes.tsv": lambda rows: delimited(rows, "\t"),
    "notes.jsonl": json_lines,
    "notes.ndjson": json_lines,
    "notes.json": lambda rows: json.dumps(rows, indent=1).encode(),
    "objects.json": lambda rows: "\n".join(map(json.dumps, rows)).encode(),
    "notes.parquet": parquet,
    "notes.csv.gz": lambda rows: gzip.compress(delimited(rows, ",")),
    "NOTES.TSV.GZ": lambda rows: gzip.compress(delimited(rows, "\t")),
    "notes.jsonl.gz": lambda rows: gzip.compress(json_lines(rows)),
    "members.csv.gz": lambda rows: b"".join(
        gzip.compress(part) for part in delimited(rows, ",").splitlines(keepends=True)
    ),
    "notes.csv.zst": lambda rows: zstd(delimited(rows, ",")),
    "notes.json.zst": lambda rows: zstd(json.dumps(rows).encode()),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_file_gives_the_same_notes(tmp_path, name):
    found = read(tmp_path, FORMS[name](ROWS), name)
    assert [
        {"ROW": note["note_id"], "SUBJECT": note["patient_id"]}
        | {"CATEGORY": note["category"], "TEXT": note["text"]}
        for note in found.notes
    ] == ROWS
    assert [note["source_row"] for note in found.notes] == [1, 2, 3]


def test_numbers_and_times_in_a_parquet_file_are_text_as_well(tmp_path):
    day = pa.array([0], pa.date32())
    columns = {"ROW": pa.array([7]), "SUBJECT": pa.array([12]), "CATEGORY": day}
    pq.write_table(pa.table(columns | {"TEXT": ["Pain."]}), tmp_path / "notes.parquet")
    (note,) = read_source(tmp_path, table(tmp_path / "notes.parquet")).notes
    assert (note["note_id"], note["patient_id"]) == ("7", "12")
    assert note["category"] == "1970-01-01"


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.binary()])
def test_text_of_every_arrow_type_is_read_and_no_value_is_a_missing_one(tmp_path, kind):
    values = pa.array(["1", None, "3"]).cast(pa.binary()).cast(kind)
    columns = dict.fromkeys(("ROW", "SUBJECT", "CATEGORY"), pa.array(["1", "2", "3"]))
    pq.write_table(pa.table(columns | {"TEXT": values}), tmp_path / "notes.parquet")
    found = read_source(tmp_path, table(tmp_path / "notes.parquet"))
    assert found.ids() == ["1", "3"] and found.reasons() == ["empty_text"]


def test_one_more_note_changes_no_other_notes_shard_or_split(tmp_path):
    lines = [f"n{at},p{at},A,Pain {at}.\n" for at in range(40)]
    before = read(tmp_path, HEADER + "".join(lines), shards=4)
    lines.insert(11, "new,pnew,A,More.\n")
    after = read(tmp_path, HEADER + "".join(lines), shards=4)
    places = [
        {note["note_id"]: (note["shard"], note["split"], note["text"]) for note in found.notes}
        for found in (before, after)
    ]
    assert places[1].pop("new")[0] == shard_of("new", 4)
    assert places[0] == places[1]
    order = [note for note in after.ids() if note != "new"]
    assert order == before.ids()


FIELD = st.sampled_from(["", " ", "x", "p1", "1", "2", '"a\nb"', '"a""b"', "NA", "é", '"é,"'])
LINES = st.lists(st.lists(FIELD, min_size=4, max_size=4), max_size=12)


@settings(max_examples=15)
@given(LINES)
def test_rows_that_enter_are_kept_or_rejected(tmp_path_factory, rows):
    content = HEADER + "first,p,A,Pain.\n" + "".join(",".join(row) + "\n" for row in rows)
    found = read(tmp_path_factory.mktemp("rows"), content)
    assert len(found.notes) + len(found.rejects) == len(rows) + 1
