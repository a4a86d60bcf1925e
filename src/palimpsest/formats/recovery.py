"""One row of a separated file at a time: what it is, and where it ends if it is broken.

A broken row costs itself and nothing else: it ends where the next row starts. Where that is can be
told only by what rows look like, since a missing quote turns text and rows inside out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from palimpsest.formats.dialect import NEWLINE, QUOTE, RETURN, Grammar
from palimpsest.formats.profile import Looks

LONGEST_ROW = 256 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """end: where the next row starts. reason: why the row is rejected, if it is.

    spans: start and end of each field of a good row, quotes and last carriage return included;
    None for a blank line.
    lost: none was seen to start within the longest that a row may be; `end` is where to go on.
    """

    end: int
    reason: str | None = None
    spans: Sequence[tuple[int, int]] | None = None
    lost: bool = False


class MoreNeeded(Exception):
    """An answer depends on bytes that are not there yet."""


class Judge:
    """Judges rows in a stretch of a file, one by one.

    Its answers do not depend on where the stretch ends: where more bytes could change an answer
    it raises MoreNeeded, unless the file ends there.
    """

    def __init__(self, grammar: Grammar, looks: Looks) -> None:
        self.grammar, self.looks = grammar, looks
        self.content, self.size, self.final = bytearray(), 0, False
        # Of the row at hand: how far may be looked, and whether nothing comes after that.
        self._limit, self._ended = 0, False

    def look_at(self, content: bytearray, size: int, final: bool) -> None:
        """Set the stretch: the first `size` bytes. final: whether the file ends after them."""
        self.content, self.size, self.final = content, size, final

    def row(self, at: int) -> Verdict:
        """What starts at a position, which must be before the end of the stretch."""
        longest = self._bound(at)
        try:
            return self._row(at)
        except MoreNeeded:
            if not longest:
                raise
        self._ended = True
        end = self._next(at)
        if end < self._limit:
            return Verdict(end, "unclosed_quote")
        return Verdict(end - 1, "too_long", lost=True)

    def resume(self, at: int) -> Verdict:
        """Where the first row starts after a position where one was lost."""
        longest = self._bound(at)
        try:
            return Verdict(self._next(at))
        except MoreNeeded:
            if not longest:
                raise
        self._ended = True
        end = self._next(at)
        return Verdict(end) if end < self._limit else Verdict(end - 1, lost=True)

    def _bound(self, at: int) -> bool:
        """Look no further than the longest row. Returns whether a longer one could be there."""
        self._limit = min(self.size, at + LONGEST_ROW)
        self._ended = self.final and self._limit == self.size
        return self._limit == at + LONGEST_ROW and not self._ended

    def _row(self, at: int) -> Verdict:
        if blank := self._match(self.grammar.blank, at):
            return Verdict(blank.end())
        if row := self._match(self.grammar.row, at):
            return self._well_formed(row)
        kind, stop = self._stop(at)
        if kind == "line":
            return self._ragged(at, stop)
        end = self._next(at)
        # A row that starts before the quote is closed says that what closes it is that row's.
        unclosed = kind == "open" or end < stop
        return Verdict(end, "unclosed_quote" if unclosed else "text_after_quote")

    def _well_formed(self, row: re.Match[bytes]) -> Verdict:
        """A row with as many fields as there are columns: good, but for two pitfalls."""
        content, mark = self.content, self.grammar.delimiter[0]
        spans = [row.span(group) for group in range(1, self.grammar.columns + 1)]
        for start, end in spans:
            # The quote that closes a field may be one that opens a field of the next row.
            if end - start > 2 and content[start] == QUOTE and content[end - 2] == mark:
                line = content.rfind(b"\n", start, end) + 1
                if line and self._swallowed(line, row.end()):
                    return Verdict(self._next(row.start(), line), "unclosed_quote")
        for start, end in (spans[column] for column in self.looks.quoted):
            # The quote that opens a field may be missing; then its text goes on after the line.
            if end > start and content[start] != QUOTE and not self._follows(row.end()):
                return Verdict(self._next(row.end() - 1), "unopened_quote")
        return Verdict(row.end(), spans=spans)

    def _swallowed(self, line: int, end: int) -> bool:
        """Whether a line in a row is the start of another row, and what follows the row is none."""
        other = self._match(self.grammar.row, line)
        if not other:
            self._stop(line)  # raises if the line may still become a row
        return bool(other) and self.looks.row(other) and not self._follows(end)

    def _ragged(self, at: int, end: int) -> Verdict:
        """A row with another number of fields than there are columns, and no other flaw."""
        if self.content.find(b"\n", at, end - 1) >= 0:
            inside = self._next(at, end)
            if inside < end:
                return Verdict(inside, "unclosed_quote")
        more = self.grammar.more.match(self.content, at, end)
        return Verdict(self._next(end - 1), "too_many_fields" if more else "too_few_fields")

    def _next(self, after: int, stop: int | None = None) -> int:
        """The first row that starts after a position; `stop` (the limit) if none starts before."""
        if stop is None:
            stop = self._limit
        at = self.content.find(b"\n", after, stop) + 1
        while 0 < at < stop:
            if self._looks(at):
                return at
            at = self.content.find(b"\n", at, stop) + 1
        if stop == self._limit and not self._ended:
            raise MoreNeeded
        return stop

    def _follows(self, at: int) -> bool:
        """Whether a row starts at a position, or after blank lines there; the end is as good."""
        while at < self._limit and (blank := self._match(self.grammar.blank, at)):
            at = blank.end()
        if at == self._limit and not self._ended:
            raise MoreNeeded
        return at == self._limit or self._looks(at)

    def _looks(self, at: int) -> bool:
        """Whether a row seems to start at a position, be it whole or broken."""
        if row := self._match(self.grammar.row, at):
            return self.looks.row(row)
        self._stop(at)  # raises if it may still become a row
        return self.looks.start(self.content, at, self._limit)

    def _match(self, pattern: re.Pattern[bytes], at: int) -> re.Match[bytes] | None:
        """A match that ends with a line. Raises MoreNeeded if it may go on after the limit."""
        found = pattern.match(self.content, at, self._limit)
        if found and not self._ended and self.content[found.end() - 1] != NEWLINE:
            raise MoreNeeded
        return found

    def _stop(self, at: int) -> tuple[str, int]:
        """Why no more fields can be read after a position, and where.

        `line`: the line ends; the position after it. `text`: text follows a closing quote; the
        position after the quote. `open`: a quote is not closed. Raises MoreNeeded if fields may go
        on after the limit.
        """
        content, limit = self.content, self._limit
        fields = self.grammar.fields.match(content, at, limit)
        if fields:
            at = fields.end()
            if at < limit and content[at] == RETURN:
                at += 1
            if at == limit and not self._ended:
                raise MoreNeeded
            if at == limit or content[at] == NEWLINE:
                return "line", min(at + 1, limit)
            at += 1  # the delimiter before the field that cannot be read
        quoted = self.grammar.quoted.match(content, at, limit)
        if not quoted and not self._ended:
            raise MoreNeeded
        return ("text", quoted.end()) if quoted else ("open", limit)
