"""Rows from JSON Lines and from JSON documents, a piece at a time.

In JSON Lines a line that is no row costs that row alone. In a document (an array of objects, or
objects one after another) nothing tells where a broken row ends, so that one is an error.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from palimpsest.formats.blocks import Block, BlockGatherer
from palimpsest.formats.encodings import codec_of
from palimpsest.formats.files import Stream, missing_column
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

CHUNK = 1 << 20  # bytes that are read at once
LONGEST_ROW = 1 << 26  # bytes; a longer one is held to be damage, so that memory stays bounded
TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["{}\[\]]', re.DOTALL)
BETWEEN = re.compile(rb"[\s,]*")
SURROGATE = re.compile("[\ud800-\udfff]")
BOM = b"\xef\xbb\xbf"


def read_json_lines(
    stream: Stream, name: str, columns: list[str], encoding: str, lists: Sequence[str] = ()
) -> Iterator[Block]:
    """Blocks of the rows of a JSON Lines file: an object a line; empty lines are no rows.

    name: what `Rejected` calls the file. columns: those to give; numbers are given as they are
    spelled, null and absent values as null. lists: of these, whose values may be lists, which are
    given as JSON.
    Raises UserError when a column is in none of the first rows, or no line is an object.
    """
    rows = _JsonRows(stream, name, columns, encoding, lists)
    for start, line in _lines(stream):
        if line is None:
            rows.reject("too_long", start)
        elif line.strip():
            rows.add(line, start)
        yield from rows.blocks()
    if rows.row and rows.broken == rows.row:
        raise UserError(
            f"{stream.path}: none of its {rows.row} lines is a JSON object; expected JSON Lines"
        )
    yield from rows.blocks(final=True)


def read_json_document(
    stream: Stream, name: str, columns: list[str], encoding: str, lists: Sequence[str] = ()
) -> Iterator[Block]:
    """Blocks of the rows of a JSON file: an array of objects, or one or more objects.

    As `read_json_lines`, but raises UserError, naming the byte, where the file is not JSON.
    """
    rows = _JsonRows(stream, name, columns, encoding, lists)
    for start, element in _elements(stream):
        if rows.add(element, start) == "invalid_json":
            raise UserError(
                f"{stream.path}: the object at byte {start} is not valid JSON. In such a "
                "file nothing tells where the next row begins: mend it, or bring it to JSON Lines "
                "(.jsonl)"
            )
        yield from rows.blocks()
    yield from rows.blocks(final=True)


class _JsonRows:
    """Parses the rows of a file, and gathers them into blocks."""

    def __init__(
        self, stream: Stream, name: str, columns: list[str], encoding: str, lists: Sequence[str]
    ) -> None:
        self.stream, self.name, self.codec = stream, name, codec_of(encoding)
        self.columns, self.lists = columns, lists
        self.row = self.broken = 0  # rows so far, and those that were no JSON objects
        self._keys: dict[str, None] | None = {}  # of the first block's objects
        self._gatherer = BlockGatherer(columns)

    def reject(self, reason: str, start: int) -> str:
        self.row += 1
        self.broken += reason == "invalid_json"
        self._gatherer.reject(Rejected(self.name, self.row, start, reason))
        return reason

    def add(self, data: bytes, start: int) -> str | None:
        """Take one row; the reason, if it is rejected."""
        try:
            record = _DECODER.decode(self.codec.decode(data))
        except UnicodeDecodeError:
            return self.reject(self.codec.reason, start)
        except (ValueError, RecursionError):
            return self.reject("invalid_json", start)
        if not isinstance(record, dict):
            return self.reject("invalid_json", start)
        if self._keys is not None:
            self._keys |= dict.fromkeys(record)
        values = {column: _text(record.get(column)) for column in self.columns}
        for column in self.lists:
            if isinstance(record.get(column), list):
                values[column] = json.dumps(record[column], ensure_ascii=False)
        if ... in values.values():
            return self.reject("not_text", start)
        # Only an escape can spell half a character.
        if b"\\u" in data and any(SURROGATE.search(value) for value in values.values() if value):
            return self.reject("invalid_utf8", start)
        self.row += 1
        self._gatherer.add(values, self.row, start, len(data))
        return None

    def blocks(self, final: bool = False) -> Iterator[Block]:
        """The block, if it is large enough or the last one."""
        for block in self._gatherer.rest() if final else self._gatherer.full():
            if self._keys:
                absent = [column for column in self.columns if column not in self._keys]
                if absent:
                    raise missing_column(self.stream.path, absent, list(self._keys))
                self._keys = None
            yield block


def _text(value: Any) -> Any:
    """A value as text; `...` for what has none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return ...


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_reject_constant)


def _lines(stream: Stream) -> Iterator[tuple[int, bytes | None]]:
    """Each line with the byte at which it begins; None for one that is too long."""
    pieces: list[bytes] = []
    start = size = 0  # of the line that has begun
    while chunk := stream.read(CHUNK):
        if stream.offset == len(chunk) and chunk.startswith(BOM):
            chunk, start = chunk[len(BOM) :], len(BOM)
        *whole, begun = chunk.split(b"\n")
        for part in whole:
            size += len(part)
            pieces.append(part)
            yield start, b"".join(pieces) if size <= LONGEST_ROW else None
            start += size + 1
            pieces, size = [], 0
        size += len(begun)
        if size <= LONGEST_ROW:
            pieces.append(begun)
        else:
            pieces.clear()
    if size:
        yield start, b"".join(pieces) if size <= LONGEST_ROW else None


def _elements(stream: Stream) -> Iterator[tuple[int, bytes]]:
    """Each object with the byte at which it begins."""
    held = stream.read(CHUNK)
    position = len(BOM) if held.startswith(BOM) else 0
    array = closed = False
    begun = False  # whether anything but white space was seen

    def byte() -> int:
        return stream.offset - len(held) + position

    def more() -> bool:
        """Read on; as much again as is held, so that long objects are not gone over too often."""
        nonlocal held, position
        held, position = held[position:], 0
        chunk = stream.read(max(CHUNK, len(held)))
        held += chunk
        return bool(chunk)

    while True:
        position = BETWEEN.match(held, position).end()
        if position == len(held):
            if more():
                continue
            if array and not closed:
                raise UserError(
                    f"{stream.path}: its array of rows does not end (at byte {byte()}): is the "
                    "file complete?"
                )
            return
        mark = held[position : position + 1]
        if mark == b"[" and not begun:
            array = begun = True
            position += 1
        elif mark == b"]" and array and not closed:
            closed = True
            position += 1
        elif mark == b"{" and not closed:
            begun = True
            end = _end(held, position)
            while not end:
                begin = byte()
                if len(held) - position > LONGEST_ROW or not more():
                    raise UserError(
                        f"{stream.path}: the object at byte {begin} does not end within the file "
                        f"or within {LONGEST_ROW} bytes: is the file complete?"
                    )
                end = _end(held, position)
            yield byte(), held[position:end]
            position = end
        else:
            raise UserError(
                f"{stream.path}: expected an object at byte {byte()}: either an array of objects "
                "or objects one after another. JSON Lines end in .jsonl"
            )


def _end(held: bytes, start: int) -> int:
    """Where the object that begins at `start` ends, 0 if it does not end in these bytes."""
    depth = 0
    for token in TOKEN.finditer(held, start):
        mark = token[0]
        if mark in (b"{", b"["):
            depth += 1
        elif mark in (b"}", b"]"):
            depth -= 1
            if not depth:
                return token.end()
        elif mark == b'"':
            return 0  # the string goes on behind these bytes
    return 0
