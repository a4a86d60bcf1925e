"""The files of a source: decompressed while they are read, and watched for changes."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from palimpsest.formats.containers import HEAD, check_file, check_text
from palimpsest.formats.gzip_stream import GzipStream
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import is_special

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
# Names of columns, in small letters, that a message may say. What else stands in the head of a file
# is never shown: without a header it is text of a note.
KNOWN_COLUMNS = frozenset(
    "admission admission_id age answer author body category chartdate charttime class code "
    "codes comment concept content date datetime department description doc_id document "
    "document_id encounter encounter_id entity example_id file filename findings gender "
    "gold_label hadm_id hypothesis id impression index iserror label labels location message "
    "mrn name note note_id note_text note_type number patient patient_id patient_uid "
    "person_id pid pmid premise provider question report row row_id score section sentence "
    "sentence1 sentence2 sentence_id sex source split status storetime subject subject_id "
    "tags target task text time title tokens type value visit visit_id ward year".split()
)


class MissingColumns(UserError):
    """A file lacks columns that it should have."""

    def __init__(self, message: str, columns: list[str]) -> None:
        super().__init__(message)
        self.columns = columns


class Stream:
    """The content of a file from its beginning, whatever its compression; memory stays bounded."""

    def __init__(self, path: Path, advance: Callable[[int], None]) -> None:
        """advance: is told how many more bytes of the file, as it lies on disk, were read."""
        self.path, self.offset = path, 0
        self._advance, self._advanced = advance, 0
        self._file = pa.OSFile(str(path))
        self.size = self._file.size()
        self.packed = COMPRESSIONS.get(path.suffix.lower(), "")
        self._content: Any = self._file
        if self.packed == "gzip":
            self._content = GzipStream(self._file)
        elif self.packed:
            self._content = pa.CompressedInputStream(self._file, self.packed)

    def read(self, size: int) -> bytes:
        """At most `size` bytes of content, none at its end.

        Raises UserError, naming file and offset, where the compressed content is damaged.
        """
        room = bytearray(size)
        return bytes(memoryview(room)[: self.readinto(room)])

    def readinto(self, room: bytearray | memoryview) -> int:
        """Fill `room` from its start: how many bytes came, 0 at the end. Raises as `read`."""
        try:
            count = self._content.readinto(room)
        except OSError as error:
            if "too much memory" in str(error):
                raise UserError(
                    f"{self.path}: it was packed with a longer window than zstd unpacks by itself "
                    "(--long); pack it again without that"
                ) from error
            # Neither pyarrow's nor the system's message holds content of the file.
            raise UserError(
                f"{self.path}: damaged after byte {self.offset} of its content (before byte "
                f"{self._file.tell()} of the file): {error}. Is the copy complete?"
            ) from error
        self.offset += count
        position = self._file.tell()
        if position > self.size:  # it grows, perhaps as fast as it is read
            raise _changed_error(self.path)
        self._advance(position - self._advanced)
        self._advanced = position
        return count

    def close(self) -> None:
        self._content.close()
        self._file.close()


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Raise UserError when a file is missing, or is another one when the block has ended."""
    before = _state(path)
    yield
    if _state(path) != before:
        raise _changed_error(path)


@contextmanager
def open_stream(
    path: Path, advance: Callable[[int], None], checked: bool = True
) -> Iterator[Stream]:
    """The content of a file.

    checked: whether it is an error when its first bytes say that it is something else than its
    name says, or no text.
    Raises UserError then, and when the file changes before the block ends.
    """
    with unchanged(path):
        if checked:
            check_text(path, *_head(path))
        with closing(_opened(path, advance)) as stream:
            yield stream


def _opened(path: Path, advance: Callable[[int], None]) -> Stream:
    try:
        return Stream(path, advance)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def _head(path: Path) -> tuple[bytes, str]:
    """The first bytes of a file's content, and what it was unpacked from."""
    check_file(path, first_bytes(path), COMPRESSIONS.get(path.suffix.lower(), ""))
    with closing(_opened(path, lambda count: None)) as stream:
        return stream.read(HEAD), stream.packed


def first_bytes(path: Path) -> bytes:
    """The first bytes of a file, as it lies on disk. Raises UserError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error


def names_of(paths: list[str]) -> dict[str, str]:
    """What to call each file: its name, or its path below the common folder if names repeat."""
    names = {path: os.path.basename(path) for path in paths}
    if len(set(names.values())) < len(paths):
        common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
        names = {path: os.path.relpath(path, common).replace(os.sep, "/") for path in paths}
    return names


def require_columns(path: Path | str, columns: Iterable[str], present: Sequence[str]) -> None:
    """Raise UserError if a file lacks columns, or has one of them more than once.

    The message names those of its columns that anybody knows, and counts the others.
    """
    columns = list(columns)
    twice = [column for column in columns if list(present).count(column) > 1]
    if twice:
        raise UserError(f"{path}: columns {twice} are there more than once; rename all but one")
    absent = [column for column in columns if column not in present]
    if not absent:
        return
    asked = {plain_name(column) for column in columns}
    known = [name for name in present if plain_name(name) in KNOWN_COLUMNS | asked]
    said = f"; {len(present)} others" if not known else ""
    if known:
        said = f"; it has {known}"
        said += f" and {len(present) - len(known)} others" if len(known) < len(present) else ""
    hint = " (look at how it begins: are these names?)" if len(known) < len(present) else ""
    raise MissingColumns(f"{path}: no column {absent}{said}{hint}", absent)


def plain_name(cell: str) -> str:
    """The name of a column without what is written around it, in small letters."""
    return cell.strip(' \t\r\ufeff"').lower()


def _changed_error(path: Path) -> UserError:
    return UserError(f"{path}: changed while it was read; run again when what writes it has ended")


def _state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    if is_special(str(path)):
        raise UserError(f"{path}: is a pipe or a device, expected a file")
    return found.st_ino, found.st_size, found.st_mtime_ns
