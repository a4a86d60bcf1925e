"""Looking for many short word sequences in many texts at once, by hashes.

A sequence is found where its words stand in a row, whatever their case, accents, punctuation and
white space.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.text.shingles import BASE, Words, mixed

_LEAST_BITS, _MOST_BITS = 20, 27  # of a hash that the quick look goes by; a byte for each
_MARKS = r"\p{M}+"
LONGEST = 12  # words of a sequence


def without_accents(texts: pa.Array) -> pa.Array:
    """Some strings whose letters have no accents; whatever else they have stays."""
    texts = pc.fill_null(texts.cast(pa.large_string()), "")
    if pc.all(pc.string_is_ascii(texts)).as_py() in (True, None):
        return texts
    return pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKD"), _MARKS, "")


def words_of(texts: pa.Array) -> Words:
    """The words of some texts, accents aside."""
    return Words(without_accents(texts))


def word_hashes(words: Iterable[str] | pa.Array) -> np.ndarray:
    """The hash of each of some single words, 0 for one that is none or several."""
    texts = words if isinstance(words, pa.Array) else pa.array(list(words), pa.string())
    found = words_of(texts)
    hashes = np.zeros(len(texts), np.uint64)
    single = found.counts() == 1
    hashes[single] = found.hashes[found.firsts[:-1][single]]
    return hashes


def joined(columns: Sequence[np.ndarray]) -> np.ndarray:
    """The hashes of sequences, as `Words.shingles` has them, from hashes of their words."""
    sums = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        sums = sums * BASE + column
    return mixed(sums)


def sequences(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The hash of all words of each text in a row, and how many words; 0 words, 0 hash.

    Raises ValueError where a text has more than LONGEST words.
    """
    words = words_of(pa.array(list(texts), pa.string()))
    counts = words.counts()
    if len(counts) and counts.max() > LONGEST:
        raise ValueError(f"{counts.max()} words; expected at most {LONGEST}")
    hashes = np.zeros(len(counts), np.uint64)
    for size in np.unique(counts[counts > 0]).tolist():
        rows = np.flatnonzero(counts == size)
        first = words.firsts[:-1][rows]
        hashes[rows] = joined([words.hashes[first + at] for at in range(size)])
    return hashes, counts


def distinct(values: np.ndarray) -> np.ndarray:
    """The different ones of some hashes, sorted; faster than `np.unique`, which hashes them."""
    values = np.sort(values)
    different: np.ndarray = values[np.diff(values, prepend=~values[:1]) != 0]
    return different


def without(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The different ones of some hashes that are not among others, sorted."""
    values, others = distinct(values), distinct(others)
    if not len(others):
        return values
    at = np.minimum(np.searchsorted(others, values), len(others) - 1)
    left: np.ndarray = values[others[at] != values]
    return left


class Finder:
    """Sequences of words that are looked for, each with a number. size: words of each."""

    def __init__(self, size: int, hashes: np.ndarray) -> None:
        self.size = size
        self.hashes, self._places = np.unique(hashes, return_inverse=True)
        self._bits = int(np.clip(len(self.hashes).bit_length() + 4, _LEAST_BITS, _MOST_BITS))
        self._quick = np.zeros(1 << self._bits, bool)
        self._quick[self.hashes >> np.uint64(64 - self._bits)] = True

    def find(self, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the sought hashes stand among some, and the number of each among the different."""
        near = np.flatnonzero(self._quick[hashes >> np.uint64(64 - self._bits)])
        if not len(near):
            return near, near
        numbers = np.minimum(np.searchsorted(self.hashes, hashes[near]), len(self.hashes) - 1)
        same = self.hashes[numbers] == hashes[near]
        return near[same], numbers[same]

    def given(self, found: np.ndarray) -> np.ndarray:
        """What was found of the different hashes, for each hash as they were given."""
        return found[self._places]

    def numbers(self) -> np.ndarray:
        """The number among the different ones of each hash as they were given."""
        return self._places


class Sequences:
    """Sequences of words of some owners, by number of words. owners: their numbers."""

    def __init__(self, hashes: np.ndarray, counts: np.ndarray, owners: np.ndarray) -> None:
        self._of: dict[int, tuple[Finder, np.ndarray, np.ndarray]] = {}
        for size in np.unique(counts[counts > 0]).tolist():
            rows = counts == size
            finder = Finder(size, hashes[rows])
            order = np.argsort(finder.numbers(), kind="stable")
            starts = np.searchsorted(finder.numbers()[order], np.arange(len(finder.hashes) + 1))
            self._of[size] = finder, owners[rows][order], starts

    def sizes(self) -> set[int]:
        return set(self._of)

    def find(self, size: int, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places among some hashes of sequences of a size, and the owners of what stands there."""
        if size not in self._of:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        finder, owners, starts = self._of[size]
        places, numbers = finder.find(hashes)
        lengths = starts[numbers + 1] - starts[numbers]
        first = np.repeat(starts[numbers] - np.cumsum(lengths) + lengths, lengths)
        return np.repeat(places, lengths), owners[first + np.arange(len(first))]
