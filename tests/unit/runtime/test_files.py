"""Files are complete or absent, and a table that is not what was written is refused."""

import os
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pytest

from palimpsest.runtime.atomic import atomic_path
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.files import (
    copy,
    manifest_path,
    read_json,
    read_manifest,
    read_table,
    sha256_file,
    write_json,
    write_manifest,
    write_table,
    write_text,
)

TABLE = pa.table({"note_id": ["007", "8"], "text": ["Chest pain.", ""], "tokens": [3, 0]})


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_exception_leaves_no_file_and_no_temporary(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert names(tmp_path) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [{"loss": -float("inf")}]])
def test_a_number_that_json_has_not_is_an_error(tmp_path, value):
    with pytest.raises(UserError, match="manifest.json: cannot be written as JSON"):
        write_json(tmp_path / "manifest.json", {"value": value})
    assert names(tmp_path) == []


def test_an_exception_leaves_the_old_file_as_it_was(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(ZeroDivisionError), atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_finished_block_leaves_the_file_alone_with_ordinary_rights(tmp_path):
    write_text(tmp_path / "deep" / "a.txt", "é\r\n")
    assert names(tmp_path / "deep") == ["a.txt"]
    assert (tmp_path / "deep" / "a.txt").read_bytes() == "é\r\n".encode()
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "deep" / "a.txt").stat().st_mode == plain.stat().st_mode


WRITER = """
import sys
from pathlib import Path
from palimpsest.runtime.files import write_text
target = Path(sys.argv[1])
size = 0
while True:
    size += 1
    write_text(target, f"{size}\\n" * 200_000 + "end")
    print("one", flush=True)
"""


def test_a_killed_writer_leaves_a_complete_file_or_none(tmp_path):
    target = tmp_path / "a.txt"
    for finished in (0, 0, 1, 3):
        target.unlink(missing_ok=True)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE
        )
        for _ in range(finished):
            writer.stdout.readline()
        # Into the next write: as soon as its temporary file is there.
        while not any(name.startswith(".a.txt.") for name in names(tmp_path)):
            time.sleep(0.0005)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        if target.exists():
            first, *middle, last = target.read_text().split("\n")
            assert last == "end" and set(middle) == {first} and len(middle) == 199_999
        else:
            assert not finished
        write_text(tmp_path / "a.txt", "next")
        assert names(tmp_path) == ["a.txt"]  # the next writer leaves nothing of the killed one


def test_json_has_the_same_bytes_whatever_the_order(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": "é"})
    write_json(tmp_path / "b.json", {"a": "é", "b": 1})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert read_json(tmp_path / "a.json") == {"a": "é", "b": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "expected JSON"), (b"{", "expected JSON"), (b"text", "expected JSON")]
    + [(b'{"\xff', "not UTF-8 at byte 2")],
)
def test_what_is_not_json_is_refused_by_name(tmp_path, content, said):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(UserError, match=rf"a\.json: {said}"):
        read_json(tmp_path / "a.json")


def test_a_table_comes_back_with_its_manifest(tmp_path):
    account = {"in": 2, "kept": 2, "rejected": {}, "failed": {}}
    write_table(tmp_path / "a.parquet", TABLE, account=account)
    assert names(tmp_path) == ["a.json", "a.parquet"]
    assert read_table(tmp_path / "a.parquet", ["text", "note_id"]).to_pydict() == {
        "text": ["Chest pain.", ""],
        "note_id": ["007", "8"],
    }
    manifest = read_manifest(tmp_path / "a.parquet", "account")
    assert manifest["rows"] == 2 and manifest["account"] == account


def test_the_same_table_has_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_table(tmp_path / f"{name}.parquet", TABLE)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    write_table(tmp_path / "a.parquet", TABLE)
    with pytest.raises(UserError, match=r"a\.parquet: no column \['split'\].*'note_id'.*'tokens'"):
        read_table(tmp_path / "a.parquet", ["text", "split"])


@pytest.mark.parametrize("lost", ["a.parquet", "a.json"])
def test_a_missing_file_is_named(tmp_path, lost):
    write_table(tmp_path / "a.parquet", TABLE)
    (tmp_path / lost).unlink()
    with pytest.raises(UserError, match=rf"{lost}: cannot be read: No such file"):
        read_table(tmp_path / "a.parquet", ["text"])


@pytest.mark.parametrize("manifest", [[], {}, {"sha256": "a" * 64}, "text", None])
def test_what_is_not_a_manifest_is_refused(tmp_path, manifest):
    write_table(tmp_path / "a.parquet", TABLE)
    write_json(tmp_path / "a.json", manifest)
    with pytest.raises(UserError, match=r"a\.json: not a manifest: expected the keys .*'rows'"):
        read_table(tmp_path / "a.parquet", ["text"])


def test_a_manifest_without_a_wanted_field_is_refused(tmp_path):
    write_table(tmp_path / "a.parquet", TABLE)
    with pytest.raises(UserError, match="account"):
        read_manifest(tmp_path / "a.parquet", "account")


def test_a_truncated_table_with_its_old_time_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    write_table(path, TABLE)
    before = path.stat()
    path.write_bytes(path.read_bytes()[:-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(UserError, match=r"a\.parquet: its bytes differ.*Delete it to rebuild"):
        read_table(path, ["text"])


def test_every_single_flipped_byte_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    write_table(path, TABLE)
    good = path.read_bytes()
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 0xFF
        path.write_bytes(bad)
        with pytest.raises(UserError, match="its bytes differ"):
            read_table(path, ["text"])


def test_text_in_place_of_a_table_is_refused_even_with_a_fitting_manifest(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_text("Chest pain.")
    write_json(manifest_path(path), {"sha256": sha256_file(path), "rows": 1})
    with pytest.raises(UserError, match=r"a\.parquet: expected a Parquet table") as raised:
        read_table(path, ["text"])
    assert "Chest" not in str(raised.value)


def test_a_copy_is_a_file_of_its_own(tmp_path):
    source, target = tmp_path / "source", tmp_path / "deep" / "target"
    source.write_text("new")
    copy(source, target, sha256_file(source))
    target.write_text("edited in place")
    assert source.read_text() == "new" and not target.samefile(source)
    assert names(target.parent) == ["target"]


def test_a_copy_of_what_is_not_what_was_written_is_refused(tmp_path):
    (tmp_path / "source").write_text("new")
    with pytest.raises(UserError, match="source: its bytes differ"):
        copy(tmp_path / "source", tmp_path / "target", "0" * 64)
    assert names(tmp_path) == ["source"]


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_manifest_that_counts_other_rows_is_refused(tmp_path, rows):
    path = tmp_path / "a.parquet"
    write_table(path, TABLE)
    write_manifest(manifest_path(path), {**read_manifest(path), "rows": rows})
    if rows == 2:
        assert read_table(path, ["text"]).num_rows == 2
    else:
        with pytest.raises(UserError, match=rf"it has 2 rows, and its manifest counts {rows}"):
            read_table(path, ["text"])


ACCOUNT = {"in": 3, "kept": 2, "rejected": {"copy": 1}, "failed": {}}


@pytest.mark.parametrize(
    ("account", "fields"),
    [
        ({**ACCOUNT, "in": 4}, {}),
        ({**ACCOUNT, "kept": 3, "rejected": {}}, {}),
        (ACCOUNT, {"rows_are": ["kept", "failed", "more"], "more": 1}),
        (ACCOUNT, {"rows_are": ["kept", "absent"]}),
        ({"in": 2}, {}),
        ([], {}),
    ],
)
def test_an_account_that_does_not_add_up_to_the_rows_is_refused(tmp_path, account, fields):
    path = tmp_path / "a.parquet"
    with pytest.raises(AccountingError, match="account"):
        write_table(path, TABLE, account=account, **fields)
    write_table(path, TABLE, account=ACCOUNT)
    manifest = read_manifest(path) | {"account": account} | fields
    write_manifest(manifest_path(path), manifest)
    with pytest.raises(AccountingError, match=r"a\.json: its account .*delete it to rebuild"):
        read_table(path, ["text"])


def test_every_flipped_bit_of_a_manifest_is_refused_or_changes_nothing(tmp_path):
    path = tmp_path / "a.parquet"
    write_table(path, TABLE, account=ACCOUNT, share=0.25, kept_of=None)
    place, known = manifest_path(path), read_manifest(path)
    good = place.read_bytes()
    for at in range(8 * len(good)):
        bad = bytearray(good)
        bad[at // 8] ^= 1 << at % 8
        place.write_bytes(bad)
        try:
            found = read_manifest(path)
        except UserError:
            continue
        assert {key: found[key] for key in known} == known
        assert len(found) - len(known) in (0, 1)  # the name of the digest is another


def test_a_manifest_of_an_earlier_version_has_no_digest(tmp_path):
    write_table(tmp_path / "a.parquet", TABLE)
    manifest = read_json(tmp_path / "a.json")
    del manifest["digest"]
    write_json(tmp_path / "a.json", manifest)
    assert read_table(tmp_path / "a.parquet", ["text"]).num_rows == 2
