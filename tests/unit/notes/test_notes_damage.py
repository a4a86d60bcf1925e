"""Damaged input costs what is damaged and nothing else, or stops the job before it writes."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import HEADER, declare, read, read_source, specify, table

from palimpsest.notes.read import read_notes
from palimpsest.notes.write import write_notes
from palimpsest.runtime.errors import UserError

GOOD = [f'{at},p{at},Nursing,"Pain at {at}.\nBetter later."\n' for at in range(1, 41)]
JSON = [
    json.dumps({"ROW": str(at), "SUBJECT": f"p{at}", "CATEGORY": "A", "TEXT": f"Pain {at}.\n"})
    for at in range(1, 41)
]


def left_behind(folder: Path) -> list[Path]:
    return [path for path in (folder / "out").rglob("[!.]*") if path.is_file()]


def stops(folder: Path, wanted: str, *arguments, **changes) -> str:
    """The error of a table that cannot be read; nothing with a final name is left."""
    with pytest.raises(UserError, match=wanted) as raised:
        read(folder, *arguments, **changes)
    assert left_behind(folder) == []
    assert "Secret" not in str(raised.value)
    return str(raised.value)


BROKEN = {
    "unclosed quote": b'99,p99,Nursing,"Secret pain.\n',
    "text after a quote": b'99,p99,Nursing,"Secret" pain\n',
    "too few fields": b"99,p99,Secret\n",
    "too many fields": b"99,p99,Nursing,Secret,more,still more\n",
    "NUL": b"99,p99,Nursing,Secret\0 pain\n",
    "not UTF-8": b"99,p99,Nursing,Secret \xff\xfe\n",
}


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("after", [0, 17, 40])
def test_one_bad_row_costs_one_row(tmp_path, line, after):
    head = (HEADER + "".join(GOOD[:after])).encode()
    found = read(tmp_path, head + line + "".join(GOOD[after:]).encode())
    assert found.ids() == [str(at) for at in range(1, 41)]
    (row,) = found.rejects
    assert (row["file"], row["row"], row["byte"]) == ("notes.csv", str(after + 1), str(len(head)))
    assert row["reason"] and "Secret" not in row["reason"]


@pytest.mark.parametrize("first", BROKEN)
@pytest.mark.parametrize("second", ["unclosed quote", "too few fields"])
def test_bad_rows_one_after_another_cost_no_good_row(tmp_path, first, second):
    lines = [*map(str.encode, GOOD[:9]), BROKEN[first], BROKEN[second]]
    found = read(tmp_path, HEADER.encode() + b"".join([*lines, *map(str.encode, GOOD[9:])]))
    # Nothing may tell where the first of two broken rows ends: they may be rejected as one.
    assert len(found.notes) == 40 and 1 <= len(found.rejects) <= 2


@pytest.mark.parametrize(
    "bad",
    [b'{"ROW": "8", "SUBJ', b"[1, 2]", b"7", b'{"ROW": nan}', b'{"TEXT": "\xff"}', b"{" * 9999],
)
def test_a_line_of_json_that_is_no_row_costs_that_line(tmp_path, bad):
    lines = [*map(str.encode, JSON[:5]), bad, *map(str.encode, JSON[5:])]
    found = read(tmp_path, b"\n".join(lines), "notes.jsonl")
    assert found.ids() == [str(at) for at in range(1, 41)]
    (row,) = found.rejects
    assert (row["row"], int(row["byte"])) == ("6", len(b"\n".join(lines[:5])) + 1)
    assert row["reason"] == ("invalid_utf8" if b"\xff" in bad else "invalid_json")


def test_json_values_that_are_no_text_cost_their_row(tmp_path):
    lines = [
        '{"ROW": 7, "SUBJECT": 1.50, "CATEGORY": true, "TEXT": "Pain."}',
        '{"ROW": "8", "SUBJECT": "p", "CATEGORY": null, "TEXT": ["Pain."]}',
        '{"ROW": "9", "SUBJECT": "p", "CATEGORY": null, "TEXT": null}',
        '{"ROW": "10", "SUBJECT": "p", "TEXT": "\\ud800"}',
        '{"ROW": "11", "SUBJECT": "p", "TEXT": "\\ud83d\\ude42 \\u0000"}',
        '{"ROW": "12", "SUBJECT": "p", "TEXT": "\\ud83d\\ude42"}',
    ]
    found = read(tmp_path, "\r\n".join(lines) + "\r\n\r\n", "notes.jsonl")
    assert [(note["note_id"], note["patient_id"], note["category"]) for note in found.notes] == [
        ("7", "1.50", "true"), ("12", "p", "unknown"),
    ]  # fmt: skip
    assert found.notes[1]["text"] == "🙂"
    assert found.reasons() == ["not_text", "empty_text", "lone_surrogate", "nul_byte"]


def test_an_object_of_a_json_array_that_is_not_utf_8_costs_one_row(tmp_path):
    objects = [line.encode() for line in JSON]
    objects[7] = objects[7].replace(b"Pain", b"P\xffin")
    found = read(tmp_path, b"[" + b",\n".join(objects) + b"]", "notes.json")
    assert len(found.notes) == 39 and found.rejects[0]["row"] == "8"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ('[{"ROW": "1"}, {"ROW": Secret}]', r"object at byte 15 is not valid JSON"),
        ('[{"ROW": "1"}, {"ROW": "Secret', r"object at byte 15 does not end"),
        ('[{"ROW": "1"}, ', r"array of rows does not end \(at byte 15\)"),
        ('[{"ROW": "1"}, "Secret"]', r"expected an object at byte 15"),
        ('[{"ROW": "1"}] {"ROW": "Secret"}', r"expected an object at byte 15"),
        ("Secret", r"expected an object at byte 0"),
    ],
)
def test_a_broken_json_document_is_an_error_that_names_the_byte(tmp_path, content, wanted):
    stops(tmp_path, rf"notes\.json: .*{wanted}", content, "notes.json")


def test_objects_of_a_document_are_found_across_the_pieces_that_are_read(tmp_path, monkeypatch):
    rows = [
        {"ROW": str(at), "SUBJECT": "p", "CATEGORY": '}]"\\', "TEXT": 'He said "[{\\"' * at}
        for at in range(1, 12)
    ]
    for size in (1, 7, 64):
        monkeypatch.setattr("palimpsest.formats.json_values.CHUNK", size)
        for indent in (None, 2):
            found = read(tmp_path, json.dumps(rows, indent=indent), "notes.json")
            assert [note["text"] for note in found.notes] == [row["TEXT"] for row in rows]
        found = read(tmp_path, "\n".join(map(json.dumps, rows)), "notes.jsonl")
        assert [note["text"] for note in found.notes] == [row["TEXT"] for row in rows]


def test_a_value_of_parquet_that_is_not_utf_8_costs_one_row(tmp_path):
    ids = pa.array(["1", "2", "3"])
    text = pa.array([b"Pain.", b"\xff\xfe", b"Better."]).view(pa.string())
    columns = {"ROW": ids, "SUBJECT": ids, "CATEGORY": ids, "TEXT": text}
    pq.write_table(pa.table(columns), tmp_path / "notes.parquet")
    found = read_source(tmp_path, table(tmp_path / "notes.parquet"))
    assert found.ids() == ["1", "3"]
    assert found.rejects == [
        {"file": "notes.parquet", "row": "2", "byte": "", "reason": "invalid_utf8"}
    ]


@pytest.mark.parametrize("name", ["notes.csv", "notes.jsonl", "notes.json", "notes.txt"])
def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path, name):
    mark = b"\xef\xbb\xbf"
    if name == "notes.txt":
        (tmp_path / "texts").mkdir()
        (tmp_path / "texts" / name).write_bytes(mark + b"Pain.")
        source = declare("folder", paths=[str(tmp_path / "texts")], patient_id="file", category="A")
        assert read_source(tmp_path, source).notes[0]["text"] == "Pain."
        return
    content = (HEADER + GOOD[0]) if name == "notes.csv" else JSON[0]
    content = f"[{content}]" if name == "notes.json" else content
    (note,) = read(tmp_path, mark + content.encode(), name).notes
    assert note["note_id"] == "1"


def test_line_ends_of_windows_end_rows_and_stay_in_text(tmp_path):
    content = (HEADER + "".join(GOOD)).replace("\n", "\r\n")
    found = read(tmp_path, content)
    assert len(found.notes) == 40 and found.rejects == []
    assert found.notes[0]["text"] == "Pain at 1.\r\nBetter later."


@pytest.mark.parametrize("name", ["notes.csv", "notes.jsonl", "notes.json", "notes.parquet"])
def test_a_missing_column_is_named_with_those_that_anybody_knows(tmp_path, name):
    row = {"ROW": "1", "SUBJECT": "p", "CATEGORY": "A", "Note_Text": "Secret", "Secret": "2"}
    content = {
        "notes.csv": "ROW,SUBJECT,CATEGORY,Note_Text,Secret\n1,p,A,Secret,2\n",
        "notes.jsonl": json.dumps(row),
        "notes.json": json.dumps([row]),
        "notes.parquet": b"",
    }[name]
    if name == "notes.parquet":
        pq.write_table(pa.Table.from_pylist([row]), tmp_path / name)
        content = (tmp_path / name).read_bytes()
    told = stops(tmp_path, name.replace(".", r"\."), content, name)
    assert "'TEXT'" in told
    for column in ("ROW", "SUBJECT", "CATEGORY", "Note_Text"):
        assert f"'{column}'" in told
    assert "and 1 others" in told


def test_a_file_without_a_header_is_not_quoted_in_the_message(tmp_path):
    line = 'Secret "chest" pain since this morning, with dyspnea at rest and much else,'
    stops(tmp_path, r"notes\.csv", line + "\n")
    stops(tmp_path, r"notes\.jsonl", json.dumps({line: 1}), "notes.jsonl")


@pytest.mark.parametrize("name", ["notes.csv", "notes.jsonl", "notes.json", "texts"])
def test_a_latin_1_file_stops_with_the_option_that_sets_the_encoding(tmp_path, name):
    texts = [
        line.replace("Pain", "Schmerz, Übelkeit") for line in (GOOD if ".csv" in name else JSON)
    ]
    if name == "texts":
        (tmp_path / name).mkdir()
        for at, text in enumerate(texts):
            (tmp_path / name / f"{at}.txt").write_bytes(text.encode("latin-1"))
        values = {"paths": [str(tmp_path / name)], "patient_id": "file", "category": "A"}
        with pytest.raises(UserError, match="as `encoding` of the source or dataset"):
            read_source(tmp_path, declare("folder", **values))
        assert left_behind(tmp_path) == []
        found = read_source(tmp_path, declare("folder", **values, encoding="latin-1"))
    else:
        joined = {"notes.csv": HEADER + "".join(texts), "notes.jsonl": "\n".join(texts)}
        content = joined.get(name, "[" + ",".join(texts) + "]").encode("latin-1")
        stops(tmp_path, r"as `encoding` of the source or dataset, such as latin-1", content, name)
        found = read(tmp_path, content, name, encoding="latin-1")
    assert len(found.notes) == 40
    assert all("Übelkeit" in note["text"] for note in found.notes)


def test_a_latin_1_header_stops_if_it_may_have_the_column(tmp_path):
    content = "ROW,SUBJECT,CATEGORY,TEXT,Größe\n1,p,A,Pain,2\n"
    other = tmp_path / "other"
    other.mkdir()
    assert read(other, content.encode("latin-1")).ids() == ["1"]
    stops(tmp_path, "column 5 .* encoding", content.replace("TEXT", "Text").encode("latin-1"))


@pytest.mark.parametrize("name", ["notes.csv", "notes.jsonl", "notes.json", "notes.parquet"])
def test_a_note_of_10_mb_is_a_note_like_any_other(tmp_path, name):
    text = "Pain, and\nno relief. " * 500_000
    row = {"ROW": "big", "SUBJECT": "p", "CATEGORY": "A", "TEXT": text}
    if name == "notes.parquet":
        pq.write_table(pa.Table.from_pylist([row]), tmp_path / name)
        content = (tmp_path / name).read_bytes()
    elif name == "notes.csv":
        content = HEADER + GOOD[0] + f'big,p,A,"{text}"\n' + GOOD[1]
    else:
        content = json.dumps(row) if name == "notes.jsonl" else json.dumps([row])
    found = read(tmp_path, content, name)
    assert next(note for note in found.notes if note["note_id"] == "big")["text"] == text
    assert found.rejects == []


@pytest.mark.parametrize("name", ["notes.csv.gz", "notes.jsonl.gz", "notes.csv.zst"])
@pytest.mark.parametrize("damage", ["truncated", "flipped", "no archive"])
def test_a_damaged_archive_stops_and_is_named_with_the_place(tmp_path, name, damage):
    lines = [line.replace("Pain", f"{os.urandom(99).hex()}") for line in (JSON * 50)]
    if "csv" in name:
        lines = [f"{at},p,A,{os.urandom(99).hex()}" for at in range(2000)]
    plain = (HEADER if "csv" in name else "").encode() + "\n".join(lines).encode()
    packed = (
        pa.Codec("zstd").compress(plain, asbytes=True) if "zst" in name else gzip.compress(plain)
    )
    content = {
        "truncated": packed[: len(packed) // 2],
        "flipped": packed[:-9] + bytes([packed[-9] ^ 1]) + packed[-8:],
        "no archive": b"Secret: chest pain\n" * 9,
    }[damage]
    if damage == "flipped" and "zst" in name:
        pytest.skip("this frame has no checksum")
    if damage == "no archive":
        stops(tmp_path, rf"{name}: it is no (gzip|zstd), as its name says", content, name)
        return
    told = stops(tmp_path, rf"{name}: damaged after byte \d+ of its content", content, name)
    assert "of the file)" in told


@pytest.mark.parametrize("damage", ["truncated", "text"])
def test_a_damaged_parquet_file_stops(tmp_path, damage):
    pq.write_table(pa.table({"ROW": ["1"], "TEXT": ["Secret"]}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    content = whole[:-20] if damage == "truncated" else b"Secret pain\n" * 9
    stops(tmp_path, r"notes\.parquet: cannot be read as Parquet", content, "notes.parquet")


def test_a_parquet_column_without_text_is_named(tmp_path):
    row = {"ROW": "1", "SUBJECT": "p", "CATEGORY": "A", "TEXT": ["Secret"]}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "notes.parquet")
    content = (tmp_path / "notes.parquet").read_bytes()
    stops(tmp_path, "column 'TEXT' holds list", content, "notes.parquet")


@pytest.mark.parametrize("name", ["notes.csv", "notes.jsonl", "notes.parquet", "texts"])
@pytest.mark.parametrize("how", ["appended", "replaced", "gone"])
def test_a_file_that_changes_while_it_is_read_stops(tmp_path, name, how):
    path = tmp_path / name
    if name == "texts":
        path.mkdir()
        path = path / "1.txt"
        path.write_text("Pain.")
        source = declare("folder", paths=[str(path.parent)], patient_id="file", category="A")
    elif name == "notes.parquet":
        pq.write_table(pa.Table.from_pylist([json.loads(line) for line in JSON]), path)
        source = table(path)
    else:
        path.write_text(HEADER + "".join(GOOD) if "csv" in name else "\n".join(JSON))
        source = table(path)

    def change(count: int) -> None:
        if how == "appended":
            with path.open("ab") as stream:
                stream.write(b"more")
        elif how == "gone":
            path.unlink(missing_ok=True)
        elif path.exists():
            (tmp_path / "other").write_bytes(path.read_bytes())
            os.replace(tmp_path / "other", path)

    out, rejects = tmp_path / "out" / "notes.parquet", tmp_path / "out" / "notes.rejects.csv"
    with pytest.raises(UserError, match="changed while it was read|cannot be read: No such file"):
        write_notes(read_notes(source, False, change), specify(source), out, rejects)
    assert left_behind(tmp_path) == []


BOMB = """
import resource, sys
sys.path[:0] = sys.argv[1].split(":")
from pathlib import Path
from reading import specify, table
from palimpsest.runtime.errors import UserError
from palimpsest.notes.read import read_notes
from palimpsest.notes.write import write_notes

limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
folder, path = Path(sys.argv[2]).parent, sys.argv[2]
try:
    write_notes(read_notes(table(path), False, lambda count: None),
                specify(table(path)),
                folder / "out" / "notes.parquet", folder / "out" / "notes.rejects.csv")
except UserError as error:
    print("stopped:", str(error)[:300])
else:
    print((folder / "out" / "notes.rejects.csv").read_text())
"""


@pytest.mark.parametrize("name", ["notes.csv.gz", "notes.jsonl.gz", "notes.json.gz"])
def test_a_zip_bomb_does_not_fill_the_memory(tmp_path, name):
    path = tmp_path / name
    first = {
        "notes.csv.gz": HEADER + "".join(GOOD) + '41,p,A,"',
        "notes.jsonl.gz": "\n".join(JSON) + '\n{"TEXT": "',
        "notes.json.gz": "[" + ",".join(JSON) + ', {"TEXT": "',
    }[name]
    member = gzip.compress(b"a" * (1 << 24), 1)
    path.write_bytes(gzip.compress(first.encode()) + member * 64)  # 1 GiB as soon as it is unpacked
    assert path.stat().st_size < 8 << 20
    done = subprocess.run(
        [sys.executable, "-c", BOMB, ":".join(sys.path), str(path), str(3 << 30)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "does not end" in done.stdout or "too_long" in done.stdout
