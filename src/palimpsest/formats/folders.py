"""Rows from a folder of text files: each file is one."""

from collections.abc import Callable, Iterator
from pathlib import Path

from palimpsest.formats.blocks import Block, SingleRow, gather
from palimpsest.formats.containers import HEAD, MARKUP, container_of, wide_encoding
from palimpsest.formats.encodings import codec_of
from palimpsest.formats.files import open_stream
from palimpsest.formats.json_values import BOM, LONGEST_ROW
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.paths import is_utf8, printable, text_files
from palimpsest.text.patterns import find

COLUMNS = ("text", "note_id", "patient_id", "file")


def read_folder(
    folder: str, patient_id: str, encoding: str, advance: Callable[[int], None]
) -> Iterator[Block]:
    """The .txt files below a folder in the order of their names, with the columns COLUMNS.

    patient_id: `file`, `folder` or a regular expression with one group, as declared; where it
    finds nothing the patient's id is empty. `file` is the path below the folder; every row is the
    first of its file.
    Raises UserError when a file cannot be read or changes meanwhile.
    """
    codec = codec_of(encoding)

    def read(path: Path) -> SingleRow | Rejected:
        file = path.relative_to(folder).as_posix()
        if not is_utf8(file):
            advance(path.stat().st_size)
            return Rejected(printable(file), 1, 0, "invalid_file_name")
        with open_stream(path, advance, checked=False) as stream:
            data = stream.read(min(stream.size, LONGEST_ROW) + 1)
        if len(data) > LONGEST_ROW:
            return Rejected(file, 1, 0, "too_long")
        if container_of(data[:HEAD]) not in ("", *MARKUP):
            return Rejected(file, 1, 0, "not_text")
        if wide_encoding(data[:HEAD]):
            return Rejected(file, 1, 0, "utf16")
        try:
            text = codec.decode(data.removeprefix(BOM))
        except UnicodeDecodeError:
            return Rejected(file, 1, 0, codec.reason)
        note_id = file[: -len(path.suffix)]
        cells = (text, note_id, _patient(patient_id, note_id, file), file)
        return SingleRow(dict(zip(COLUMNS, cells, strict=True)), 1, 0, len(text))

    return gather(map(read, text_files(folder)), COLUMNS)


def _patient(rule: str, note_id: str, file: str) -> str:
    if rule == "file":
        return note_id
    if rule == "folder":
        return file.partition("/")[0] if "/" in file else ""
    return find(rule, file)
