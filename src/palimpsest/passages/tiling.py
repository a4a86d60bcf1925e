"""Tile a segment of a note with spans that fit the room of a passage."""

from collections.abc import Iterator

from palimpsest.passages.breaks import best_break
from palimpsest.passages.long_words import split_long_word
from palimpsest.passages.token_counts import MeasuredText
from palimpsest.text.layout import Layout


def fitting_spans(
    note: MeasuredText, layout: Layout, start: int, end: int, max_tokens: int, min_tokens: int
) -> list[tuple[int, int, int]]:
    """(start, end, tokens) of spans that tile a segment, counted alone.

    Each has at most `max_tokens` tokens, but for white space and single characters. Where the
    tokens of words do not add up, spans that came out too long are cut again.
    """
    spans = list(_tile(note, layout, start, end, max_tokens, min_tokens))
    counts = dict(zip(spans, note.count_alone(spans), strict=True))
    if note.exact:
        return [(*span, tokens) for span, tokens in counts.items()]
    fitting: list[tuple[int, int, int]] = []
    waiting = [(*span, max_tokens) for span in reversed(spans)]
    while waiting:
        first, last, room = waiting.pop()
        tokens = counts[first, last]
        if tokens <= max_tokens or last - first == 1 or note.text[first:last].isspace():
            fitting.append((first, last, tokens))
            continue
        room = max(1, min(room - 1, 2 * max_tokens - tokens))
        smaller = list(_tile(note, layout, first, last, room, min_tokens))
        if len(smaller) == 1:
            smaller = list(split_long_word(note, first, last, max_tokens))
        counts |= zip(smaller, note.count_alone(smaller), strict=True)
        waiting += [(*span, room) for span in reversed(smaller)]
    return fitting


def _tile(
    note: MeasuredText, layout: Layout, start: int, end: int, room: int, least: int
) -> Iterator[tuple[int, int]]:
    """Spans that tile text[start:end], each of at most `room` tokens by its words."""
    while start < end:
        if note.count(start, end) <= room:
            yield start, end
            return
        cut = _cut_after(note, layout, start, end, room, least)
        if cut is not None:
            yield start, cut
            start = cut
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
                yield from split_long_word(note, start, stop, room)
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
        middle = note.reach(start, room // 2) - 1
        least_end = min(note.reach(start, least), limit)
        cut = best_break(note.text, layout, start, least_end, middle, limit)
        if cut is None:
            return None
        if cut < end and note.count(start, cut) <= room:
            return cut
        limit = cut - 1  # the white space at its end does not fit
    return None
