"""Read comma- or tab-separated notes of any size, window by window, losing no row unseen.

Every byte of a file is in its header, in a row that is given, in a row that is rejected with its
number and the reason, or in a blank line. What is a row does not depend on the windows.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from palimpsest.formats.blocks import Block, Blocks
from palimpsest.formats.dialect import Grammar
from palimpsest.formats.encodings import HINT, SingleByte, Utf8, encoding_of
from palimpsest.formats.files import no_column
from palimpsest.formats.profile import learn
from palimpsest.formats.recovery import Judge, MoreNeeded
from palimpsest.formats.scanner import scan
from palimpsest.runtime.errors import UserError

WINDOW = 8 << 20  # bytes that are scanned at once
SMALLEST = 1 << 15  # bytes that are scanned at once where rows are in disorder
HEAD = 1 << 20  # bytes in which the header lies, and from which is learnt what rows look like
VALUE = re.compile(r"[-+0-9:/. TZ]+|(?s:.*)\n(?s:.*)")  # what is no name of a column


class Readable(Protocol):
    """Any binary stream."""

    def readinto(self, room: memoryview, /) -> int:
        """Fill `room` from its start; returns how many bytes came, 0 at the end."""


def read_separated(
    stream: Readable, name: str, delimiter: str, columns: Sequence[str], encoding: str = "utf-8"
) -> Iterator[Block]:
    """The rows of a file with a header, in blocks of some MB; memory stays bounded.

    name: what messages and rejections call the file. columns: those wanted, without repeats.
    encoding: UTF-8, or one that spells each character in one byte.
    Raises UserError when the file is empty, has no header, lacks a column or has a wanted one
    twice, or seems to be in another encoding.
    """
    codec = encoding_of(encoding)
    window = _Window(stream)
    window.fill(0, HEAD)
    names, at = _header(window, name, delimiter, codec)
    places = _places(names, columns, name)
    grammar = Grammar(delimiter, len(names))
    judge = Judge(grammar, learn(grammar, window.content, at, min(at + HEAD, window.size)))
    blocks = Blocks(name, codec, len(names))
    span, lost, needed = WINDOW, False, WINDOW
    while True:
        if window.size - at < needed and not window.final:
            window.fill(at, needed)
            at = 0
        if at >= window.size:
            break
        judge.look_at(window.content, window.size, window.final)
        try:
            if lost:
                verdict = judge.resume(at)
                at, lost = verdict.end, verdict.lost
                continue
            rows = scan(judge, at, min(at + span, window.size), sorted(set(places.values())))
        except MoreNeeded:
            needed = 2 * (window.size - at)
            continue
        yield blocks.block(rows, window.content, window.offset, places)
        # Where reading had to start anew early, it may have to again: less is scanned in vain.
        span = min(WINDOW, max(SMALLEST, 2 * (rows.end - at)))
        at, lost, needed = rows.end, rows.lost, WINDOW
    blocks.close()


class _Window:
    """The stretch of a file that is in memory: the first `size` bytes of `content`."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.content, self.size, self.final = bytearray(), 0, False
        self.offset = 0  # of the stretch, in the file

    def fill(self, at: int, wanted: int) -> None:
        """Let go of what lies before a position, and read until so much is there, or all."""
        kept = memoryview(self.content)[at : self.size]
        # A new one: the columns of blocks are built from it, maybe later.
        self.content = bytearray(wanted + WINDOW)
        view = memoryview(self.content)
        view[: len(kept)] = kept
        self.size, self.offset = len(kept), self.offset + at
        while self.size < wanted and not self.final:
            count = self._stream.readinto(view[self.size :])
            self.size += count
            self.final = not count


def _header(
    window: _Window, name: str, delimiter: str, codec: Utf8 | SingleByte
) -> tuple[list[str], int]:
    """The names of the columns, and where the first row starts."""
    content, limit = window.content, min(window.size, HEAD)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UserError(f"{name}: it is UTF-16; convert it to UTF-8 first")
    at = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    grammar = Grammar(delimiter, 1)
    while blank := grammar.blank.match(content, at, limit):
        at = blank.end()
    if at >= limit:
        raise UserError(f"{name}: it is empty; expected a header and rows")
    fields = []
    while True:
        field = grammar.field.match(content, at, limit)
        if not field or (field.end() == limit and not window.final):
            raise UserError(
                f"{name}: the first line is no header: a quote is not closed, text follows a "
                "closing quote, or it is very long"
            )
        fields.append(field[0])
        at = field.end()
        if content[at : at + 1] != grammar.delimiter:
            break
        at += 1
    fields[-1] = fields[-1].rstrip(b"\r")
    end = grammar.blank.match(content, at, limit)
    return [_name(field, name, codec) for field in fields], end.end() if end else at


def _name(field: bytes, file: str, codec: Utf8 | SingleByte) -> str:
    """The name that a field of the header holds."""
    if field.startswith(b'"'):
        field = field[1:-1].replace(b'""', b'"')
    try:
        return codec.decode(field)
    except UnicodeDecodeError:
        raise UserError(f"{file}: the header is not {codec.name}; {HINT}") from None


def _places(names: list[str], wanted: Sequence[str], file: str) -> dict[str, int]:
    """Which columns the wanted ones are."""
    absent = [column for column in wanted if column not in names]
    if absent:
        if any(VALUE.fullmatch(name) for name in names):
            raise UserError(
                f"{file}: no column {absent}; the first line holds values: is the header missing?"
            )
        raise no_column(file, absent, names)
    twice = [column for column in wanted if names.count(column) > 1]
    if twice:
        raise UserError(f"{file}: columns {twice} are there more than once; rename all but one")
    return {column: names.index(column) for column in wanted}
