"""Files as other programs write them: read, or explained in one line."""

import json
from pathlib import Path

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import HEADER, declare, read, read_source, table

from palimpsest.runtime.errors import UserError

ROW = {"ROW": "1", "SUBJECT": "p", "CATEGORY": "A", "TEXT": "Secret pain."}


def fails(folder: Path, wanted: str, source) -> None:
    with pytest.raises(UserError, match=wanted) as raised:
        read_source(folder, source)
    assert "Secret" not in str(raised.value) and "\n" not in str(raised.value)


def parquet(path: Path, **columns) -> Path:
    rows = len(next(iter(columns.values())))
    others = {name: [f"{name} {at}" for at in range(rows)] for name in ROW if name not in columns}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns | others), path)
    return path


def patients(found) -> list[str]:
    return [note["patient_id"] for note in found.notes]


def test_a_patient_of_several_types_is_one_patient(tmp_path):
    number = 1234567890123
    frame = pd.DataFrame(
        {"ROW": ["f1", "f2"], "SUBJECT": [float(number), None], "TEXT": ["a", "b"]}
    )
    frame["CATEGORY"] = "A"
    frame.to_csv(tmp_path / "floats.csv", index=False)
    frame.to_json(tmp_path / "floats.jsonl", orient="records", lines=True)
    frame.assign(ROW=["p1", "p2"]).to_parquet(tmp_path / "floats.parquet")
    (tmp_path / "numbers.jsonl").write_text(
        "".join(
            json.dumps({**ROW, "ROW": f"j{at}", "SUBJECT": subject}) + "\n"
            for at, subject in enumerate([number, float(number), str(number), f" {number}.0 "])
        )
    )
    parquet(tmp_path / "a.parquet", SUBJECT=pa.array([number, None], pa.int64()))
    parquet(tmp_path / "b.parquet", SUBJECT=pd.Categorical([str(number)]), ROW=["c"])
    for name, missing in [
        ("floats.csv", 1), ("floats.jsonl", 1), ("floats.parquet", 1), ("numbers.jsonl", 0),
        ("a.parquet", 1), ("b.parquet", 0),
    ]:  # fmt: skip
        found = read_source(tmp_path, table(tmp_path / name))
        assert set(patients(found)) == {str(number)}, name
        assert found.reasons() == ["missing_patient_id"] * missing


def test_ids_that_are_text_are_not_merged(tmp_path):
    ids = ["7", "007", "7.5", "1e5", "100000", "1E5"]
    rows = "".join(f"{at},{one},A,Pain\n" for at, one in enumerate(ids))
    assert patients(read(tmp_path, HEADER + rows)) == ids


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_ids_that_lost_digits_stop_with_the_row(tmp_path, kind):
    if kind == "csv":
        path = tmp_path / "notes.csv"
        path.write_text(HEADER + "1,p,A,Secret\n2,1.23E+12,A,Secret\n")
    else:
        path = parquet(tmp_path / "notes.parquet", SUBJECT=[1.0, 2.0**60])
    fails(tmp_path, r"row 2: column 'SUBJECT' is a number whose last digits are lost", table(path))


def test_a_second_header_is_rejected_and_counted(tmp_path):
    part = HEADER + "{0},p{0},A,Pain\n"
    again = "\ufeff" + part.format(2) + '"ROW","SUBJECT","CATEGORY","TEXT"\r\n' + part.format(3)
    found = read(tmp_path, "\ufeff" + part.format(1) + again)
    assert found.ids() == ["1", "2", "3"]
    assert [(row["row"], row["reason"]) for row in found.rejects] == [
        (row, "repeated_header") for row in ("2", "4", "5")
    ]


def test_a_second_header_with_other_places_is_an_error(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(HEADER + "1,p,A,Secret\nSUBJECT,ROW,CATEGORY,TEXT\np,2,A,Secret\n")
    fails(tmp_path, "at byte 39 begins another header, with its columns in other", table(path))


@pytest.mark.parametrize(
    ("mark", "kept"),
    [(mark, False) for mark in ("1", "1.0", "True", "t", "yes", "2", "X")]
    + [(mark, True) for mark in ("", "0", "0.0", "False", "f", "NaN", " ")],
)
def test_marks_of_errors_in_any_spelling(tmp_path, mark, kept):
    names = "ROW_ID,SUBJECT_ID,CHARTDATE,CATEGORY,ISERROR,TEXT"
    path = tmp_path / "NOTEEVENTS.csv"
    line = "{},7,2151-08-04,Discharge summary,{},note\n"
    path.write_text(f"{names}\n{line.format(1, '')}{line.format(2, mark)}")
    found = read_source(tmp_path, declare("mimic3", paths=[str(path)]))
    assert found.ids() == (["1", "2"] if kept else ["1"])
    assert found.reasons() == ([] if kept else ["marked_as_error"])


def test_a_file_without_a_header_leaks_nothing(tmp_path):
    path = tmp_path / "notes.csv"
    for content in ("N1,Secret John,Secret\nN2,x,y\n", "Secret,John\n", "Secret\n"):
        path.write_text(content)
        fails(
            tmp_path, r"no column \['TEXT', 'ROW', 'SUBJECT', 'CATEGORY'\]; \d others", table(path)
        )


def test_two_columns_of_a_name_are_an_error_in_every_format(tmp_path):
    columns = [pa.array(["1"])] * 5
    names = [*ROW, "TEXT"]
    pq.write_table(pa.table(columns, names=names), tmp_path / "notes.parquet")
    (tmp_path / "notes.csv").write_text(",".join(names) + "\n1,1,1,1,1\n")
    for name in ("notes.parquet", "notes.csv"):
        fails(tmp_path, r"columns \['TEXT'\] are there more than once", table(tmp_path / name))


def test_json_by_columns_is_to_be_written_by_rows(tmp_path):
    path = tmp_path / "notes.json"
    pd.DataFrame([ROW, ROW]).to_json(path)
    fails(tmp_path, "lists or objects where text was .* orient='records'", table(path))
    pd.DataFrame([ROW]).to_json(path, orient="records")
    assert read_source(tmp_path, table(path)).ids() == ["1"]


def test_a_line_of_many_cells_is_no_header(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("Secret," * 20_000 + "\n")
    fails(tmp_path, "its first line has 20001 cells, expected at most 5000", table(path))


def test_rows_are_counted_where_no_row_is_as_the_header_says(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(HEADER + "1,p,A,Secret,\n" * 30)
    fails(tmp_path, "no note is left of 30 rows.*'too_many_fields': 30", table(path))
    path.write_text(HEADER.replace("\n", "\r\r\n") + "1,p,A,Pain\r\r\n")
    assert read_source(tmp_path, table(path)).ids() == ["1"]


def test_a_column_twice_in_an_object_costs_its_row(tmp_path):
    rows = [
        '{"ROW": "1", "SUBJECT": "p", "CATEGORY": "A", "TEXT": "Pain", "TEXT": "Secret"}',
        '{"ROW": "2", "SUBJECT": "p", "CATEGORY": "A", "TEXT": "Pain", "more": {"TEXT": 1}}',
        '{"ROW": "3", "SUBJECT": "p", "CATEGORY": "A", "TEXT": "\\"TEXT\\" \\"TEXT\\""}',
    ]
    for name, content in (("a.jsonl", "\n".join(rows)), ("a.json", f"[{','.join(rows)}]")):
        found = read(tmp_path, content, name)
        assert found.ids() == ["2", "3"] and found.reasons() == ["repeated_key"]


def spread(folder: Path, *names: str) -> None:
    for at, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{HEADER}{at},p{at},A,Pain\n")


def test_two_stars_are_all_folders(tmp_path):
    spread(tmp_path, "deep/n0.csv", "deep/x/n1.csv", "deep/x/y/n2.csv", "deep/.hidden/n3.csv")
    (tmp_path / "deep/x/loop").symlink_to(tmp_path / "deep")
    for pattern in ("deep/**/*.csv", "deep/**", "d*/**/n*"):
        found = read_source(tmp_path, table(tmp_path / pattern))
        assert found.ids() == ["0", "1", "2"]
    with pytest.raises(ValueError, match=r"expected `\*\*` alone between slashes"):
        table("data/**.csv")


def test_folders_of_other_programs_are_one_table(tmp_path):
    spread(tmp_path, "t.csv/part-0.csv", "t.csv/part-1.csv", "t.csv/.part-1.csv.crc")
    (tmp_path / "t.csv/_SUCCESS").touch()
    (tmp_path / "t.csv/_metadata.csv").write_text("Secret")
    for path in ("t.csv", "*.csv"):
        found = read_source(tmp_path, table(tmp_path / path))
        assert found.ids() == ["0", "1"] and found.manifest["files"][1]["file"] == "part-1.csv"


def test_a_folder_without_tables_is_named(tmp_path):
    (tmp_path / "t.csv").mkdir()
    for path in ("t.csv", "*.csv"):
        fails(tmp_path, "t.csv: it is a folder, without files of tables", table(tmp_path / path))


def test_what_the_names_of_folders_say_is_a_column(tmp_path):
    for at, said in enumerate(["Letter", "Visit%20note", "__HIVE_DEFAULT_PARTITION__"]):
        path = tmp_path / f"t.parquet/CATEGORY={said}/part-0.parquet"
        path.parent.mkdir(parents=True)
        row = {"ROW": [str(at)], "SUBJECT": [at], "TEXT": ["Pain"]}
        pq.write_table(pa.table(row), path)
    found = read_source(tmp_path, table(tmp_path / "t.parquet"))
    assert sorted(note["category"] for note in found.notes) == ["Letter", "Visit note", "unknown"]


def test_quotes_escaped_by_backslashes_are_counted_and_explained(tmp_path):
    rows = "".join(
        f'{at},p{at},A,"Visit {at}. Pain,\nSecret. He says \\"I am ok\\", then left."\n'
        for at in range(400)
    )
    path = tmp_path / "notes.csv"
    path.write_text(HEADER + rows)
    fails(tmp_path, "in 400 of 400 rows quotes are escaped by backslashes", table(path))
    good = "".join(f'{at},q{at},A,"Visit {at}. Pain,\nbetter ""now""."\n' for at in range(500, 900))
    found = read(tmp_path, HEADER + good + "".join(rows.splitlines(keepends=True)[:20]) + good[:0])
    assert len(found.notes) == 400 and found.reasons() == ["backslash_quote"] * 10


def test_a_nan_or_half_a_character_costs_what_it_must(tmp_path):
    rows = [
        '{"ROW": "1", "SUBJECT": "p", "CATEGORY": "A", "TEXT": "Pain", "hgb": NaN, "x": -Infinity}',
        '{"ROW": "2", "SUBJECT": NaN, "CATEGORY": "A", "TEXT": "Pain"}',
        '{"ROW": "3", "SUBJECT": "p", "CATEGORY": "A", "TEXT": Infinity}',
        '{"ROW": "4", "SUBJECT": "p", "CATEGORY": "A", "TEXT": "\\ud83d"}',
        '{"ROW": "5", "SUBJECT": "p", "CATEGORY": NaN, "TEXT": "Pain", "more": "\\ud83d"}',
    ] + ['{"ROW": "9", "SUBJECT": "p", "CATEGORY": "A", "TEXT": "\\ud83d"}'] * 40  # fmt: skip
    found = read(tmp_path, "\n".join(rows), "notes.jsonl")
    assert found.ids() == ["1", "5"]
    assert found.reasons()[:2] == ["missing_patient_id", "not_text"]
    assert found.reasons()[2:] == ["lone_surrogate"] * 41


def test_names_of_classes_stand_for_their_numbers(tmp_path):
    features = datasets.Features(
        ROW=datasets.Value("string"), SUBJECT=datasets.Value("int64"),
        CATEGORY=datasets.ClassLabel(names=["Letter", "Visit"]), TEXT=datasets.Value("string"),
    )  # fmt: skip
    rows = {"ROW": list("abc"), "SUBJECT": [1, 2, 3], "CATEGORY": [1, 0, -1], "TEXT": ["Pain"] * 3}
    saved = datasets.Dataset.from_dict(rows, features=features)
    saved.save_to_disk(str(tmp_path / "saved"))
    saved.to_parquet(str(tmp_path / "saved.parquet"))
    columns = {"text": "TEXT", "note_id": "ROW", "patient_id": "SUBJECT", "category": "CATEGORY"}
    for source in (
        declare("dataset", path=str(tmp_path / "saved"), columns=columns),
        table(tmp_path / "saved.parquet"),
    ):
        found = read_source(tmp_path, source)
        assert [note["category"] for note in found.notes] == ["Visit", "Letter", "unknown"]


def test_a_damaged_saved_data_set_is_an_error(tmp_path):
    rows = {"ROW": ["1"], "SUBJECT": ["p"], "TEXT": ["Secret"]}
    datasets.Dataset.from_dict(rows).save_to_disk(str(tmp_path / "saved"))
    columns = {"text": "TEXT", "note_id": "ROW", "patient_id": "SUBJECT"}
    source = declare("dataset", path=str(tmp_path / "saved"), columns=columns, category="A")
    (tmp_path / "saved" / "state.json").write_text('{"Secret": 3}')
    fails(tmp_path, "is no data set that can be read", source)


def test_texts_that_are_none_and_names_of_any_bytes_cost_their_file(tmp_path):
    folder = tmp_path / "letters"
    folder.mkdir()
    for name, content in {
        b"a.txt": b"Pain", b"caf\xe9.txt": b"Pain", b"b.txt": "Pain".encode("utf-16-le") * 9,
        b"c.txt": b"\x1f\x8b\x08\0\0\0", b"d.txt": b"<html>Pain</html>", b"{x}<y>.txt": b"Pain",
    }.items():  # fmt: skip
        (Path(str(folder).encode().decode()) / name.decode("utf-8", "surrogateescape")).write_bytes(
            content
        )
    source = declare("folder", paths=[str(folder)], patient_id="file", category="A")
    found = read_source(tmp_path, source)
    assert sorted(found.ids()) == ["a", "d", "{x}<y>"]
    assert {(row["file"], row["reason"]) for row in found.rejects} == {
        ("b.txt", "utf16"), ("c.txt", "not_text"), ("caf\\xe9.txt", "invalid_file_name"),
    }  # fmt: skip


def test_no_pattern_for_patients_can_hang(tmp_path):
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / ("a" * 200 + "!.txt")).write_text("Pain")
    source = declare("folder", paths=[str(folder)], patient_id=r"^((?:a+)+)$", category="A")
    fails(tmp_path, "missing_patient_id", source)
    with pytest.raises(ValueError, match="as RE2 has them without look-around"):
        declare("folder", paths=["x"], patient_id=r"(?<=a)(b)", category="A")
    with pytest.raises(ValueError, match="exactly one group, found 2"):
        declare("folder", paths=["x"], patient_id=r"(a)(b)", category="A")
