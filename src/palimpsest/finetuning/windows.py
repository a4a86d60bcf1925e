"""How examples become what an encoder reads: windows of long texts, pairs, marked entities."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from palimpsest.runtime.rows import Row

Stretch = tuple[int, int]  # the first, and the one behind the last
# Zhou & Chen (2021, arXiv 2102.01373): typed entity markers of punctuation, which every vocabulary
# has. An entity of an assertion, or the first of a relation; then the second of a relation.
MARKS = (("@", "*"), ("#", "^"))


def windows(lengths: Sequence[int], room: int, stride: int) -> list[Stretch]:
    """Windows over words: each word is in one, and whole.

    lengths: tokens of each word, at least 1. room: tokens that a window holds; a longer word is a
    window alone. stride: tokens from the start of a window to that of the next, at most `room`.
    The last window is full, so that what it holds has context.
    """
    ends = list(accumulate(lengths))
    starts = [0, *ends[:-1]]
    found = [(0, bisect_right(ends, room))]
    if not ends:
        return found
    # The first of the last windows: from it on, all that is left fits.
    last = bisect_left(starts, ends[-1] - room)
    while True:
        first, behind = found[-1]
        behind = max(behind, first + 1)
        found[-1] = (first, behind)
        if behind == len(ends):
            return found
        following = max(first + 1, bisect_left(starts, starts[first] + stride))
        first = min(following, behind, max(last, first + 1))
        found.append((first, bisect_right(ends, starts[first] + room)))


def best_windows(lengths: Sequence[int], found: Sequence[Stretch]) -> list[int]:
    """The window in which each word has most context: is furthest from what was cut off.

    lengths: tokens of each word. found: of `windows`. Of equally good ones the first is taken.
    """
    ends = list(accumulate(lengths))
    best, context = [0] * len(ends), [-1.0] * len(ends)
    for number, (first, behind) in enumerate(found):
        begin = ends[first] - lengths[first] if first else float("-inf")
        end = ends[behind - 1] if behind < len(ends) else float("inf")
        for word in range(first, behind):
            around = min(ends[word] - lengths[word] - begin, end - ends[word])
            if around > context[word]:
                best[word], context[word] = number, around
    return best


def shares_of_two(first: int, second: int, room: int) -> tuple[int, int]:
    """How many tokens of two texts are kept, so that both fit: the longer one is cut."""
    kept = min(first, max(room - second, room - room // 2))
    return kept, min(second, room - kept)


def mark_entities(text: str, marks: Sequence[Row]) -> tuple[str, list[Stretch]]:
    """A text with its entities between marks, and where each lies with its marks.

    marks: start, end and label of each, as in `runtime.labels.TEXT_EXAMPLES`; where a label is
    given it stands before the entity: `@ * problem * chest pain @`. They may overlap.
    """
    inserted = []  # place, order at one place, entity, whether it opens, what
    for entity, mark in enumerate(marks):
        sign, around = MARKS[entity]
        kind = " ".join((mark["label"] or "").lower().replace("_", " ").split())
        opening = f"{sign} {around} {kind} {around} " if kind else f"{sign} "
        # Where one ends and the next begins, the end comes first; what begins first ends last.
        inserted.append((mark["end"], 0, -mark["start"], entity, False, f" {sign}"))
        inserted.append((mark["start"], 1, -mark["end"], entity, True, opening))
    made, places = [], [[0, 0] for _ in marks]
    at = length = 0
    for place, _, _, entity, opens, words in sorted(inserted):
        made += [text[at:place], words]
        length += place - at
        places[entity][0 if opens else 1] = length if opens else length + len(words)
        length, at = length + len(words), place
    return "".join([*made, text[at:]]), [(first, behind) for first, behind in places]


def around_entities(total: int, entities: Sequence[Stretch], room: int) -> list[int]:
    """The tokens of a marked text that are kept, in order: those around its entities.

    total: tokens of the text. entities: their tokens, with the marks. Where two are too far apart
    for one window, it is half of each surroundings.
    """
    first, behind = min(start for start, _ in entities), max(end for _, end in entities)
    if total <= room:
        return list(range(total))
    if len(entities) == 1 or behind - first <= room:
        return list(_around((first, behind), total, room))
    one, two = sorted(entities)
    parts = {*_around(one, total, room - room // 2), *_around(two, total, room // 2)}
    return sorted(parts)


def _around(entity: Stretch, total: int, room: int) -> range:
    """As many tokens on both sides; of an entity that is longer than the room, its start."""
    first, behind = entity
    start = first - max(0, room - (behind - first)) // 2
    start = max(0, min(start, total - room))
    return range(start, min(total, start + room))
