"""Rows from JSON Lines and from JSON documents, a piece at a time.

In JSON Lines a line that is no row costs that row alone. In a document (an array of objects, or
objects one after another) nothing tells where a broken row ends, so that one is an error.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from palimpsest.formats.blocks import Block, SingleRow, gather
from palimpsest.formats.containers import returns_error
from palimpsest.formats.encodings import Codec, codec_of
from palimpsest.formats.files import Stream, require_columns
from palimpsest.formats.numbers import number_as_text
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

CHUNK = 1 << 20  # bytes that are read at once
LONGEST_ROW = 1 << 26  # bytes; a longer one is held to be damage, so that memory stays bounded
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\]]', re.DOTALL)
BETWEEN = re.compile(rb"[\s,]*+")
SURROGATE = re.compile("[\ud800-\udfff]")
BOM = b"\xef\xbb\xbf"


def read_json(
    stream: Stream, name: str, columns: list[str], encoding: str, lists: Sequence[str], lines: bool
) -> Iterator[Block]:
    """Blocks of the rows of JSON Lines, or of a document: an array of objects, or objects in a row.

    name: what `Rejected` calls the file. columns: those to give; numbers are given as they are
    spelled, but whole ones without an exponent; null, NaN and absent values as null. lists: of
    these, whose values may be lists, which are given as JSON. lines: whether each line is an
    object; empty lines are no rows.
    Raises UserError when a column is in none of the first rows, when no line is an object, and,
    naming the byte, where a document is not JSON.
    """
    codec = codec_of(encoding)
    keys: dict[str, None] = {}  # of the first block's objects
    marks = [json.dumps(column, ensure_ascii=False).encode() for column in columns]
    found = False  # whether the columns are among them

    def rows() -> Iterator[SingleRow | Rejected]:
        number = broken = 0
        begins = b""  # the first row
        alone: tuple[int, str] = 0, ""  # the last row that is rejected
        for start, data in _lines(stream) if lines else _elements(stream):
            if data is not None and not data.strip():
                continue
            number += 1
            begins = begins or (data or b"").strip()[:1]
            values = _parse(data, codec)
            if isinstance(values, dict):
                if not found:
                    keys.update(dict.fromkeys(values))
                if any(data.count(mark) > 1 for mark in marks) and _repeats(data, codec, columns):
                    values = "repeated_key"
                else:
                    values = _texts(values, data, columns, lists)
            if isinstance(values, dict):
                yield SingleRow(values, number, start, len(data))
                continue
            broken += values == "invalid_json"
            if broken and not lines:
                raise UserError(
                    f"{stream.path}: the object at byte {start} is not valid JSON. In such a file "
                    "nothing tells where the next row begins: mend it, or bring it to JSON Lines "
                    "(.jsonl)"
                )
            alone = start, values
            yield Rejected(name, number, start, values)
        if number == 1 and not lines and alone[1] == "not_text":
            raise UserError(
                f"{stream.path}: its only object, at byte {alone[0]}, has lists or objects where "
                "text was expected; write an object for each row, in pandas by orient='records'"
            )
        if number and broken == number:
            if number == 1 and data and b"\r" in data.strip():
                raise returns_error(stream.path)
            array = ", or .json for an array" if begins == b"[" else ""
            raise UserError(
                f"{stream.path}: none of its {number} lines is a JSON object; expected JSON Lines"
                + array
            )

    for block in gather(rows(), columns):
        if keys and not found:
            require_columns(stream.path, columns, list(keys))
            found = True
        yield block


def _parse(data: bytes | None, codec: Codec) -> dict[str, Any] | str:
    """The object that a row is, or the reason why it is none."""
    if data is None:
        return "too_long"
    try:
        record = _DECODER.decode(codec.decode(data))
    except UnicodeDecodeError:
        return codec.reason
    except (ValueError, RecursionError):
        return "invalid_json"
    return record if isinstance(record, dict) else "invalid_json"


def _repeats(data: bytes, codec: Codec, columns: list[str]) -> bool:
    """Whether an object says one of some columns twice: a parser keeps the last one alone."""
    pairs: list[tuple[str, Any]] = json.loads(codec.decode(data), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    return any(keys.count(column) > 1 for column in columns)


def _texts(
    record: dict[str, Any], data: bytes, columns: list[str], lists: Sequence[str]
) -> dict[str, str | None] | str:
    """The values of a row as text, or the reason why they have none. data: as it was read."""
    values = {column: _text(record.get(column), column in lists) for column in columns}
    if ... in values.values():
        return "not_text"
    # Only an escape can spell half a character.
    if b"\\u" in data and any(SURROGATE.search(value) for value in values.values() if value):
        return "lone_surrogate"
    return values


def _text(value: Any, may_be_list: bool) -> Any:
    """A value as text; `...` for what has none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or (may_be_list and isinstance(value, list)):
        return json.dumps(value, ensure_ascii=False)
    return ...


def _constant(constant: str) -> float | None:
    """What stands for no number, as Python and pandas write it: nothing; infinity is no text."""
    return None if constant == "NaN" else float(constant.replace("Infinity", "inf"))


_DECODER = json.JSONDecoder(parse_float=number_as_text, parse_int=str, parse_constant=_constant)


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
