"""Cut what has no white space and yet too many tokens: a link, a row of dashes, a broken export."""

import re
import unicodedata
from collections.abc import Iterator

from palimpsest.passages.token_counts import MeasuredText
from palimpsest.text.tokenizers import count_tokens

CHARACTERS_A_TOKEN = 8  # of text that is looked at for each token of room
_MARKS = re.compile(r"[^\w\s]+|_+")
_JOINERS = "\u200d\ufe0f"  # glue emoji together


def split_long_word(
    note: MeasuredText, start: int, end: int, room: int
) -> Iterator[tuple[int, int]]:
    """Spans that tile a stretch of a note, each of at most `room` tokens or one character.

    Cuts lie after punctuation that is not inside a number, else not between two digits, else
    between any two characters, those that belong to one visible character last.
    """
    tokenizer = note.counter.tokenizer
    while start < end:
        window = note.text[start : min(end, start + CHARACTERS_A_TOKEN * room)]
        (tokens,) = count_tokens(tokenizer, [window])
        if tokens <= room:
            yield start, start + len(window)
            start += len(window)
            continue
        reach = max(1, len(window) * room // tokens)  # characters that have at most `room` tokens
        while reach > 1 and count_tokens(tokenizer, [window[:reach]])[0] > room:
            reach -= max(1, reach // 8)
        cut = _best_cut(note.text[start : start + reach + 1], reach)
        if note.counter.count(window[:cut]) > room:  # rare: less text, more tokens
            cut = reach
        yield start, start + cut
        start += cut


def _best_cut(window: str, reach: int) -> int:
    """Where to cut, in [1, reach]; the window may have one character more."""

    def inside_number(cut: int) -> bool:
        return window[cut - 1 : cut].isdigit() and window[cut : cut + 1].isdigit()

    marks = [match.end() for match in _MARKS.finditer(window, 0, reach)]
    soft = [
        cut
        for cut in marks
        if not (window[cut : cut + 1].isdigit() and re.search(r"\d[^\w\s]+$", window[:cut][-8:]))
        and not _glued(window, cut)
    ]
    for low in (reach // 2, 0):
        if soft and soft[-1] > low:
            return soft[-1]
    for cut in range(reach, reach // 2, -1):
        if not inside_number(cut) and not _glued(window, cut) and not _in_decimal(window, cut):
            return cut
    return next((cut for cut in range(reach, 0, -1) if not _glued(window, cut)), reach)


def _in_decimal(window: str, cut: int) -> bool:
    """Whether a cut lies beside the point, comma or slash of a number."""
    return bool(re.search(r"\d[.,/:-]?$", window[max(0, cut - 2) : cut])) and bool(
        re.match(r"[.,/:-]?\d", window[cut : cut + 2])
    )


def _glued(window: str, cut: int) -> bool:
    """Whether a cut would take a combining mark from its letter."""
    after = window[cut : cut + 1]
    if not after:
        return False
    return (
        unicodedata.combining(after) > 0
        or unicodedata.category(after) in ("Mn", "Me", "Mc")
        or after in _JOINERS
        or window[cut - 1] == "\u200d"
    )
