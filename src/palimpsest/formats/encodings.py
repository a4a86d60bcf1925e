"""Encodings of separated files: UTF-8, and those that spell each character in one byte.

Quotes, delimiters and line ends can then be found among the bytes, before anything is decoded.
"""

import codecs

import numpy as np
import pyarrow as pa

from palimpsest.runtime.errors import UserError

HINT = "name the file's encoding in the source's `encoding`, such as latin-1 or cp1252"
PIECE = 1 << 16  # bytes that are checked at once


class Utf8:
    """Values stay as they are; rows are checked."""

    name, reason = "UTF-8", "invalid_utf8"

    def decode(self, content: bytes) -> str:
        """Raises UnicodeDecodeError."""
        return content.decode("utf-8")

    def undecodable(self, content: bytearray, starts: np.ndarray, ends: np.ndarray) -> list[int]:
        """Which of some rows, given by where they start and end, are not in the encoding."""
        found, first = [], 0
        while first < len(starts):
            # Groups of rows; what lies between rows was rejected already, and may be anything.
            last = int(np.searchsorted(starts, starts[first] + PIECE))
            begin, end = int(starts[first]), int(ends[last - 1])
            if not _is_utf8(content, begin, end):
                stretch = np.frombuffer(content, np.uint8, end - begin, begin)
                places = np.flatnonzero(stretch >= 128) + begin  # all others are ASCII
                found += [
                    row
                    for row in np.unique(np.searchsorted(ends, places, "right")).tolist()
                    if not _is_utf8(content, int(starts[row]), int(ends[row]))
                ]
            first = last
        return found

    def convert(self, values: pa.StringArray) -> pa.StringArray:
        """Values as UTF-8."""
        return values


class SingleByte:
    """An encoding in which bytes below 128 are ASCII and the others one character each."""

    reason = "invalid_encoding"

    def __init__(self, name: str) -> None:
        self.name = name
        spelt = [bytes([byte]).decode(name, "ignore").encode() for byte in range(256)]
        self._widths = np.array([len(one) for one in spelt], np.uint8)

    def decode(self, content: bytes) -> str:
        """Raises UnicodeDecodeError."""
        return content.decode(self.name)

    def undecodable(self, content: bytearray, starts: np.ndarray, ends: np.ndarray) -> list[int]:
        """Which of some rows, given by where they start and end, are not in the encoding."""
        begin = int(starts[0])
        stretch = np.frombuffer(content, np.uint8, int(ends[-1]) - begin, begin)
        places = np.flatnonzero(self._widths[stretch] == 0) + begin
        rows = np.searchsorted(ends, places, "right")
        return np.unique(rows[starts[rows] <= places]).tolist()

    def convert(self, values: pa.StringArray) -> pa.StringArray:
        """Values as UTF-8."""
        raw = values.view(pa.binary()).to_pylist()
        return pa.array([value.decode(self.name) for value in raw], pa.string())


def encoding_of(name: str) -> Utf8 | SingleByte:
    """The encoding of that name. Raises UserError if it is unknown, or none of these."""
    try:
        name = codecs.lookup(name).name
        every = bytes(range(256)).decode(name, "replace")
    except LookupError:
        raise UserError(
            f"encoding '{name}': unknown; expected utf-8, latin-1 or the like"
        ) from None
    if name in ("utf-8", "utf-8-sig"):
        return Utf8()
    if len(every) != 256 or every[:128] != bytes(range(128)).decode():
        raise UserError(
            f"encoding '{name}': expected utf-8, or an encoding of one byte a character, such as "
            "latin-1 or cp1252; convert the file to UTF-8 first"
        )
    return SingleByte(name)


def _is_utf8(content: bytearray, start: int, end: int) -> bool:
    """Whether a stretch is UTF-8, by Arrow: it checks several times as fast as Python decodes."""
    bounds = pa.py_buffer(np.array([0, end - start], np.int32))
    stretch = pa.py_buffer(content).slice(start, end - start)
    try:
        pa.StringArray.from_buffers(1, bounds, stretch).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
