"""Texts as hashes of their words and of stretches of words, whole batches at a time.

Two texts have the same words in a row, whatever their case, punctuation and white space, where
their hashes are the same. These stretches are called shingles (Broder 1997).
"""

from functools import cache
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WORDS = 13  # in a row: the usual length where test sets are looked for in training data
BASE = np.uint64(0x9E3779B97F4A7C15)
_PIECE = 1 << 16  # bytes
_BITS = 20  # of a hash that the quick look goes by
_OTHER_SIGNS = r"[^\p{L}\p{N}\p{M}\x00-\x7f]+"  # beyond ASCII, and of no word
# Of the bytes that words are made of, ASCII without case; 0 of all others.
_CODES = bytes(
    byte if byte >= 128 else ord(chr(byte).lower()) if chr(byte).isalnum() else 0
    for byte in range(256)
)


class Words:
    """The words of some texts: runs of letters and digits, each as a 64-bit hash.

    hashes: of all words in a row. firsts: where the words of each text begin, and where all end.
    """

    def __init__(self, texts: pa.Array) -> None:
        """texts: strings; null has no word."""
        data, offsets = _bytes(texts)
        codes = np.frombuffer(data.tobytes().translate(_CODES), np.uint8)
        inside = codes > 0
        starts = inside.copy()
        starts[1:] &= ~inside[:-1]
        edges = offsets[(offsets > 0) & (offsets < len(data))]  # no word goes on in the next text
        starts[edges] = inside[edges]
        first = np.flatnonzero(starts)
        self.hashes = _word_hashes(codes, first)
        self.firsts = np.searchsorted(first, offsets)

    def counts(self) -> np.ndarray:
        """How many words each text has."""
        return np.diff(self.firsts)

    def digests(self) -> np.ndarray:
        """A 64-bit digest of each text's words in a row."""
        data, ends = self.hashes.tobytes(), (self.firsts * 8).tolist()
        parts = (data[begin:end] for begin, end in zip(ends, ends[1:], strict=False))
        joined = b"".join(blake2b(part, digest_size=8).digest() for part in parts)
        return np.frombuffer(joined, np.uint64)

    def shingles(self, size: int = WORDS) -> tuple[np.ndarray, np.ndarray]:
        """A hash of every stretch of `size` words, repeats included, and the text of each.

        A text of fewer words has none.
        """
        count = len(self.hashes) - size + 1
        if count <= 0:
            return np.zeros(0, np.uint64), np.zeros(0, np.int64)
        sums = np.zeros(count, np.uint64)
        for at in range(size):
            sums *= BASE
            sums += self.hashes[at : at + count]
        texts = np.repeat(np.arange(len(self.firsts) - 1), self.counts())
        whole = texts[:count] == texts[size - 1 :]
        return mixed(sums[whole]), texts[:count][whole]


class Sought:
    """Hashes that are looked for among others, each found or not. different: how many there are."""

    def __init__(self, hashes: np.ndarray) -> None:
        self._hashes, self._places = np.unique(hashes, return_inverse=True)
        self.different = len(self._hashes)
        self._found = np.zeros(self.different, bool)
        self._quick = np.zeros(1 << _BITS, bool)
        self._quick[self._hashes >> np.uint64(64 - _BITS)] = True

    def find(self, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which of some others are sought, and the number of each in the sought ones' order."""
        near = np.flatnonzero(self._quick[hashes >> np.uint64(64 - _BITS)])
        if not len(near):  # otherwise something is sought
            return near, near
        numbers = np.minimum(np.searchsorted(self._hashes, hashes[near]), self.different - 1)
        same = self._hashes[numbers] == hashes[near]
        return near[same], numbers[same]

    def look_at(self, hashes: np.ndarray) -> None:
        """Mark those of the sought hashes that are among some others."""
        self._found[self.find(hashes)[1]] = True

    def found(self) -> np.ndarray:
        """Whether each hash, as they were given, was seen."""
        return self._found[self._places]


def mixed(values: np.ndarray) -> np.ndarray:
    """64-bit numbers whose bits all depend on all bits of the given ones (splitmix64's last step).

    Steele, Lea & Flood 2014.
    """
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def sketches(hashes: np.ndarray, whose: np.ndarray, texts: int, keys: int, rows: int) -> np.ndarray:
    """MinHash keys of some texts, each of `rows` lowest hashes (Broder 1997).

    Two texts of Jaccard index s have one of their keys in common with the probability
    1 - (1 - s ** rows) ** keys.
    hashes, whose: of `Words.shingles`, of so many texts. Returns (texts, keys), 0 where a text has
    no shingle.
    """
    found = np.zeros((texts, keys), np.uint64)
    begins = np.flatnonzero(np.diff(whose, prepend=-1))
    if not len(begins):
        return found
    made = np.zeros((len(begins), keys), np.uint64)
    for number in range(keys * rows):
        factor = mixed(np.array([number + 1], np.uint64)) | np.uint64(1)
        key = made[:, number // rows]
        key[:] = mixed(key * BASE + np.minimum.reduceat(hashes * factor, begins))
    found[whose[begins]] = made
    return found


def _word_hashes(codes: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The hash of each word, given where it begins (Karp & Rabin 1987).

    A piece of the bytes at a time, so that what is computed of them stays small.
    """
    powers, inverses = _powers(_PIECE)
    hashes = np.zeros(len(first), np.uint64)
    following = np.append(first[1:], len(codes))
    begin = 0
    while begin < len(first):
        here = int(first[begin])
        end = int(np.searchsorted(following, here + _PIECE, side="right"))
        if end > begin:
            piece = codes[here : following[end - 1]]  # what is no word adds nothing to a sum
            begins = first[begin:end] - here
            sums = np.add.reduceat(piece * powers[: len(piece)], begins)
            hashes[begin:end] = sums * inverses[begins]
        else:  # one word that is longer, with what follows it
            end = begin + 1
            for at in range(here, int(following[begin]), _PIECE):
                piece = codes[at : min(at + _PIECE, int(following[begin]))]
                hashes[begin:end] += (piece * powers[: len(piece)]).sum(dtype=np.uint64)
        begin = end
    return mixed(hashes)


def _bytes(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The UTF-8 bytes of some texts in a row, and where each begins, and the end.

    Letters beyond ASCII are lower case and in one spelling (NFKC: `ü` may be one code point or
    two); other signs beyond ASCII are blanks.
    """
    texts = pc.fill_null(texts.cast(pa.large_string()), "")
    if texts.offset or not len(texts):  # buffers are those of the whole array
        texts = pa.concat_arrays([texts, pa.array([], pa.large_string())])
    data, offsets = _buffers(texts)
    if len(data) and data.max() >= 128:
        texts = pc.utf8_lower(pc.utf8_normalize(texts, "NFKC"))
        texts = pc.replace_substring_regex(texts, _OTHER_SIGNS, " ")
        data, offsets = _buffers(texts)
    return data, offsets


def _buffers(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1) if offsets else np.zeros(1, np.int64)
    ends = ends[: len(texts) + 1]
    if data is None:
        return np.zeros(0, np.uint8), ends
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]], ends - ends[0]


@cache
def _powers(count: int) -> np.ndarray:
    """The first powers of the base modulo 2**64, and those of its inverse."""
    base = int(BASE)
    bases = np.full((2, count), [[base], [pow(base, -1, 2**64)]], np.uint64)
    bases[:, 0] = 1
    return np.cumprod(bases, axis=1)
