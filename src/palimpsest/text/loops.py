"""Loops: stretches of a text that say one thing over and over."""

import re
import zlib
from collections import Counter

STRETCH = 256  # bytes that are looked at together; half of them again with the next ones
LOOPED = 0.17  # compressed over plain: clinical prose has 0.45 and more, tables 0.2 and more
TIMES = 3  # that a line or sentence stands
_ENDS = re.compile(r"[\n.!?]+")
DIGITS = str.maketrans("123456789", "0" * 9)
_WORDS = 4  # without digits, of a line or sentence that does not recur by chance


def _counting_alike(text: str) -> str:
    """A text in which numbers do not tell one round of a loop from the next."""
    return text.translate(DIGITS)


def densest(text: str) -> float:
    """How far the most repetitive stretch of a text compresses, as a share; 1 for a short text."""
    data = _counting_alike(text).encode("utf-8", "replace")
    last = len(data) - STRETCH
    starts = [*range(0, last, STRETCH // 2), *([last] if last >= 0 else [])]
    pieces = (data[start : start + STRETCH] for start in starts)
    return min((len(zlib.compress(piece, 1)) / STRETCH for piece in pieces), default=1.0)


def _is_told(part: str) -> bool:
    words = part.split(" ")
    return len(words) >= _WORDS and sum("0" not in word for word in words) >= _WORDS


def recurring(text: str) -> int:
    """How often the line or sentence stands that a text has most often."""
    parts = (" ".join(part.split()) for part in _ENDS.split(_counting_alike(text)))
    counts = Counter(part.casefold() for part in parts if _is_told(part))
    return max(counts.values(), default=0)


def is_looped(text: str, source: str = "") -> bool:
    """Whether a text has a loop, and more of one than the text that it was made of."""
    times, ratio = recurring(text), densest(text)
    return (times >= TIMES and times > recurring(source)) or (
        ratio < LOOPED and ratio < densest(source)
    )
