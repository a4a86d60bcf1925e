"""The files of a source: decompressed while they are read, and watched for changes."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa

from palimpsest.runtime.errors import UserError

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
LONGEST_NAME, MOST_WORDS = 40, 5  # characters and words of a column's name; more is note text


class Stream:
    """The content of a file from its beginning, whatever its compression; memory stays bounded."""

    def __init__(self, path: Path, advance: Callable[[int], None]) -> None:
        """advance: is told how many more bytes of the file, as it lies on disk, were read."""
        self.path, self.offset = path, 0
        self._advance, self._advanced = advance, 0
        self._file = pa.OSFile(str(path))
        self._size = self._file.size()
        compression = COMPRESSIONS.get(path.suffix.lower())
        self._content = (
            pa.CompressedInputStream(self._file, compression) if compression else self._file
        )

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
            # Neither pyarrow's nor the system's message holds content of the file.
            raise UserError(
                f"{self.path}: damaged after byte {self.offset} of its content (before byte "
                f"{self._file.tell()} of the file): {error}. Is the copy complete?"
            ) from error
        self.offset += count
        position = self._file.tell()
        if position > self._size:  # it grows, perhaps as fast as it is read
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
def open_stream(path: Path, advance: Callable[[int], None]) -> Iterator[Stream]:
    """The content of a file. Raises UserError when it changes before the block ends."""
    with unchanged(path):
        try:
            stream = Stream(path, advance)
        except OSError as error:
            raise UserError(f"{path}: cannot be read: {error.strerror}") from error
        with closing(stream):
            yield stream


def names_of(paths: list[str]) -> dict[str, str]:
    """What to call each file: its name, or its path below the common folder if names repeat."""
    names = {path: os.path.basename(path) for path in paths}
    if len(set(names.values())) < len(paths):
        common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
        names = {path: os.path.relpath(path, common).replace(os.sep, "/") for path in paths}
    return names


def require_columns(path: Path | str, columns: Iterable[str], present: list[str]) -> None:
    """Raise UserError if a file lacks columns. Without a header its "names" are note text."""
    absent = [column for column in columns if column not in present]
    if not absent:
        return
    if all(len(name) <= LONGEST_NAME and len(name.split()) <= MOST_WORDS for name in present):
        raise UserError(f"{path}: no column {absent}; it has {present}")
    raise UserError(
        f"{path}: no column {absent}; its {len(present)} columns have no names. Is there a header?"
    )


def _changed_error(path: Path) -> UserError:
    return UserError(f"{path}: changed while it was read; run again when what writes it has ended")


def _state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    return found.st_ino, found.st_size, found.st_mtime_ns
