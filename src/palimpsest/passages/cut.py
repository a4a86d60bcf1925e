"""Cut notes into passages where a reader would pause.

The passages of a note and the stretches that are skipped tile it: they have exact character offsets
and rejoin to it byte for byte.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from palimpsest.passages.layout import MEDICATIONS, TABLE, Layout, read_layout
from palimpsest.passages.long_words import shatter
from palimpsest.passages.token_counts import MeasuredText, TokenCounter
from palimpsest.text.sentences import blanks, line_starts, pauses, whole_stretches
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

SCHEMA = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("category", pa.string()),
        ("start", pa.int64()),  # character offsets in the note, end exclusive
        ("end", pa.int64()),
        ("text", pa.string()),
        ("tokens", pa.int32()),  # by the study's tokenizer
        ("section", pa.string()),  # the header under which it starts; empty where there is none
    ]
)
REJECTS = pa.schema(
    [
        ("note_id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("reason", pa.string()),  # blank, near_empty, table or medication_list
    ]
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a note: a passage, or what is skipped for a reason.

    start, end: character offsets in the note, end exclusive. tokens: of a passage, counted alone.
    section: the header under which it starts, or nothing.
    """

    start: int
    end: int
    tokens: int
    section: str = ""
    reason: str | None = None


class PassageCutter:
    """Cuts notes into passages of at most so many tokens."""

    def __init__(
        self,
        tokenizer: Path,
        max_tokens: int,
        min_tokens: int = 1,
        tables: str = "keep",
        medication_lists: str = "keep",
    ) -> None:
        """tokenizer: a `tokenizer.json`. Raises UserError when it cannot be read.

        max_tokens: a single character that has more is a passage all the same.
        min_tokens: a passage of fewer is merged with a neighbour or skipped.
        tables, medication_lists: `keep` or `skip`.
        """
        self.counter = TokenCounter(load_tokenizer(tokenizer))
        self.max_tokens, self.min_tokens = max_tokens, min_tokens
        policies = {TABLE: tables, MEDICATIONS: medication_lists}
        self.skipped = {kind for kind, policy in policies.items() if policy == "skip"}

    def cut(self, text: str) -> list[tuple[int, int, int]]:
        """(start, end, tokens) of pieces that tile a text, nothing skipped; none if it is empty."""
        note = self.counter.measure([text])[0]
        pieces = self._merge(note, self._fit(note, read_layout(text), 0, len(text)))
        return [(piece.start, piece.end, piece.tokens) for piece in pieces]

    def stretches(self, texts: list[str]) -> list[list[Stretch]]:
        """The stretches of each text, in order and without gaps; none for an empty text."""
        made = []
        for note in self.counter.measure(texts):
            layout = read_layout(note.text)
            pieces: list[Stretch] = []
            for start, end, kind in self._segments(layout, len(note.text)):
                if kind:
                    pieces.append(Stretch(start, end, 0, reason=kind))
                else:
                    pieces += self._merge(note, self._fit(note, layout, start, end))
            made.append([replace(at, section=layout.section_at(_first(note, at))) for at in pieces])
        return made

    def _segments(self, layout: Layout, end: int) -> Iterator[tuple[int, int, str | None]]:
        """What lies between skipped blocks, and those blocks."""
        at = 0
        for start, stop, kind in layout.blocks:
            if kind in self.skipped:
                if start > at:
                    yield at, start, None
                yield start, stop, kind
                at = stop
        if end > at:
            yield at, end, None

    def _fit(self, note: MeasuredText, layout: Layout, start: int, end: int) -> list[Stretch]:
        """Tile a segment; where words do not add up, count each piece and cut long ones again."""
        spans = list(_tile(note, layout, start, end, self.max_tokens, self.min_tokens))
        if note.exact:
            return [Stretch(at, to, note.count(at, to)) for at, to in spans]
        fitted: list[Stretch] = []
        waiting = [(at, to, self.max_tokens) for at, to in reversed(spans)]
        counts = dict(zip(spans, self._count(note, spans), strict=True))
        while waiting:
            at, to, room = waiting.pop()
            tokens = counts[at, to]
            if tokens <= self.max_tokens or to - at == 1 or note.text[at:to].isspace():
                fitted.append(Stretch(at, to, tokens))
                continue
            room = max(1, min(room - 1, 2 * self.max_tokens - tokens))
            again = list(_tile(note, layout, at, to, room, self.min_tokens))
            if len(again) == 1:
                again = list(shatter(self.counter, note.text, at, to, self.max_tokens))
            counts |= zip(again, self._count(note, again), strict=True)
            waiting += [(first, last, room) for first, last in reversed(again)]
        return fitted

    def _count(self, note: MeasuredText, spans: list[tuple[int, int]]) -> list[int]:
        return count_tokens(self.counter.tokenizer, [note.text[at:to] for at, to in spans])

    def _merge(self, note: MeasuredText, pieces: list[Stretch]) -> list[Stretch]:
        """Join pieces that hold next to nothing to a neighbour, or give the reason to skip them."""
        merged: list[Stretch] = []
        for piece in pieces:
            if merged and (piece.tokens < self.min_tokens or merged[-1].tokens < self.min_tokens):
                before = merged[-1]
                tokens = self._alone(note, before.start, piece.end)
                if tokens <= self.max_tokens:
                    merged[-1] = Stretch(before.start, piece.end, tokens)
                    continue
            merged.append(piece)
        return [replace(piece, reason=self._unfit(note, piece)) for piece in merged]

    def _alone(self, note: MeasuredText, start: int, end: int) -> int:
        if note.exact:
            return note.count(start, end)
        return self._count(note, [(start, end)])[0]

    def _unfit(self, note: MeasuredText, piece: Stretch) -> str | None:
        if note.text[piece.start : piece.end].isspace():
            return "blank"
        return "near_empty" if piece.tokens < self.min_tokens else None


def _first(note: MeasuredText, piece: Stretch) -> int:
    """Where the first line of a piece with text starts, or later: its header is at or before it."""
    return min(note.body(note.word_at(piece.start)), piece.end - 1)


def _tile(
    note: MeasuredText, layout: Layout, start: int, end: int, room: int, least: int
) -> Iterator[tuple[int, int]]:
    """Spans that tile text[start:end], each of at most `room` tokens by its words."""
    while start < end:
        if note.count(start, end) <= room:
            yield start, end
            return
        at = _cut_after(note, layout, start, end, room, least)
        if at is not None:
            yield start, at
            start = at
            continue
        # Not even the next word fits with the white space around it.
        word = note.word_at(start)
        body, stop = note.body(word), min(end, note.ends[word] if word < len(note.ends) else end)
        if start < body < end and note.count(start, stop) > room:
            yield start, body  # white space, more than fits
            start = body
        elif body >= end:
            yield start, end
            return
        else:
            if note.count(start, stop) <= room:
                yield start, stop
            else:
                yield from shatter(note.counter, note.text, start, stop, room)
            start = stop


def _cut_after(
    note: MeasuredText, layout: Layout, start: int, end: int, room: int, least: int
) -> int | None:
    """The best place to end a passage that starts at `start` and cannot hold all up to `end`.

    None where not even one word fits.
    """
    limit = min(note.reach(start, room), end)
    # What is left should hold something too.
    rest = note.count(start, end) - room
    if rest < least < room:
        limit = min(limit, note.reach(start, room + rest - least))
    while limit > start:
        half = note.reach(start, room // 2) - 1
        least_at = min(note.reach(start, least), limit)
        at = _best_break(note.text, layout, start, (least_at, half), limit)
        if at is None:
            return None
        if at < end and note.count(start, at) <= room:
            return at
        limit = at - 1  # the white space at its end does not fit
    return None


def _best_break(
    text: str, layout: Layout, start: int, marks: tuple[int, int], limit: int
) -> int | None:
    """The last break of the best kind: beyond the middle, else anywhere beyond the least.

    Kinds, best first: sections, paragraphs with starts and ends of tables and lists; sentences and
    lines; rows and wrapped lines; words; words within a row, then within a dose or a date.
    """
    least, half = marks
    if half > least:
        at = (
            _last(layout.breaks, half, limit)
            or _last(layout.paragraphs, half, limit)
            or _last_outside(pauses(text, half, limit), layout)
        )
        if at:
            return at
    for after in (least, start) if least > start else (start,):
        at = (
            _last(layout.breaks, after, limit)
            or _last(layout.paragraphs, after, limit)
            or _last_outside(pauses(text, after, limit), layout)
            or _last(layout.rows, after, limit)
        )
        if at:
            return at
        whole = whole_stretches(text, start, limit)
        lines = line_starts(text, after, limit)
        lines = _last_untorn([line for line in lines if line not in layout.below], whole)
        if lines and not layout.inside_block(lines):
            return lines
        words = blanks(text, after, limit)
        outside = [word for word in words if not layout.inside_block(word)]
        at = _last_untorn(outside, whole) or lines or _last_untorn(words, whole)
        if at:
            return at
    words = blanks(text, start, limit)
    return words[-1] if words else None


def _last(breaks: list[int], after: int, until: int) -> int | None:
    """The last break in (after, until]."""
    at = bisect_right(breaks, until) - 1
    return breaks[at] if at >= 0 and breaks[at] > after else None


def _last_outside(breaks: list[int], layout: Layout) -> int | None:
    return next(
        (at for at in reversed(breaks) if at not in layout.below and not layout.inside_block(at)),
        None,
    )


def _last_untorn(breaks: list[int], whole: list[tuple[int, int]]) -> int | None:
    """The last break that lies in none of some stretches."""
    for at in reversed(breaks):
        index = bisect_right(whole, at, key=lambda span: span[0]) - 1
        if index < 0 or not whole[index][0] < at < whole[index][1]:
            return at
    return None
