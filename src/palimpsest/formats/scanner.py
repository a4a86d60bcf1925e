"""Many rows of a separated file at once: where rows and fields start and end.

Delimiters and line ends outside quotes are the structure. Nearly every row is well formed, so
quotes are taken to open and close in turn; the places where a quote cannot have the part that falls
to it, and the rows with another number of fields, go to the judge one by one. After a row that the
judge has ended, the turns start anew.
"""

from dataclasses import dataclass

import numpy as np

from palimpsest.formats.dialect import NEWLINE, QUOTE, RETURN
from palimpsest.formats.recovery import Judge, MoreNeeded, Verdict

SPARSE = 8  # only what is outside quotes is looked through if it is at most one byte in so many

Judged = list[tuple[int, Verdict]]  # where rows start, and what they are


@dataclass
class Rows:
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


def scan(judge: Judge, start: int, stop: int, columns: list[int]) -> Rows:
    """The rows from `start` on, as far as they can be read before `stop`; at least one.

    columns: whose fields are wanted. The last row may end after `stop`, if the judge saw its end.
    Raises MoreNeeded when not even one row can be read.
    """
    content = np.frombuffer(judge.content, np.uint8, judge.size)
    quotes = np.flatnonzero(content[start:stop] == QUOTE) + start
    scanned = stop
    judged, stop = _misplaced(judge, content, quotes, start, stop)
    marks, lines = _structure(judge, content, start, stop, _paired(quotes, judged, stop))
    if not judged and not len(lines):
        judged = [(start, judge.row(start))]

    ends = marks[lines] + 1
    bounds = np.append(start, ends)
    for at, verdict in judged:  # which have no structure: what starts with one starts after it
        row = np.searchsorted(bounds, at)
        if row < len(bounds) and bounds[row] == at:
            bounds[row] = verdict.end
    starts, end = bounds[:-1], int(bounds[-1])

    fields = judge.grammar.columns
    counts, lengths = np.diff(lines, prepend=-1), ends - starts
    blank = (counts == 1) & ((lengths == 1) | ((lengths == 2) & (content[starts] == RETURN)))
    good = (counts == fields) & ~blank
    doubtful = ~good & ~blank
    first = lines - fields + 1  # of the marks of a good row

    def spans(column: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        begin = marks[first[rows] + column - 1] + 1 if column else starts[rows]
        return begin, marks[first[rows] + column]

    rows = np.flatnonzero(good)
    for column in judge.looks.quoted:
        begin, finish = spans(column, rows)
        doubtful[rows] |= (finish > begin) & (content[begin] != QUOTE)

    rejected: list[tuple[int, str]] = []
    for row in np.flatnonzero(doubtful).tolist():
        at = int(starts[row])
        try:
            verdict = judge.row(at)
        except MoreNeeded:
            verdict = None
        if verdict and verdict.end == ends[row]:
            if verdict.reason:
                good[row] = False
                rejected.append((at, verdict.reason))
            continue
        # The row ends elsewhere: what comes after it has to be read anew.
        good[row:] = False
        judged = [entry for entry in judged if entry[0] < at]
        judged += [(at, verdict)] if verdict else []
        end = verdict.end if verdict else at
        break
    if end == start:
        raise MoreNeeded

    rows = np.flatnonzero(good)
    table = [starts[rows], ends[rows], *(a for column in columns for a in spans(column, rows))]
    single = [
        [at, verdict.end, *(at for column in columns for at in verdict.spans[column])]
        for at, verdict in judged
        if verdict.spans
    ]
    if single:
        table = [np.append(a, b) for a, b in zip(table, zip(*single, strict=True), strict=True)]
        order = np.argsort(table[0])
        table = [a[order] for a in table]
    rejected += [(at, verdict.reason) for at, verdict in judged if verdict.reason]
    return Rows(
        table[0],
        table[1],
        {column: (table[2 * i + 2], table[2 * i + 3]) for i, column in enumerate(columns)},
        sorted(rejected),
        end,
        bool(judged) and judged[-1][1].end == end and judged[-1][1].lost,
        quotes,
        scanned,
    )


def _misplaced(
    judge: Judge, content: np.ndarray, quotes: np.ndarray, start: int, stop: int
) -> tuple[Judged, int]:
    """The rows in which a quote cannot have the part that falls to it, and where reading stops.

    It stops earlier where the judge needs more, or has seen a row end after `stop`.
    """
    if not len(quotes):
        return [], stop
    mark = judge.grammar.delimiter[0]
    before = content[quotes - 1]
    if quotes[0] == start:
        before[0] = NEWLINE
    after = content[np.minimum(quotes + 1, judge.size - 1)]
    if quotes[-1] == judge.size - 1:
        after[-1] = NEWLINE  # whatever it is: no row ends here
    line = after == NEWLINE
    returns = np.flatnonzero(after == RETURN)
    line[returns] = content[np.minimum(quotes[returns] + 2, judge.size - 1)] == NEWLINE
    # What ends with a delimiter is looked at, too: the quote may open a field of the next row.
    closes = (after == QUOTE) | (((after == mark) | line) & (before != mark))
    opens = (before == mark) | (before == NEWLINE) | (before == QUOTE)
    odd = (np.arange(len(quotes)) & 1).astype(bool)
    # By the turn of the first quote: places of quotes that can have no such part.
    wrong = [np.flatnonzero(~np.where(odd ^ turn, closes, opens)) for turn in (False, True)]

    judged: Judged = []
    at, first = start, 0  # where a row starts, and its first quote
    while True:
        places = wrong[first & 1]
        place = np.searchsorted(places, first)
        if place == len(places):
            return judged, stop
        at = _row_start(judge.content, quotes, int(places[place]), first, at)
        try:
            verdict = judge.row(at)
        except MoreNeeded:
            return judged, at
        judged.append((at, verdict))
        if verdict.end >= stop:
            return judged, at
        at, first = verdict.end, int(np.searchsorted(quotes, verdict.end))


def _row_start(content: bytearray, quotes: np.ndarray, place: int, first: int, at: int) -> int:
    """Where the row with a certain quote starts: after the last line end outside quotes.

    first: place of a quote that opens a field, the first after `at`, where a row starts.
    """
    place -= (place - first) & 1  # the quote that opens
    while place > first:
        line = content.rfind(b"\n", quotes[place - 1], quotes[place])
        if line >= 0:
            return line + 1
        place -= 2
    return max(content.rfind(b"\n", at, quotes[first]) + 1, at)


def _paired(quotes: np.ndarray, judged: Judged, stop: int) -> np.ndarray:
    """The quotes before `stop`, in pairs; a pair in front of and at the end of each judged row
    takes the place of its quotes."""
    pieces, done = [], 0
    for at, verdict in judged:
        if at < stop:
            pieces += [quotes[done : np.searchsorted(quotes, at)], [at - 1, verdict.end - 1]]
            done = np.searchsorted(quotes, verdict.end)
    return np.concatenate([*pieces, quotes[done : np.searchsorted(quotes, stop)]])


def _structure(
    judge: Judge, content: np.ndarray, start: int, stop: int, paired: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the delimiters and line ends outside quotes, and which of them are line ends."""
    mark = judge.grammar.delimiter[0]
    opened, closed = paired[0::2], paired[1::2]
    begin = np.append(start, closed + 1)
    lengths = (np.append(opened, stop - 1) if len(closed) == len(opened) else opened) + 1 - begin
    total = int(lengths.sum())
    if total * SPARSE <= stop - start:
        at = np.repeat(begin - np.cumsum(lengths) + lengths, lengths) + np.arange(total)
        found = content[at]
        hits = (found == mark) | (found == NEWLINE)
        marks = at[hits]
    else:
        stretch = content[start:stop]
        marks = np.flatnonzero((stretch == mark) | (stretch == NEWLINE)) + start
        if len(paired):
            marks = marks[np.searchsorted(paired, marks) % 2 == 0]
    return marks, np.flatnonzero(content[marks] == NEWLINE)
