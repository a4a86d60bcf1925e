"""A file that is something else than its name says is named for what it is."""

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from palimpsest.formats.tables import read_blocks
from palimpsest.runtime.errors import UserError

PLAIN = b"id,pid,text\n1,a,Secret pain\n2,b,Better\n"
COLUMNS = ["id", "pid", "text"]


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, PLAIN)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: ["1"] for name in COLUMNS}), out)
    return out.getvalue()


def ids(path: Path, encoding: str = "utf-8") -> list[str]:
    blocks = read_blocks(path, path.name, COLUMNS, encoding, lambda count: None)
    return [value for block in blocks for value in block.columns["id"].to_pylist()]


OTHERS = {
    "notes.csv": [
        (gzip.compress(PLAIN), "it is gzip, whatever its name says; .*csv.gz"),
        (zipped("[Content_Types].xml"), "it is an Excel or OpenDocument file, .*'CSV UTF-8'"),
        (zipped("notes.csv"), "it is zip, .* unpack it"),
        (bz2.compress(PLAIN), "it is bzip2"),
        (lzma.compress(PLAIN), "it is xz"),
        (pa.compress(PLAIN, "zstd", asbytes=True), "it is zstd, .*csv.zst"),
        (parquet(), "it is Parquet, .*end in .parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "it is an old Excel"),
        (b"  <!DOCTYPE HTML><title>Log in</title>", "it is HTML"),
        (PLAIN.decode().encode("utf-16"), "it looks like UTF-16"),
        (PLAIN.decode().encode("utf-16-le"), "it looks like UTF-16LE; .*iconv -f UTF-16LE"),
        (PLAIN.decode().encode("utf-16-be"), "it looks like UTF-16BE"),
        (PLAIN.decode().encode("utf-32"), "it looks like UTF-32"),
        (PLAIN.decode().encode("utf-32-be"), "it looks like UTF-32BE"),
        (PLAIN.replace(b"\n", b"\r"), "its lines end in CR alone"),
        (PLAIN.replace(b",", b";"), r"no column .* is one cell with 2 semicolons"),
        (PLAIN.replace(b",", b"\t"), r"no column .* is one cell with 2 tabs"),
        (b'"id","pid","text"\r"1","a","Secret,\n pain"\r', "its lines end in CR alone"),
    ],
    "notes.jsonl": [
        (gzip.compress(PLAIN), "it is gzip"),
        ('{"id": 1, "pid": 2, "text": "Secret"}'.encode("utf-16-le"), "it looks like UTF-16LE"),
        (b'{"id": "1"}\r{"id": "Secret"}\r', "its lines end in CR alone"),
    ],
    "notes.csv.gz": [
        (PLAIN, "it is no gzip, as its name says: is it plain text"),
        (gzip.compress(gzip.compress(PLAIN)), "it is gzip within gzip; unpack it once"),
        (gzip.compress(zipped("xl/a")), "it is an Excel or OpenDocument file within gzip"),
        (gzip.compress(PLAIN.decode().encode("utf-16")), "it looks like UTF-16"),
        (zipped("notes.csv"), "it is zip, whatever"),
    ],
    "notes.csv.zst": [(gzip.compress(PLAIN), "it is gzip, whatever its name says")],
    "notes.parquet": [
        (gzip.compress(parquet()), "it is gzip, whatever"),
        (PLAIN, "cannot be read as Parquet"),
    ],
}


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [(name, *case) for name, cases in OTHERS.items() for case in cases],
    ids=[f"{name}-{wanted}" for name, cases in OTHERS.items() for _, wanted in cases],
)
def test_what_a_file_is_is_said_in_one_line_without_text(tmp_path, name, content, wanted):
    (tmp_path / name).write_bytes(content)
    for encoding in ("utf-8", "latin-1"):
        with pytest.raises(UserError, match=wanted) as raised:
            ids(tmp_path / name, encoding)
        assert "Secret" not in str(raised.value) and "\n" not in str(raised.value)


def test_gzip_of_several_members_and_with_zeros_behind_is_read(tmp_path):
    half = len(PLAIN) // 2
    members = gzip.compress(PLAIN[:half]) + gzip.compress(b"") + gzip.compress(PLAIN[half:])
    for content in (members, members + bytes(5000), members + bytes(1)):
        (tmp_path / "notes.csv.gz").write_bytes(content)
        assert ids(tmp_path / "notes.csv.gz") == ["1", "2"]
    (tmp_path / "notes.csv.gz").write_bytes(members + b"\0more")
    with pytest.raises(UserError, match="damaged after byte"):
        ids(tmp_path / "notes.csv.gz")


def test_zstd_with_a_long_window_is_to_be_packed_again(tmp_path):
    # A frame of one raw block, whose window is of 2**28 bytes, as `zstd --long=28` writes it.
    head = b"\x28\xb5\x2f\xfd" + bytes([0b0000_0000, (28 - 10) << 3])
    block = (1 | len(PLAIN) << 3).to_bytes(3, "little") + PLAIN
    (tmp_path / "notes.csv.zst").write_bytes(head + block)
    with pytest.raises(UserError, match="longer window .*--long.*pack it again"):
        ids(tmp_path / "notes.csv.zst")


def test_names_that_look_like_marks_are_names(tmp_path):
    for name in (b"PK", b"BZh1", b"PAR1"):
        rows = [b"%b,%b" % (name, PLAIN.split(b"\n")[0]), b"x,1,a,Pain", b""]
        (tmp_path / "notes.csv").write_bytes(b"\n".join(rows))
        assert ids(tmp_path / "notes.csv") == ["1"]
