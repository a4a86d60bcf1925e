"""Rows from a folder of text files: each file is one."""

from collections.abc import Callable, Iterator
from pathlib import Path

from palimpsest.formats.blocks import Block, SingleRow, gather
from palimpsest.formats.encodings import codec_of
from palimpsest.formats.files import open_stream
from palimpsest.formats.json_values import BOM, LONGEST_ROW
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.paths import text_files
from palimpsest.text.patterns import pattern

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
        with open_stream(path, advance) as stream:
            data = stream.read(LONGEST_ROW + 1)
        if len(data) > LONGEST_ROW:
            return Rejected(file, 1, 0, "too_long")
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
    found = pattern(rule).search(file)
    return (found[1] or "") if found else ""
