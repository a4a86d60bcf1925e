"""What the rows of a delimited file look like, so that the start of a row can be told from text."""

import re
from collections.abc import Sequence

from palimpsest.formats.dialect import QUOTE, Dialect

SAMPLE_ROWS = 2000
OUTLIERS = 0.01  # share of a column's values that may look otherwise: the sample has broken rows
SURE = 20  # values of a column before "always quoted" is believed
PREFIX_COLUMNS = 3  # distinctive ones, by which the start of a row is known
LONGEST_SHORT = 200  # bytes; longer values are taken for text

# From narrow to wide; the first that fits is what a column holds.
CODES = [
    rb"\d{1,20}",
    rb"[-+0-9:/. TZ]{1,40}",  # numbers, dates, times
    rb"[^\s\",;]{1,64}",  # a word: an id, a code
]


class RowProfile:
    """What each column of a file holds in nearly all rows of its head.

    quoted: the columns whose values are always quoted. known: whether there was any row.
    """

    def __init__(self, dialect: Dialect, rows: Sequence[Sequence[bytes]]) -> None:
        """rows: the fields of rows, with their quotes."""
        self.quoted: list[int] = []
        self.known = bool(rows)
        self._distinctive: list[tuple[int, re.Pattern[bytes]]] = []
        separator = re.escape(dialect.delimiter)
        prefix: list[bytes] = []  # what a row starts with, at most up to the first column of text
        self._strength = 0  # columns of the prefix that text does not look like
        in_prefix = True
        for column in range(dialect.columns):
            values = [value for row in rows if (value := row[column].rstrip(b"\r"))]
            # One broken row says nothing, unless there are hardly any.
            allowed = max(int(len(values) * OUTLIERS), int(len(values) >= SURE))
            bare = sum(value[0] != QUOTE for value in values)
            always_quoted = len(values) >= SURE and bare <= allowed
            content = _content(values, allowed, separator)
            is_text = bool(values) and content is None
            distinctive = always_quoted or content in CODES
            if always_quoted:
                self.quoted.append(column)
            if is_text:
                pattern = b'"' if always_quoted else b""
            elif content is None:
                pattern = b"[^%b\n]*+" % separator  # no values yet
            else:
                pattern = b'"(?:%b)?+"' % content
                pattern = pattern if always_quoted else b"(?:%b|%b)" % (pattern, content)
            if distinctive:
                whole = pattern + (b"(?s:.*)" if is_text else b"")
                self._distinctive.append((column, re.compile(whole)))
            if in_prefix:
                filled = len(rows) - len(values) <= len(rows) * OUTLIERS
                prefix.append(pattern if filled else b"(?:%b)?+" % pattern)
                self._strength += distinctive and filled
                in_prefix = not is_text and self._strength < PREFIX_COLUMNS
                end = b"" if is_text else separator
        if len(prefix) == dialect.columns and end:
            end = rb"\r?+(?:\n|\Z)"
        self._prefix = re.compile(separator.join(prefix) + end)

    def fits_row(self, row: re.Match[bytes]) -> bool:
        """Whether a match of the dialect's `row` looks like one; if nothing tells, it does."""
        values = [(kind, row[column + 1].rstrip(b"\r")) for column, kind in self._distinctive]
        values = [(kind, value) for kind, value in values if value]
        fitting = sum(bool(kind.fullmatch(value)) for kind, value in values)
        return not values or fitting * 2 > len(values)

    def fits_start(self, content: bytearray, start: int, limit: int) -> bool:
        """Whether a row seems to start here, going by its first columns alone."""
        return self._strength >= 2 and bool(self._prefix.match(content, start, limit))


def learn_profile(dialect: Dialect, content: bytearray, start: int, end: int) -> RowProfile:
    """What rows look like, from those that can be read between two positions."""
    rows: list[Sequence[bytes]] = []
    # A file whose quotes are escaped by backslashes has no other rows to learn from.
    escaped = content.find(b'\\"', start, end) >= 0
    while start < end and len(rows) < SAMPLE_ROWS:
        if row := dialect.row.match(content, start, end):
            rows.append(row.groups())
            start = row.end()
        elif escaped and (found := dialect.escaped.match(content, start, end)):
            rows.append(dialect.escaped_fields(content, start, found.end()))
            start = found.end()
        else:
            start = content.find(b"\n", start, end) + 1 or end
    return RowProfile(dialect, rows)


def _content(values: list[bytes], allowed: int, separator: bytes) -> bytes | None:
    """What values hold between their quotes, as an expression; None for text (or no values)."""
    bare = [value[1:-1] if value[0] == QUOTE else value for value in values]
    bare = [value for value in bare if value]
    if not bare:
        return None
    longest = sorted(map(len, bare))[-1 - min(allowed, len(bare) - 1)]
    short = rb"[^\n\"%b]{1,%d}" % (separator, 2 * longest)
    for content in [*CODES, *([short] if longest <= LONGEST_SHORT else [])]:
        matches = re.compile(content).fullmatch
        if sum(not matches(value) for value in bare) <= allowed:
            return content
    return None
