"""Every kind of source is read from the format in which it is distributed."""

import csv
import gzip
import io
import json
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter, ValidationError
from reading import declare, read_source

from palimpsest.notes.config import NotesSpec, Source
from palimpsest.notes.generated import generated_notes
from palimpsest.notes.schema import GOLD
from palimpsest.notes.write import write_notes
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits

NOTEEVENTS = [
    "ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "STORETIME", "CATEGORY",
    "DESCRIPTION", "CGID", "ISERROR", "TEXT",
]  # fmt: skip
MIMIC4 = "note_id,subject_id,hadm_id,note_type,note_seq,charttime,storetime,text".split(",")
SUMMARY = (
    "Admission Date:  [**2151-7-16**]\n\nService: ADDENDUM:\n\n[**Hospital1 18**], no [** and **]"
)


def write_csv(path: Path, header: list[str], rows: list[list]) -> Path:
    """As PostgreSQL exports a table: text in quotes, numbers and empty cells without."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(header)
    writer.writerows(rows)
    content = stream.getvalue().replace('""\n', '"\n').encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def noteevents(folder: Path) -> str:
    def row(row_id, category, error, text):
        start = [row_id, 22532, 167853, "2151-08-04", None, None, category, "Report", None]
        return [*start, error, text]

    rows = [
        row(174, "Discharge summary", None, SUMMARY),
        row(175, "Nursing/other", None, "Pt stable."),
        row(176, "Discharge summary", 1, "Wrong patient."),
        row(177, "Physician ", None, "TITLE:\nPhysician Resident Progress Note"),
    ]
    return str(write_csv(folder / "NOTEEVENTS.csv.gz", NOTEEVENTS, rows))


def test_mimic3_gives_discharge_summaries_without_the_rows_marked_as_errors(tmp_path):
    found = read_source(tmp_path, declare("mimic3", paths=[noteevents(tmp_path)]))
    (note,) = found.notes
    assert (note["note_id"], note["patient_id"]) == ("174", "22532")
    assert (note["category"], note["date"]) == ("Discharge summary", "2151-08-04")
    assert note["text"] == SUMMARY
    assert [(row["row"], row["reason"]) for row in found.rejects] == [
        ("2", "filtered"), ("3", "marked_as_error"), ("4", "filtered"),
    ]  # fmt: skip


def test_mimic3_categories_are_compared_without_the_spaces_around_them(tmp_path):
    values = {"categories": ["Physician"], "paths": [noteevents(tmp_path)]}
    (note,) = read_source(tmp_path, declare("mimic3", **values)).notes
    assert (note["note_id"], note["category"]) == ("177", "Physician")


def test_mimic3_masks_become_those_of_mimic4_where_that_is_declared(tmp_path):
    values = {"masks": "underscore", "paths": [noteevents(tmp_path)]}
    (note,) = read_source(tmp_path, declare("mimic3", **values)).notes
    assert note["text"] == "Admission Date:  ___\n\nService: ADDENDUM:\n\n___, no ___"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[**Name\n (NI) 12**]'s", "___'s"),
        ("an open [** stays, [**this**] goes", "an open [** stays, ___ goes"),
        ("[**12-3**][**2101**]", "______"),
        ("[*not*] [** neither", "[*not*] [** neither"),
    ],
)
def test_a_mask_ends_where_it_ends(tmp_path, text, expected):
    row = [1, 2, 3, "2151-08-04", None, None, "Discharge summary", "Report", None, None, text]
    path = write_csv(tmp_path / "NOTEEVENTS.csv", NOTEEVENTS, [row])
    source = declare("mimic3", paths=[str(path)], masks="underscore")
    assert read_source(tmp_path, source).notes[0]["text"] == expected


def mimic4(folder: Path) -> list[str]:
    def row(note_id, text):
        subject, kind, number = note_id.split("-")
        hadm = None if kind == "RR" else 22595853
        return [note_id, int(subject), hadm, kind, int(number), "2180-05-07 00:00:00", None, text]

    discharge = [
        row("10000032-DS-21", "Name:  ___\n \nUnit No:   ___"),
        row("10000032-AD-3", "Add."),
    ]
    radiology = [row("10000032-RR-14", "EXAMINATION:  CHEST"), row("10000084-AR-2", "Addendum.")]
    return [
        str(write_csv(folder / "discharge.csv.gz", MIMIC4, discharge)),
        str(write_csv(folder / "radiology.csv.gz", MIMIC4, radiology)),
    ]


def test_mimic4_takes_categories_from_the_type_of_note(tmp_path):
    found = read_source(tmp_path, declare("mimic4", paths=mimic4(tmp_path)))
    assert [(note["note_id"], note["category"]) for note in found.notes] == [
        ("10000032-DS-21", "Discharge summary"), ("10000032-RR-14", "Radiology report"),
    ]  # fmt: skip
    assert found.notes[0]["text"] == "Name:  ___\n \nUnit No:   ___"
    assert found.notes[0]["date"] == "2180-05-07 00:00:00"
    assert found.reasons() == ["filtered", "filtered"]
    assert found.manifest["patients"] == 1


def test_mimic4_gives_addenda_where_they_are_asked_for(tmp_path):
    values = {"categories": ["Radiology report addendum"], "paths": mimic4(tmp_path)}
    (note,) = read_source(tmp_path, declare("mimic4", **values)).notes
    assert (note["note_id"], note["category"]) == ("10000084-AR-2", "Radiology report addendum")


ASCLEPIUS = [
    [0, "Discharge Summary:\n\nPatient: 60-year-old male\n", "What?", "This.", "Paraphrasing"],
    [0, "Discharge Summary:\n\nPatient: 60-year-old male\n", "Who?", "He.", "Summarization"],
    [1, "Patient Name: [REDACTED]\n", "When?", "Then.", "Paraphrasing"],
]  # fmt: skip


@pytest.mark.parametrize("name", ["synthetic.csv", "synthetic.parquet"])
def test_asclepius_gives_each_note_once_however_many_questions_it_has(tmp_path, name):
    header = ["patient_id", "note", "question", "answer", "task"]
    path = tmp_path / name
    if name.endswith(".csv"):
        write_csv(path, header, ASCLEPIUS)
    else:
        columns = map(list, zip(*ASCLEPIUS, strict=True))
        pq.write_table(pa.table(dict(zip(header, columns, strict=True))), path)
    found = read_source(tmp_path, declare("asclepius", paths=[str(path)]))
    assert [(note["note_id"], note["text"]) for note in found.notes] == [
        ("0", ASCLEPIUS[0][1]), ("1", ASCLEPIUS[2][1]),
    ]  # fmt: skip
    assert {note["category"] for note in found.notes} == {"Discharge summary"}
    assert found.reasons() == ["duplicate_note_id"]


def patients(count: int) -> list[dict]:
    return [
        {
            "patient_id": str(at),
            "patient_uid": f"766577{at // 2}-{at % 2 + 1}",
            "PMID": f"3349240{at // 2}",
            "file_path": f"comm/PMC007xxxxxx/PMC766577{at // 2}.xml",
            "title": "Early Physical Therapist Interventions: A Case Series",
            "patient": f"This {60 + at} year-old male was hospitalized due to ARDS.",
            "age": [[60.0 + at, "year"]],
            "gender": "M",
            "relevant_articles": {"32320506": 1},
            "similar_patients": {},
        }
        for at in range(count)
    ]


@pytest.mark.parametrize("name", ["PMC-Patients.json", "PMC-Patients.csv"])
def test_case_reports_of_one_article_are_in_one_split(tmp_path, name):
    rows, path = patients(8), tmp_path / name
    if name.endswith(".json"):
        path.write_text(json.dumps(rows, indent=4))
    else:
        write_csv(path, list(rows[0]), [list(map(str, row.values())) for row in rows])
    found = read_source(tmp_path, declare("case-reports", paths=[str(path)]))
    assert found.ids() == [row["patient_uid"] for row in rows]
    assert [note["text"] for note in found.notes] == [row["patient"] for row in rows]
    assert [note["patient_id"] for note in found.notes] == [row["PMID"] for row in rows]
    assert found.manifest["patients"] == 4
    assert {note["category"] for note in found.notes} == {"Case report"}


@pytest.fixture
def texts(tmp_path):
    for name, text in {
        "p2/b.txt": "Second.\r\n", "p1/ward/a.TXT": "First, \n", "p1/empty.txt": "",
        "p1/notes.md": "no note", "loose.txt": "Whose?", "p3/x,\"y\".txt": " \n",
    }.items():  # fmt: skip
        (tmp_path / "texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "texts" / name).write_bytes(text.encode())
    return {"paths": [str(tmp_path / "texts")], "category": "Letter"}


def test_a_folder_gives_a_note_for_each_text_file(tmp_path, texts):
    found = read_source(tmp_path, declare("folder", patient_id="folder", **texts))
    assert [(note["note_id"], note["patient_id"], note["text"]) for note in found.notes] == [
        ("p1/ward/a", "p1", "First, \n"), ("p2/b", "p2", "Second.\r\n"),
    ]  # fmt: skip
    assert [note["source_file"] for note in found.notes] == ["p1/ward/a.TXT", "p2/b.txt"]
    assert [(row["file"], row["row"], row["reason"]) for row in found.rejects] == [
        ("loose.txt", "1", "missing_patient_id"),
        ("p1/empty.txt", "1", "empty_text"),
        ('p3/x,"y".txt', "1", "blank_text"),
    ]
    assert found.manifest["files"] == [{"file": "texts", "rows": 5, "notes": 2}]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("file", ["loose", "p1/ward/a", "p2/b"]), (r"^p(\d+)/", ["1", "2"]), (r"(b)\.txt$", ["b"])],
)
def test_a_folder_finds_patients_by_the_declared_rule(tmp_path, texts, rule, expected):
    found = read_source(tmp_path, declare("folder", patient_id=rule, **texts))
    assert [note["patient_id"] for note in found.notes] == expected


def test_a_folder_that_is_not_there_is_named(tmp_path):
    source = declare("folder", paths=[str(tmp_path / "gone")], patient_id="file", category="A")
    with pytest.raises(UserError, match="there is no .*gone"):
        read_source(tmp_path, source)


def test_a_table_of_one_note_a_file_takes_its_ids_from_the_files_names(tmp_path):
    for at in (1, 2):
        note = {"day": at, "note": f"Headache {at}.", "presenting_complaint": "headache"}
        (tmp_path / f"day1_consultation0{at}.json").write_text(json.dumps(note))
    columns = {"text": "note", "note_id": "<file>", "patient_id": "<file>", "date": "day"}
    values = {"paths": [str(tmp_path / "*.json")], "columns": columns, "category": "Consultation"}
    found = read_source(tmp_path, declare("table", **values))
    assert [(note["note_id"], note["patient_id"], note["date"]) for note in found.notes] == [
        ("day1_consultation01", "day1_consultation01", "1"),
        ("day1_consultation02", "day1_consultation02", "2"),
    ]


DATASET = {
    "columns": {"text": "note", "note_id": "id", "patient_id": "patient"},
    "category": "Letter",
}
REVISION = "0123456789abcdef0123456789abcdef01234567"


def rows_of(*ids: int) -> datasets.Dataset:
    notes = [f"Note {at}." if at else None for at in ids]
    return datasets.Dataset.from_dict({"id": ids, "patient": ids, "note": notes})


def test_a_saved_data_set_is_read(tmp_path):
    rows_of(1, 0, 3).save_to_disk(tmp_path / "saved")
    found = read_source(tmp_path, declare("dataset", path=str(tmp_path / "saved"), **DATASET))
    assert found.ids() == ["1", "3"] and found.notes[1]["source_row"] == 3
    assert found.notes[0]["source_file"] == "saved"
    assert found.rejects == [{"file": "saved", "row": "2", "byte": "", "reason": "empty_text"}]


def test_a_saved_data_set_gives_all_its_parts_or_those_that_are_named(tmp_path):
    parts = {"train": rows_of(1, 2), "test": rows_of(2, 3)}
    datasets.DatasetDict(parts).save_to_disk(tmp_path / "saved")
    values = {"path": str(tmp_path / "saved"), **DATASET}
    found = read_source(tmp_path, declare("dataset", **values))
    assert [(note["note_id"], note["source_file"]) for note in found.notes] == [
        ("1", "train"), ("2", "train"), ("3", "test"),
    ]  # fmt: skip
    assert found.reasons() == ["duplicate_note_id"]
    assert read_source(tmp_path, declare("dataset", parts=["test"], **values)).ids() == ["2", "3"]
    with pytest.raises(UserError, match=r"no part \['valid'\]; there are \['train', 'test'\]"):
        read_source(tmp_path, declare("dataset", parts=["valid"], **values))


def test_a_data_set_without_a_column_names_those_that_are_there(tmp_path):
    rows_of(1).rename_column("note", "body").save_to_disk(tmp_path / "saved")
    with pytest.raises(UserError, match=r"no column \['note'\]; it has .*'body'"):
        read_source(tmp_path, declare("dataset", path=str(tmp_path / "saved"), **DATASET))


@pytest.mark.parametrize("file", ["state.json", "data-00000-of-00001.arrow"])
def test_a_damaged_data_set_is_named_and_not_quoted(tmp_path, file):
    rows_of(1).save_to_disk(tmp_path / "saved")
    (tmp_path / "saved" / file).write_text("Secret: chest pain")
    with pytest.raises(UserError, match="saved is no data set that can be read") as raised:
        read_source(tmp_path, declare("dataset", path=str(tmp_path / "saved"), **DATASET))
    assert "Secret" not in str(raised.value)


def test_what_is_no_saved_data_set_is_named(tmp_path):
    with pytest.raises(UserError, match="no data set that can be read .*save_to_disk"):
        read_source(tmp_path, declare("dataset", path=str(tmp_path), **DATASET))


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A local hub cache with one revision of a data set."""
    folder = tmp_path / "hub" / "datasets--clinic--letters" / "snapshots" / REVISION / "data"
    folder.mkdir(parents=True)
    rows_of(1, 2).to_parquet(folder / "train-00000-of-00001.parquet")
    rows_of(3).to_parquet(folder / "test-00000-of-00001.parquet")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return {"hub": "clinic/letters", "revision": REVISION, **DATASET}


def test_a_hub_data_set_is_read_from_the_cache_at_its_revision(tmp_path, hub):
    assert read_source(tmp_path, declare("dataset", **hub)).ids() == ["1", "2", "3"]
    assert read_source(tmp_path, declare("dataset", parts=["test"], **hub)).ids() == ["3"]


def test_a_hub_data_set_at_another_revision_is_not_taken_for_it(tmp_path, hub):
    other = declare("dataset", **(hub | {"revision": "f" * 40}))
    with pytest.raises(UserError, match=r"clinic/letters at revision f+ is not in .*hf download"):
        read_source(tmp_path, other)


def test_a_configuration_that_the_data_set_has_not_is_an_error(tmp_path, hub):
    with pytest.raises(UserError, match="source 'ward': clinic/letters is no data set"):
        read_source(tmp_path, declare("dataset", config="other", **hub))


def test_generated_notes_carry_their_gold_and_know_their_split(tmp_path):
    source = declare("generated", patients=30)
    shares = Splits(train=0.5, valid=0.2, test=0.3)
    spec = NotesSpec(source=source, splits=shares, seed=3)
    counted = []
    out = tmp_path / "notes.parquet"
    parts = generated_notes(source, shares, 3, counted.append)
    write_notes(parts, spec, out, tmp_path / "rejects.csv")
    notes = pq.read_table(out).to_pylist()
    assert sum(counted) == 30 == len({note["patient_id"] for note in notes})
    assert [note["source_row"] for note in notes] == list(range(1, len(notes) + 1))
    assert all(note["split"] == split_of(note["patient_id"], shares, 3) for note in notes)
    for name, _ in GOLD:
        assert any(note[name] for note in notes), name
    for note in notes:
        for span in [*note["spans"], *note["phi"], *note["sentences"], *note["pairs"]]:
            assert note["text"][span["start"] : span["end"]].strip()
    assert (tmp_path / "rejects.csv").read_text() == "file,row,byte,reason\n"


REJECTED = [
    ({"kind": "dataset", **DATASET}, "either 'path' or 'hub'"),
    ({"kind": "dataset", "path": "a", "hub": "b/c", **DATASET}, "either 'path' or 'hub'"),
    ({"kind": "dataset", "hub": "b/c", "revision": "main", **DATASET}, "40 hex digits"),
    ({"kind": "dataset", "path": "a", "config": "b", **DATASET}, "go with 'hub'"),
    ({"kind": "folder", "paths": ["a"], "category": "A", "patient_id": "p("}, "regular expression"),
    (
        {"kind": "folder", "paths": ["a"], "category": "A", "patient_id": "each"},
        "exactly one group",
    ),
    ({"kind": "folder", "paths": ["a"], "category": "A"}, "patient_id"),
    ({"kind": "mimic3", "paths": ["a"], "masks": "drop"}, "'keep' or 'underscore'"),
    ({"kind": "mimic3", "paths": []}, "at least 1 item"),
    ({"kind": "mimic4", "paths": ["a"], "categories": ["Echo"]}, "Radiology report"),
    ({"kind": "generated", "patients": 3, "noise": 0.9}, "less than or equal to 0.4"),
    ({"kind": "table", "paths": ["a"], "encoding": "utf-16", **DATASET}, "iconv"),
    ({"kind": "table", "paths": ["a"], "encoding": "klingon", **DATASET}, "expected 'utf-8'"),
    ({"kind": "table", "paths": ["a"], "only": {"A": []}, **DATASET}, "at least 1 item"),
    ({"kind": "asclepius", "paths": ["a"], "columns": {}}, "Extra inputs"),
]


@pytest.mark.parametrize(("values", "wanted"), REJECTED, ids=[wanted for _, wanted in REJECTED])
def test_a_source_that_cannot_be_meant_is_rejected(values, wanted):
    with pytest.raises(ValidationError, match=wanted):
        TypeAdapter(Source).validate_python({"name": "ward", **values})
