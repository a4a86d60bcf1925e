"""Rows from a folder of text files: each file is one."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from palimpsest.formats.blocks import Block, BlockGatherer
from palimpsest.formats.encodings import Codec, codec_of
from palimpsest.formats.files import open_stream
from palimpsest.formats.json_values import BOM, LONGEST_ROW
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.paths import text_files

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
    codec, gatherer = codec_of(encoding), BlockGatherer(COLUMNS)
    for path in text_files(folder):
        file = path.relative_to(folder).as_posix()
        note_id = file[: -len(path.suffix)]
        text, reason = _read_text(path, codec, advance)
        if text is None:
            gatherer.reject(Rejected(file, 1, 0, reason))
        else:
            cells = (text, note_id, _patient(patient_id, note_id, file), file)
            gatherer.add(dict(zip(COLUMNS, cells, strict=True)), 1, 0, len(text))
        yield from gatherer.full()
    yield from gatherer.rest()


def _read_text(path: Path, codec: Codec, advance: Callable[[int], None]) -> tuple[str | None, str]:
    """The text of a file, or None and the reason."""
    with open_stream(path, advance) as stream:
        data = stream.read(LONGEST_ROW + 1)
    if len(data) > LONGEST_ROW:
        return None, "too_long"
    try:
        return codec.decode(data.removeprefix(BOM)), ""
    except UnicodeDecodeError:
        return None, codec.reason


def _patient(rule: str, note_id: str, file: str) -> str:
    if rule == "file":
        return note_id
    if rule == "folder":
        return file.partition("/")[0] if "/" in file else ""
    found = re.search(rule, file)
    return (found[1] or "") if found else ""
