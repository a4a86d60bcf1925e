"""Many rows of a delimited file at once: where rows and fields start and end.

Delimiters and line ends outside quotes are the structure. Nearly every row is well formed, so
quotes are taken to open and close in turn; the rows with a quote that cannot have the part that
falls to it, and those with another number of fields, go to the parser one by one. After a row that
the parser has ended, the turns start anew.
"""

from dataclasses import dataclass

import numpy as np

from palimpsest.formats.dialect import NEWLINE, QUOTE, RETURN
from palimpsest.formats.recovery import NeedMoreData, ParsedRow, RowParser

SPARSE = 8  # only what is outside quotes is looked through if it is at most one byte in so many

ParsedRows = list[tuple[int, ParsedRow]]  # where rows start, and what they are


@dataclass
class ScannedRows:
    """The rows of a stretch. All arrays are int64 positions, in file order.

    starts, ends: of the good rows, line ends included. spans: by column, starts and ends of their
    fields, quotes included. rejected: start and reason of each other row. end: where the next row
    starts, or, if `lost`, from where on to look for one. quotes: all quotes before `scanned`.
    """

    starts: np.ndarray
    ends: np.ndarray
    spans: dict[int, tuple[np.ndarray, np.ndarray]]
    rejected: list[tuple[int, str]]
    end: int
    lost: bool
    quotes: np.ndarray
    scanned: int


def scan_rows(parser: RowParser, start: int, stop: int, columns: list[int]) -> ScannedRows:
    """The rows from `start` on, as far as they can be read before `stop`; at least one.

    columns: whose fields are given. The last row may end after `stop`, if the parser saw its end.
    Raises NeedMoreData when not even one row can be read.
    """
    content = np.frombuffer(parser.content, np.uint8, parser.size)
    quotes = np.flatnonzero(content[start:stop] == QUOTE) + start
    scanned = stop
    parsed, stop = _parse_misquoted(parser, content, quotes, start, stop)
    separators, lines = _structure(parser, content, start, stop, _paired(quotes, parsed, stop))
    if not parsed and not len(lines):
        parsed = [(start, parser.parse(start))]

    ends = separators[lines] + 1
    bounds = np.append(start, ends)
    for row_start, row in parsed:  # which have no structure: what starts with one starts after it
        index = np.searchsorted(bounds, row_start)
        if index < len(bounds) and bounds[index] == row_start:
            bounds[index] = row.end
    starts, end = bounds[:-1], int(bounds[-1])

    fields = parser.dialect.columns
    counts, lengths = np.diff(lines, prepend=-1), ends - starts
    blank = (counts == 1) & ((lengths == 1) | ((lengths == 2) & (content[starts] == RETURN)))
    good = (counts == fields) & ~blank
    doubtful = ~good & ~blank
    first = lines - fields + 1  # of the separators of a good row

    def spans(column: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        begin = separators[first[rows] + column - 1] + 1 if column else starts[rows]
        return begin, separators[first[rows] + column]

    rows = np.flatnonzero(good)
    for column in parser.profile.quoted:
        begin, finish = spans(column, rows)
        doubtful[rows] |= (finish > begin) & (content[begin] != QUOTE)

    rejected: list[tuple[int, str]] = []
    for index in np.flatnonzero(doubtful).tolist():
        row_start = int(starts[index])
        try:
            row = parser.parse(row_start)
        except NeedMoreData:
            row = None
        if row and row.end == ends[index]:
            if row.reason:
                good[index] = False
                rejected.append((row_start, row.reason))
            continue
        # The row ends elsewhere: what comes after it has to be read anew.
        good[index:] = False
        parsed = [entry for entry in parsed if entry[0] < row_start]
        parsed += [(row_start, row)] if row else []
        end = row.end if row else row_start
        break
    if end == start:
        raise NeedMoreData

    rows = np.flatnonzero(good)
    table = [starts[rows], ends[rows], *(a for column in columns for a in spans(column, rows))]
    single = [
        [row_start, row.end, *(edge for column in columns for edge in row.spans[column])]
        for row_start, row in parsed
        if row.spans
    ]
    if single:
        table = [np.append(a, b) for a, b in zip(table, zip(*single, strict=True), strict=True)]
        order = np.argsort(table[0])
        table = [a[order] for a in table]
    rejected += [(row_start, row.reason) for row_start, row in parsed if row.reason]
    return ScannedRows(
        table[0],
        table[1],
        {column: (table[2 * i + 2], table[2 * i + 3]) for i, column in enumerate(columns)},
        sorted(rejected),
        end,
        bool(parsed) and parsed[-1][1].end == end and parsed[-1][1].lost,
        quotes,
        scanned,
    )


def _parse_misquoted(
    parser: RowParser, content: np.ndarray, quotes: np.ndarray, start: int, stop: int
) -> tuple[ParsedRows, int]:
    """The rows in which a quote cannot have the part that falls to it, and where reading stops.

    It stops earlier where the parser needs more, or has seen a row end after `stop`.
    """
    if not len(quotes):
        return [], stop
    delimiter = parser.dialect.delimiter[0]
    before = content[quotes - 1]
    if quotes[0] == start:
        before[0] = NEWLINE
    after = content[np.minimum(quotes + 1, parser.size - 1)]
    if quotes[-1] == parser.size - 1:
        after[-1] = NEWLINE  # whatever it is: no row ends here
    line = after == NEWLINE
    returns = np.flatnonzero(after == RETURN)
    line[returns] = content[np.minimum(quotes[returns] + 2, parser.size - 1)] == NEWLINE
    # What ends with a delimiter is looked at, too: the quote may open a field of the next row.
    closes = (after == QUOTE) | (((after == delimiter) | line) & (before != delimiter))
    opens = (before == delimiter) | (before == NEWLINE) | (before == QUOTE)
    odd = (np.arange(len(quotes)) & 1).astype(bool)
    # By the turn of the first quote: indices of quotes that can have no such part.
    wrong = [np.flatnonzero(~np.where(odd ^ turn, closes, opens)) for turn in (False, True)]

    parsed: ParsedRows = []
    row_start, first = start, 0  # where a row starts, and its first quote
    while True:
        suspects = wrong[first & 1]
        suspect = np.searchsorted(suspects, first)
        if suspect == len(suspects):
            return parsed, stop
        row_start = _row_start(parser.content, quotes, int(suspects[suspect]), first, row_start)
        try:
            row = parser.parse(row_start)
        except NeedMoreData:
            return parsed, row_start
        parsed.append((row_start, row))
        if row.end >= stop:
            return parsed, row_start
        row_start, first = row.end, int(np.searchsorted(quotes, row.end))


def _row_start(content: bytearray, quotes: np.ndarray, quote: int, first: int, start: int) -> int:
    """Where the row with a certain quote starts: after the last line end outside quotes.

    quote, first: indices of that quote and of the first one after `start`, where a row starts;
    that one opens a field.
    """
    opening = quote - ((quote - first) & 1)
    while opening > first:
        line = content.rfind(b"\n", quotes[opening - 1], quotes[opening])
        if line >= 0:
            return line + 1
        opening -= 2
    return max(content.rfind(b"\n", start, quotes[first]) + 1, start)


def _paired(quotes: np.ndarray, parsed: ParsedRows, stop: int) -> np.ndarray:
    """The quotes before `stop`, in pairs; a pair in front of and at the end of each parsed row
    takes the place of its quotes."""
    pieces, done = [], 0
    for row_start, row in parsed:
        if row_start < stop:
            before = quotes[done : np.searchsorted(quotes, row_start)]
            pieces += [before, [row_start - 1, row.end - 1]]
            done = np.searchsorted(quotes, row.end)
    return np.concatenate([*pieces, quotes[done : np.searchsorted(quotes, stop)]])


def _structure(
    parser: RowParser, content: np.ndarray, start: int, stop: int, paired: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the delimiters and line ends outside quotes, and which of them are line ends."""
    delimiter = parser.dialect.delimiter[0]
    opened, closed = paired[0::2], paired[1::2]
    begin = np.append(start, closed + 1)
    lengths = (np.append(opened, stop - 1) if len(closed) == len(opened) else opened) + 1 - begin
    total = int(lengths.sum())
    if total * SPARSE <= stop - start:
        outside = np.repeat(begin - np.cumsum(lengths) + lengths, lengths) + np.arange(total)
        found = content[outside]
        separators = outside[(found == delimiter) | (found == NEWLINE)]
    else:
        stretch = content[start:stop]
        separators = np.flatnonzero((stretch == delimiter) | (stretch == NEWLINE)) + start
        if len(paired):
            separators = separators[np.searchsorted(paired, separators) % 2 == 0]
    return separators, np.flatnonzero(content[separators] == NEWLINE)
