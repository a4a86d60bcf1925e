"""Cut what has no white space and yet too many tokens: a link, a row of dashes, a broken export."""

import re
import unicodedata
from collections.abc import Iterator

from palimpsest.passages.token_counts import TokenCounter
from palimpsest.text.tokenizers import encode

CHARACTERS_A_TOKEN = 8  # of text that is looked at for each token of room
_MARKS = re.compile(r"[^\w\s]+|_+")
_JOINERS = "\u200d\ufe0f"  # glue emoji together


def shatter(
    counter: TokenCounter, text: str, start: int, end: int, room: int
) -> Iterator[tuple[int, int]]:
    """Spans that tile text[start:end], each of at most `room` tokens or one character.

    Cuts lie after punctuation that is not inside a number, else not between two digits, else
    between any two characters, those that belong to one visible character last.
    """
    while start < end:
        window = text[start : min(end, start + CHARACTERS_A_TOKEN * room)]
        tokens = len(encode(counter.tokenizer, [window])[0])
        if tokens <= room:
            yield start, start + len(window)
            start += len(window)
            continue
        reach = _reach(counter, window, room, tokens)
        at = _best_cut(text[start : start + reach + 1], reach)
        if counter.count(window[:at]) > room:  # rare: less text, more tokens
            at = reach
        yield start, start + at
        start += at


def _reach(counter: TokenCounter, window: str, room: int, tokens: int) -> int:
    """Characters at the start of a window that have at most `room` tokens; at least one."""
    reach = max(1, len(window) * room // tokens)
    while reach > 1 and len(encode(counter.tokenizer, [window[:reach]])[0]) > room:
        reach -= max(1, reach // 8)
    return reach


def _best_cut(window: str, reach: int) -> int:
    """Where to cut, in [1, reach]; the window may have one character more."""

    def inside_number(at: int) -> bool:
        return window[at - 1 : at].isdigit() and window[at : at + 1].isdigit()

    marks = [match.end() for match in _MARKS.finditer(window, 0, reach)]
    soft = [
        at
        for at in marks
        if not (window[at : at + 1].isdigit() and re.search(r"\d[^\w\s]+$", window[:at][-8:]))
        and not _glued(window, at)
    ]
    for low in (reach // 2, 0):
        if soft and soft[-1] > low:
            return soft[-1]
    for at in range(reach, reach // 2, -1):
        if not inside_number(at) and not _glued(window, at) and not _in_decimal(window, at):
            return at
    return next((at for at in range(reach, 0, -1) if not _glued(window, at)), reach)


def _in_decimal(window: str, at: int) -> bool:
    """Whether a cut lies beside the point, comma or slash of a number."""
    return bool(re.search(r"\d[.,/:-]?$", window[max(0, at - 2) : at])) and bool(
        re.match(r"[.,/:-]?\d", window[at : at + 2])
    )


def _glued(window: str, at: int) -> bool:
    """Whether a cut would take a combining mark from its letter."""
    after = window[at : at + 1]
    if not after:
        return False
    return (
        unicodedata.combining(after) > 0
        or unicodedata.category(after) in ("Mn", "Me", "Mc")
        or after in _JOINERS
        or window[at - 1] == "\u200d"
    )
