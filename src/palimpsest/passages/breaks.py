"""The best place to end a passage within a stretch of a note."""

from bisect import bisect_right

from palimpsest.text.layout import Layout
from palimpsest.text.sentences import blanks, line_starts, pauses, whole_stretches


def best_break(
    text: str, layout: Layout, start: int, least: int, middle: int, limit: int
) -> int | None:
    """The last break of the best kind in (start, limit]: beyond the middle, else beyond the least.

    Kinds, best first: sections, paragraphs with starts and ends of tables and lists; sentences and
    lines; rows and wrapped lines; words; words within a row, then within a dose or a date.
    """
    if middle > least and (found := _between_sentences(text, layout, middle, limit)):
        return found
    for after in (least, start) if least > start else (start,):
        found = _between_sentences(text, layout, after, limit) or _last(layout.rows, after, limit)
        found = found or _between_words(text, layout, start, after, limit)
        if found:
            return found
    words = blanks(text, start, limit)
    return words[-1] if words else None


def _between_sentences(text: str, layout: Layout, after: int, limit: int) -> int | None:
    """The last break of the kinds that end a section, a paragraph, a sentence or a whole line."""
    return (
        _last(layout.breaks, after, limit)
        or _last(layout.paragraphs, after, limit)
        or next(
            (
                pause
                for pause in reversed(pauses(text, after, limit))
                if pause not in layout.below and not layout.inside_block(pause)
            ),
            None,
        )
    )


def _between_words(text: str, layout: Layout, start: int, after: int, limit: int) -> int | None:
    """The last break at a wrapped line or between words that does not tear what belongs together.

    Best outside tables and lists.
    """
    whole = whole_stretches(text, start, limit)
    lines = [line for line in line_starts(text, after, limit) if line not in layout.below]
    line = _last_untorn(lines, whole)
    if line and not layout.inside_block(line):
        return line
    words = blanks(text, after, limit)
    outside = [word for word in words if not layout.inside_block(word)]
    return _last_untorn(outside, whole) or line or _last_untorn(words, whole)


def _last(breaks: list[int], after: int, limit: int) -> int | None:
    """The last break in (after, limit]."""
    index = bisect_right(breaks, limit) - 1
    return breaks[index] if index >= 0 and breaks[index] > after else None


def _last_untorn(breaks: list[int], whole: list[tuple[int, int]]) -> int | None:
    """The last break that lies in none of some stretches."""
    for position in reversed(breaks):
        index = bisect_right(whole, position, key=lambda span: span[0]) - 1
        if index < 0 or not whole[index][0] < position < whole[index][1]:
            return position
    return None
