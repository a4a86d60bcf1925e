"""Words and n-grams, as the screens and the corpus statistics count them."""

import re
from collections.abc import Iterable, Sequence

WORD = re.compile(r"[^\W_]+(?:[.'/-][^\W_]+)*")


def words(text: str) -> list[str]:
    """Lower-case words of a text; numbers, doses and hyphenated terms stay whole."""
    if text.isascii():  # other letters may become several, and then another word
        return WORD.findall(text.lower())
    return [word.lower() for word in WORD.findall(text)]


def ngrams(tokens: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """All n-grams in order, repeats included; none when there are fewer tokens than `size`."""
    return list(zip(*(tokens[first:] for first in range(size)), strict=False))


def distinct_share(texts: Iterable[Sequence[str]], size: int) -> float:
    """distinct-n (Li et al. 2016): different n-grams of some texts' words over all; 0 for none.

    It falls as a text grows: compare only texts of about equal size.
    """
    total, different = 0, set()
    for text in texts:
        grams = ngrams(text, size)
        total += len(grams)
        different.update(grams)
    return len(different) / total if total else 0.0


def shared_ngrams(text: str, other: str, size: int) -> tuple[int, int]:
    """How many n-grams of words a text has, repeats included, and how many stand in another."""
    found = ngrams(words(text), size)
    known = set(ngrams(words(other), size)) if found else set()
    return len(found), sum(gram in known for gram in found)
