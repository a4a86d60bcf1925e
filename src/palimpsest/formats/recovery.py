"""One row of a delimited file at a time: what it is, and where it ends if it is broken.

A broken row costs itself and nothing else: it ends where the next row starts. Where that is can be
told only by what rows look like, since a missing quote turns text and rows inside out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from palimpsest.formats.dialect import NEWLINE, QUOTE, RETURN, Dialect
from palimpsest.formats.profile import RowProfile

LONGEST_ROW = 256 << 20  # bytes


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """end: where the next row starts. reason: why the row is rejected, if it is.

    spans: start and end of each field of a good row, quotes and last carriage return included;
    None for a blank line.
    lost: no row starts within the longest that a row may be; `end` is where to look on for one.
    """

    end: int
    reason: str | None = None
    spans: Sequence[tuple[int, int]] | None = None
    lost: bool = False


class NeedMoreData(Exception):
    """An answer depends on bytes that are not there yet."""


class RowParser:
    """Parses rows in a stretch of a file, one by one.

    Its answers do not depend on where the stretch ends: where more bytes could change an answer
    it raises NeedMoreData, unless the file ends there.
    """

    def __init__(self, dialect: Dialect, profile: RowProfile) -> None:
        self.dialect, self.profile = dialect, profile
        self.content, self.size, self.final = bytearray(), 0, False
        # Of the row at hand: how far may be looked, and whether nothing comes after that.
        self._limit, self._ended = 0, False

    def set_buffer(self, content: bytearray, size: int, final: bool) -> None:
        """Set the stretch: the first `size` bytes. final: whether the file ends after them."""
        self.content, self.size, self.final = content, size, final

    def parse(self, start: int) -> ParsedRow:
        """What starts at a position, which must be before the end of the stretch."""
        return self._bounded(self._parse, start, "unclosed_quote", "too_long")

    def resynchronize(self, position: int) -> ParsedRow:
        """Where the first row starts after a position where none was found."""
        return self._bounded(lambda start: ParsedRow(self._next_row(start)), position, None, None)

    def _bounded(
        self, parse: Callable[[int], ParsedRow], start: int, ended: str | None, lost: str | None
    ) -> ParsedRow:
        """What a parse gives that looks no further than the longest row.

        ended, lost: the reasons if the row is longer, and another one starts before that or not.
        """
        self._limit = min(self.size, start + LONGEST_ROW)
        self._ended = self.final and self._limit == self.size
        try:
            return parse(start)
        except NeedMoreData:
            if self._ended or self._limit < start + LONGEST_ROW:
                raise
        self._ended = True
        end = self._next_row(start)
        return ParsedRow(end, ended) if end < self._limit else ParsedRow(end - 1, lost, lost=True)

    def _parse(self, start: int) -> ParsedRow:
        if blank := self._match(self.dialect.blank, start):
            return ParsedRow(blank.end())
        if row := self._match(self.dialect.row, start):
            return self._check_quotes(row)
        cause, stop = self._fields_end(start)
        if escaped := self._escaped(start, stop):
            return escaped
        if cause == "line":
            return self._ragged(start, stop)
        end = self._next_row(start)
        # A row that starts before the quote is closed says that what closes it is that row's.
        unclosed = cause == "open" or end < stop
        return ParsedRow(end, "unclosed_quote" if unclosed else "text_after_quote")

    def _escaped(self, start: int, stop: int) -> ParsedRow | None:
        """A row whose quotes are escaped by backslashes, if one starts here and swallows none.

        stop: where it ends by the rules of this dialect, with the first such quote before.
        """
        if self.content.find(b'\\"', start, stop) < 0:
            return None
        end = self._next_row(start)
        found = self.dialect.escaped.match(self.content, start, end)
        return ParsedRow(end, "backslash_quote") if found and found.end() == end else None

    def _check_quotes(self, row: re.Match[bytes]) -> ParsedRow:
        """A row with as many fields as there are columns: good, but for two pitfalls."""
        content, delimiter = self.content, self.dialect.delimiter[0]
        spans = [row.span(group) for group in range(1, self.dialect.columns + 1)]
        for start, end in spans:
            # The quote that closes a field may be one that opens a field of the next row.
            if end - start > 2 and content[start] == QUOTE and content[end - 2] == delimiter:
                line = content.rfind(b"\n", start, end) + 1
                if line and self._swallowed(line, row.end()):
                    return ParsedRow(self._next_row(row.start(), line), "unclosed_quote")
        for start, end in (spans[column] for column in self.profile.quoted):
            # The quote that opens a field may be missing; then its text goes on after the line.
            if end > start and content[start] != QUOTE and not self._row_follows(row.end()):
                return ParsedRow(self._next_row(row.end() - 1), "unopened_quote")
        return ParsedRow(row.end(), spans=spans)

    def _swallowed(self, line: int, end: int) -> bool:
        """Whether a line in a row is the start of another row, and what follows the row is none."""
        other = self._match(self.dialect.row, line)
        if not other:
            self._fields_end(line)  # raises if the line may still become a row
        return bool(other) and self.profile.fits_row(other) and not self._row_follows(end)

    def _ragged(self, start: int, end: int) -> ParsedRow:
        """A row with another number of fields than there are columns, and no other flaw."""
        if self.content.find(b"\n", start, end - 1) >= 0:
            inside = self._next_row(start, end)
            if inside < end:
                return ParsedRow(inside, "unclosed_quote")
        overfull = self.dialect.overfull.match(self.content, start, end)
        reason = "too_many_fields" if overfull else "too_few_fields"
        if not self.profile.known:  # nothing tells where a row starts: each line is one
            return ParsedRow(end, reason)
        return ParsedRow(self._next_row(end - 1), reason)

    def _next_row(self, after: int, stop: int | None = None) -> int:
        """The first row that starts after a position; `stop` (the limit) if none starts before."""
        if stop is None:
            stop = self._limit
        line = self.content.find(b"\n", after, stop) + 1
        while 0 < line < stop:
            if self._row_starts(line):
                return line
            line = self.content.find(b"\n", line, stop) + 1
        if stop == self._limit and not self._ended:
            raise NeedMoreData
        return stop

    def _row_follows(self, position: int) -> bool:
        """Whether a row starts at a position, or after blank lines there; the end is as good."""
        while position < self._limit and (blank := self._match(self.dialect.blank, position)):
            position = blank.end()
        if position == self._limit and not self._ended:
            raise NeedMoreData
        return position == self._limit or self._row_starts(position)

    def _row_starts(self, line: int) -> bool:
        """Whether a row seems to start with a line, be it whole or broken."""
        if row := self._match(self.dialect.row, line):
            return self.profile.fits_row(row)
        self._fields_end(line)  # raises if it may still become a row
        return self.profile.fits_start(self.content, line, self._limit)

    def _match(self, pattern: re.Pattern[bytes], start: int) -> re.Match[bytes] | None:
        """A match that ends with a line. Raises NeedMoreData if it may go on after the limit."""
        found = pattern.match(self.content, start, self._limit)
        if found and not self._ended and self.content[found.end() - 1] != NEWLINE:
            raise NeedMoreData
        return found

    def _fields_end(self, start: int) -> tuple[str, int]:
        """Why no more fields can be read after a position, and where.

        `line`: the line ends; the position after it. `text`: text follows a closing quote; the
        position after the quote. `open`: a quote is not closed. Raises NeedMoreData if fields may
        go on after the limit.
        """
        content, limit, position = self.content, self._limit, start
        fields = self.dialect.fields.match(content, start, limit)
        if fields:
            position = fields.end()
            if position < limit and content[position] == RETURN:
                position += 1
            if position == limit and not self._ended:
                raise NeedMoreData
            if position == limit or content[position] == NEWLINE:
                return "line", min(position + 1, limit)
            position += 1  # the delimiter before the field that cannot be read
        quoted = self.dialect.quoted.match(content, position, limit)
        if not quoted and not self._ended:
            raise NeedMoreData
        return ("text", quoted.end()) if quoted else ("open", limit)
