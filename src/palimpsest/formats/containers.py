"""What a file is, by its first bytes: its name may say something else."""

import codecs
from pathlib import Path

from palimpsest.runtime.errors import UserError

HEAD = 1 << 12  # bytes that are looked at
_OFFICE = (b"[Content_Types].xml", b"xl/", b"_rels/", b"mimetypeapplication/vnd.oasis")
_UNPACK = "unpack it, and name it by what is in it"
_EXPORT = "export it as CSV (UTF-8) or Parquet"
# Name, what it begins with, what to do with it.
_KINDS: list[tuple[str, tuple[bytes, ...], str]] = [
    ("gzip", (b"\x1f\x8b\x08",), "let its name end in .gz, behind what is in it, such as .csv.gz"),
    (
        "zstd",
        (b"\x28\xb5\x2f\xfd", *(bytes([low, 0x2A, 0x4D, 0x18]) for low in range(0x50, 0x60))),
        "let its name end in .zst, behind what is in it, such as .csv.zst",
    ),
    ("an Excel or OpenDocument file", (), "save it as 'CSV UTF-8'"),  # zip, by what is in it
    ("zip", (b"PK\x03\x04", b"PK\x05\x06"), _UNPACK),
    ("an old Excel or Word file", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), "save it as 'CSV UTF-8'"),
    ("bzip2", (b"BZh",), "unpack it, or bring it to .gz"),
    ("xz", (b"\xfd7zXZ\0",), "unpack it, or bring it to .gz"),
    ("lz4", (b"\x04\x22\x4d\x18",), "unpack it, or bring it to .gz"),
    ("snappy", (b"\xff\x06\0\0sNaPpY",), "unpack it, or bring it to .gz"),
    ("7z", (b"7z\xbc\xaf\x27\x1c",), _UNPACK),
    ("RAR", (b"Rar!\x1a\x07",), _UNPACK),
    ("Parquet", (b"PAR1\x15",), "let its name end in .parquet"),
    ("Arrow", (b"ARROW1\0",), "bring it to Parquet"),
    ("Avro", (b"Obj\x01",), _EXPORT),
    ("SQLite", (b"SQLite format 3\0",), _EXPORT),
    ("HDF5", (b"\x89HDF\r\n\x1a\n",), _EXPORT),
    ("SAS", (b"\0" * 12 + b"\xc2\xea\x81\x60",), _EXPORT),
    ("SPSS", (b"$FL2@(#)", b"$FL3@(#)"), _EXPORT),
    ("Stata", (b"<stata_dta>",), _EXPORT),
    ("R data", (b"RDX2\n", b"RDX3\n", b"X\n\0\0\0"), _EXPORT),
    ("pickle", (b"\x80\x03", b"\x80\x04\x95", b"\x80\x05\x95"), _EXPORT),
    ("PDF", (b"%PDF-",), "extract its text"),
    ("RTF", (b"{\\rtf",), "save it as plain text in UTF-8"),
    ("a pointer of Git LFS", (b"version https://git-lfs.",), "fetch it with `git lfs pull`"),
    ("HTML", (), "is it the page of a log-in?"),  # in any case of letters
]
MARKUP = ("HTML", "RTF")  # text, too, though no table
_ADVICE = {name: advice for name, _, advice in _KINDS}
_TAR = 257  # where a tar file says so
_WIDE = "convert it to UTF-8, for example with `iconv -f {} -t UTF-8`"


def container_of(head: bytes) -> str:
    """What kind of container or other file begins with some bytes; nothing where it may be text."""
    if head.startswith(b"PK\x03\x04") and any(part in head for part in _OFFICE):
        return "an Excel or OpenDocument file"
    if head[_TAR : _TAR + 5] == b"ustar":
        return "tar"
    if head[:_TAR].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if head.startswith(b"BZh") and head[4:10] not in (b"1AY&SY", b"\x17rE8P\x90"):
        return ""
    return next((name for name, marks, _ in _KINDS if marks and head.startswith(marks)), "")


def wide_encoding(head: bytes) -> str:
    """The encoding of several bytes a character that some text is in, by its head, or nothing."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    quarter = len(head) // 4
    if quarter < 2:
        return ""
    empty = [head[place : 4 * quarter : 4].count(0) / quarter for place in range(4)]
    for name, empties in (
        ("UTF-32LE", (1, 2, 3)), ("UTF-32BE", (0, 1, 2)), ("UTF-16LE", (1, 3)), ("UTF-16BE", (0, 2))
    ):  # fmt: skip
        if all((share > 0.5) if at in empties else (share < 0.1) for at, share in enumerate(empty)):
            return name
    return ""


def check_file(path: Path, head: bytes, expected: str) -> None:
    """Raise UserError if a file is another kind of container than its name says.

    head: its first bytes, at most HEAD. expected: `gzip`, `zstd`, `Parquet`, or nothing for text.
    """
    found = container_of(head)
    if not head or found == expected or found in MARKUP:
        return
    if found:
        raise UserError(f"{path}: it is {found}, whatever its name says; {_advice(found)}")
    if expected != "Parquet":  # which its own reader explains
        raise UserError(f"{path}: it is no {expected}, as its name says: is it plain text, or cut?")


def check_text(path: Path | str, head: bytes, packed: str = "", markup: bool = False) -> None:
    """Raise UserError if some content is no text, or text in UTF-16 or UTF-32.

    head: its first bytes, at most HEAD. packed: what it was unpacked from. markup: whether it may
    be HTML or RTF.
    """
    found = container_of(head)
    if found and not (markup and found in MARKUP):
        inside = f" within {packed}" if packed else ", whatever its name says"
        advice = "unpack it once" if packed == found else _advice(found)
        raise UserError(f"{path}: it is {found}{inside}; {advice}")
    if encoding := wide_encoding(head):
        raise UserError(f"{path}: it looks like {encoding}; {_WIDE.format(encoding)}")


def returns_error(place: Path | str) -> UserError:
    """What is said of a file whose lines end so."""
    return UserError(
        f"{place}: its lines end in CR alone, as on old Macs; convert it, for example with "
        "`tr '\\r' '\\n'`"
    )


def _advice(name: str) -> str:
    return _ADVICE.get(name, _UNPACK)
