"""Encodings of text files: UTF-8, and those that spell each character in one byte.

Quotes, delimiters and line ends can then be found among the bytes, before anything is decoded.
"""

import codecs

import numpy as np
import pyarrow as pa

from palimpsest.runtime.errors import UserError

HINT = "name the file's encoding as `encoding` of the source or dataset, such as latin-1 or cp1252"
ALWAYS_UTF8 = "text in Arrow and Parquet is UTF-8; decode it, and write the file anew"
CHECKED_BYTES = 1 << 16  # that are checked at once
ASCII = bytes(range(128)).decode()


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
            last = int(np.searchsorted(starts, starts[first] + CHECKED_BYTES))
            begin, end = int(starts[first]), int(ends[last - 1])
            if not _is_utf8(content, begin, end):
                group = np.frombuffer(content, np.uint8, end - begin, begin)
                suspects = np.flatnonzero(group >= 128) + begin  # all other bytes are ASCII
                found += [
                    row
                    for row in np.unique(np.searchsorted(ends, suspects, "right")).tolist()
                    if not _is_utf8(content, int(starts[row]), int(ends[row]))
                ]
            first = last
        return found

    def to_utf8(self, values: pa.StringArray) -> pa.StringArray:
        """Values as UTF-8."""
        return values


class SingleByte:
    """An encoding in which bytes below 128 are ASCII and the others one character each."""

    reason = "invalid_encoding"

    def __init__(self, name: str) -> None:
        self.name = name
        characters = (bytes([byte]).decode(name, "ignore") for byte in range(256))
        self._undefined = np.array([not character for character in characters])

    def decode(self, content: bytes) -> str:
        """Raises UnicodeDecodeError."""
        return content.decode(self.name)

    def undecodable(self, content: bytearray, starts: np.ndarray, ends: np.ndarray) -> list[int]:
        """Which of some rows, given by where they start and end, are not in the encoding."""
        begin = int(starts[0])
        stretch = np.frombuffer(content, np.uint8, int(ends[-1]) - begin, begin)
        suspects = np.flatnonzero(self._undefined[stretch]) + begin
        rows = np.searchsorted(ends, suspects, "right")
        return np.unique(rows[starts[rows] <= suspects]).tolist()

    def to_utf8(self, values: pa.StringArray) -> pa.StringArray:
        """Values as UTF-8."""
        raw = values.view(pa.binary()).to_pylist()
        return pa.array([value.decode(self.name) for value in raw], pa.string())


Codec = Utf8 | SingleByte


def codec_of(encoding: str) -> Codec:
    """The codec of an encoding. Raises ValueError, naming it, if it is unknown or none of these."""
    try:
        known = codecs.lookup(encoding).name
        characters = bytes(range(256)).decode(known, "replace")
    except (LookupError, UnicodeError):
        known, characters = "", ""
    if known in ("utf-8", "utf-8-sig"):
        return Utf8()
    if len(characters) == 256 and characters[:128] == ASCII:
        return SingleByte(known)
    raise ValueError(
        f"encoding '{encoding}': expected 'utf-8', or an encoding of one byte a character such as "
        "'latin-1' or 'cp1252'; convert other files first, UTF-16 for example with iconv"
    )


def check_encoding(
    file: str, encoding: str, undecodable: int, rows: int, advice: str = HINT
) -> None:
    """Raise UserError if so many of a file's rows are undecodable that it has another encoding."""
    # A few broken rows are no other encoding, even if there are not many rows.
    if undecodable * 10 > rows and (undecodable >= 20 or undecodable * 2 > rows > 2):
        raise UserError(f"{file}: {undecodable} of {rows} rows are not {encoding}; {advice}")


def check_dialect(file: str, escaped: int, rows: int) -> None:
    """Raise UserError if so many of a file's rows have escaped quotes that it is their dialect."""
    if escaped * 10 > rows and (escaped >= 20 or escaped * 2 > rows):
        raise UserError(
            f"{file}: in {escaped} of {rows} rows quotes are escaped by backslashes, as Spark and "
            "MySQL write them; write them doubled, in Spark by the option `escape` as a quote"
        )


def _is_utf8(content: bytearray, start: int, end: int) -> bool:
    """Whether a stretch is UTF-8, by Arrow: it checks several times as fast as Python decodes."""
    bounds = pa.py_buffer(np.array([0, end - start], np.int32))
    stretch = pa.py_buffer(content).slice(start, end - start)
    try:
        pa.StringArray.from_buffers(1, bounds, stretch).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
