"""Read comma- or tab-separated files of any size, window by window, losing no row unseen.

Every byte of a file is in its header, in a row that is given, in a row that is rejected with its
number and the reason, or in a blank line. What is a row does not depend on the windows.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from io import BufferedIOBase

from palimpsest.formats.blocks import Block, BlockBuilder
from palimpsest.formats.containers import returns_error
from palimpsest.formats.dialect import NEWLINE, Dialect
from palimpsest.formats.encodings import HINT, Codec, codec_of
from palimpsest.formats.files import MissingColumns, Stream, require_columns
from palimpsest.formats.profile import learn_profile
from palimpsest.formats.recovery import NeedMoreData, RowParser
from palimpsest.formats.scanner import scan_rows
from palimpsest.runtime.errors import UserError

WINDOW = 8 << 20  # bytes that are scanned at once
SMALLEST_WINDOW = 1 << 15  # bytes that are scanned at once where rows are in disorder
HEAD = 1 << 20  # bytes in which the header lies, and from which is learnt what rows look like
MOST_COLUMNS = 5000
LINE = re.compile(rb'(?:"[^"]*+"|[^"\r\n])*+(\r*+)')  # as far as its first end outside quotes
VALUE = re.compile(r"[-+0-9:/. TZ]+|(?s:.*)\n(?s:.*)")  # what is no name of a column
MARKS = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
Readable = Stream | BufferedIOBase


def read_delimited(
    stream: Readable, name: str, delimiter: str, columns: Sequence[str], encoding: str
) -> Iterator[Block]:
    """The rows of a file with a header, in blocks of some MB; memory stays bounded.

    name: what messages and rejections call the file. columns: those to give, without repeats.
    encoding: UTF-8, or one that spells each character in one byte.
    Raises UserError when the file is empty, has no header, lacks one of the columns or has it
    twice, or seems to be in another encoding; ValueError for any other encoding.
    """
    codec = codec_of(encoding)
    window = _Window(stream)
    window.fill(0, HEAD)
    names, start = _read_header(window, name, delimiter, codec)
    indices = _column_indices(names, columns, name, codec)
    dialect = Dialect(delimiter, len(names))
    head_end = min(start + HEAD, window.size)
    parser = RowParser(dialect, learn_profile(dialect, window.content, start, head_end))
    builder = BlockBuilder(name, codec, names)
    span, lost, needed = WINDOW, False, WINDOW
    while True:
        if window.size - start < needed and not window.final:
            window.fill(start, needed)
            start = 0
        if start >= window.size:
            break
        parser.set_buffer(window.content, window.size, window.final)
        try:
            if lost:
                row = parser.resynchronize(start)
                start, lost = row.end, row.lost
                continue
            stop = min(start + span, window.size)
            rows = scan_rows(parser, start, stop, sorted(set(indices.values())))
        except NeedMoreData:
            needed = 2 * (window.size - start)
            continue
        yield builder.build(rows, window.content, window.offset, indices)
        # Where reading had to start anew early, it may have to again: less is scanned in vain.
        span = min(WINDOW, max(SMALLEST_WINDOW, 2 * (rows.end - start)))
        start, lost, needed = rows.end, rows.lost, WINDOW
    builder.close()


class _Window:
    """The stretch of a file that is in memory: the first `size` bytes of `content`."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.content, self.size, self.final = bytearray(), 0, False
        self.offset = 0  # of the stretch, in the file

    def fill(self, start: int, needed: int) -> None:
        """Let go of what lies before a position, and read until so much is there, or all."""
        kept = memoryview(self.content)[start : self.size]
        # A new one: the columns of blocks are built from it, maybe later.
        self.content = bytearray(needed + WINDOW)
        view = memoryview(self.content)
        view[: len(kept)] = kept
        self.size, self.offset = len(kept), self.offset + start
        while self.size < needed and not self.final:
            count = self._stream.readinto(view[self.size :])
            self.size += count
            self.final = not count


def _read_header(
    window: _Window, file: str, delimiter: str, codec: Codec
) -> tuple[list[str | None], int]:
    """The names of the columns, None where one cannot be decoded, and where the rows start."""
    content, limit = window.content, min(window.size, HEAD)
    position = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    dialect = Dialect(delimiter, 1)
    while blank := dialect.blank.match(content, position, limit):
        position = blank.end()
    if position >= limit:
        raise UserError(f"{file}: it is empty; expected a header and rows")
    line = LINE.match(content, position, limit)
    if line and line[1] and line.end() < limit and content[line.end()] != NEWLINE:
        raise returns_error(file)
    fields = []
    while True:
        field = dialect.field.match(content, position, limit)
        if not field or (field.end() == limit and not window.final):
            raise UserError(
                f"{file}: the first line is no header: a quote is not closed, text follows a "
                "closing quote, or it is very long"
            )
        fields.append(field[0])
        position = field.end()
        if content[position : position + 1] != dialect.delimiter:
            break
        position += 1
    if len(fields) > MOST_COLUMNS:
        raise UserError(
            f"{file}: its first line has {len(fields)} cells, expected at most {MOST_COLUMNS}: is "
            "it a header?"
        )
    fields[-1] = fields[-1].rstrip(b"\r")
    end = dialect.blank.match(content, position, limit)
    return [_column_name(field, codec) for field in fields], end.end() if end else position


def _column_name(field: bytes, codec: Codec) -> str | None:
    """The name that a field of the header holds."""
    if field.startswith(b'"'):
        field = field[1:-1].replace(b'""', b'"')
    try:
        return codec.decode(field)
    except UnicodeDecodeError:
        return None


def _column_indices(
    names: list[str | None], columns: Sequence[str], file: str, codec: Codec
) -> dict[str, int]:
    """Where each of some columns stands in the header."""
    absent = [column for column in columns if column not in names]
    if absent and None in names:
        raise UserError(
            f"{file}: no column {absent}; column {names.index(None) + 1} of the header is not "
            f"{codec.name}; {HINT}"
        )
    known = [name for name in names if name is not None]
    if absent and len(names) == 1:
        for mark, called in MARKS.items():
            if count := known[0].count(mark):
                raise MissingColumns(
                    f"{file}: no column {absent}; its first line is one cell with {count} "
                    f"{called}: separate cells by commas, or by tabs in .tsv",
                    absent,
                )
    if absent and any(VALUE.fullmatch(name) for name in known):
        raise MissingColumns(
            f"{file}: no column {absent}; the first line holds values: is the header missing?",
            absent,
        )
    require_columns(file, columns, known)
    return {column: names.index(column) for column in columns}
