"""What the rows of a separated file look like, so that the start of a row can be told from text."""

import re
from collections.abc import Sequence

from palimpsest.formats.dialect import QUOTE, Grammar

SAMPLE_ROWS = 2000
ODD_SHARE = 0.01  # of a column's values that may look otherwise: the sample has broken rows too
SURE = 20  # values of a column before "always quoted" is believed
LEAD = 3  # telling columns by which the start of a row is known
LONGEST_SHORT = 200  # bytes; longer values are taken for text

# From narrow to wide; the first that fits is what a column holds.
CODES = [
    rb"\d{1,20}",
    rb"[-+0-9:/. TZ]{1,40}",  # numbers, dates, times
    rb"[^\s\",;]{1,64}",  # a word: an id, a code
]


class Looks:
    """What each column of a file holds in nearly all rows of its head.

    quoted: the columns whose values are always quoted.
    """

    def __init__(self, grammar: Grammar, rows: Sequence[Sequence[bytes]]) -> None:
        """rows: the fields of rows, with their quotes."""
        self.quoted: list[int] = []
        self._telling: list[tuple[int, re.Pattern[bytes]]] = []
        mark = re.escape(grammar.delimiter)
        lead: list[bytes] = []  # what a row starts with, at most up to the first column of text
        self._strength = 0  # columns in `lead` that text does not look like
        leading = True
        for column in range(grammar.columns):
            values = [value for row in rows if (value := row[column].rstrip(b"\r"))]
            # One broken row says nothing, unless there are hardly any.
            allowed = max(int(len(values) * ODD_SHARE), int(len(values) >= SURE))
            bare = sum(value[0] != QUOTE for value in values)
            always = len(values) >= SURE and bare <= allowed
            content = _content(values, allowed, mark)
            text = bool(values) and content is None
            telling = always or content in CODES
            if always:
                self.quoted.append(column)
            if text:
                pattern = b'"' if always else b""
            elif content is None:
                pattern = b"[^%b\n]*+" % mark  # no values yet
            else:
                pattern = b'"(?:%b)?+"' % content
                pattern = pattern if always else b"(?:%b|%b)" % (pattern, content)
            if telling:
                whole = pattern + (b"(?s:.*)" if text else b"")
                self._telling.append((column, re.compile(whole)))
            if leading:
                often = len(rows) - len(values) <= len(rows) * ODD_SHARE
                lead.append(pattern if often else b"(?:%b)?+" % pattern)
                self._strength += telling and often
                leading = not text and self._strength < LEAD
                rest = b"" if text else mark
        if len(lead) == grammar.columns and rest:
            rest = rb"\r?+(?:\n|\Z)"
        self._lead = re.compile(mark.join(lead) + rest)

    def row(self, row: re.Match[bytes]) -> bool:
        """Whether a match of the grammar's `row` looks like one; where it says nothing, it does."""
        values = [(kind, row[column + 1].rstrip(b"\r")) for column, kind in self._telling]
        values = [(kind, value) for kind, value in values if value]
        fitting = sum(bool(kind.fullmatch(value)) for kind, value in values)
        return not values or fitting * 2 > len(values)

    def start(self, content: bytearray, at: int, limit: int) -> bool:
        """Whether a row seems to start here, going by its first columns alone."""
        return self._strength >= 2 and bool(self._lead.match(content, at, limit))


def learn(grammar: Grammar, content: bytearray, at: int, end: int) -> Looks:
    """What rows look like, from those that can be read between two positions."""
    rows: list[tuple[bytes, ...]] = []
    while at < end and len(rows) < SAMPLE_ROWS:
        if row := grammar.row.match(content, at, end):
            rows.append(row.groups())
            at = row.end()
        else:
            at = content.find(b"\n", at, end) + 1 or end
    return Looks(grammar, rows)


def _content(values: list[bytes], allowed: int, mark: bytes) -> bytes | None:
    """What values hold between their quotes, as an expression; None for text (or no values)."""
    bare = [value[1:-1] if value[0] == QUOTE else value for value in values]
    bare = [value for value in bare if value]
    if not bare:
        return None
    longest = sorted(map(len, bare))[-1 - min(allowed, len(bare) - 1)]
    short = rb"[^\n\"%b]{1,%d}" % (mark, 2 * longest)
    for content in [*CODES, *([short] if longest <= LONGEST_SHORT else [])]:
        matches = re.compile(content).fullmatch
        if sum(not matches(value) for value in bare) <= allowed:
            return content
    return None
