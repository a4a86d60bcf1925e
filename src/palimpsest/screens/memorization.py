"""The screen of sentences that repeat notes: eight words in a row that few patients' notes have.

What many patients' notes have is how notes are worded, and nobody's to hide. What few have may be
one patient's story, and an LLM that was trained on notes can repeat it (Carlini et al. 2021, arXiv
2012.07805).

Notes number in millions and written sentences in thousands. So the notes are only looked through,
and exactly, word by word, only those that have eight runs of letters and digits in a row in common
with a sentence: these are found by a rolling hash (Karp & Rabin 1987) over whole batches at once.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Literal

import numpy as np
from pydantic import Field

from palimpsest.screens.screen import NAME, Answer, SentenceScreen
from palimpsest.text.ngrams import WORD, ngrams, words

WORDS = 8  # in a row
Gram = tuple[str, ...]

_CODES = np.zeros(256, np.uint8)  # letters and digits of ASCII, without case; 0: all else
for _code, _letter in enumerate("0123456789abcdefghijklmnopqrstuvwxyz", start=1):
    _CODES[[ord(_letter), ord(_letter.upper())]] = _code
_START = 64  # is added to the code that starts a run
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_BITS = 22  # of a hash that the quick look goes by
# The only characters beyond ASCII that are ASCII in lower case: K (Kelvin) and capital dotted I.
_FOLDED = ("\u212a".encode(), "\u0130".encode())


def _run_hashes(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The hash of each stretch of `WORDS` runs of ASCII letters and digits, and where it starts.

    Words of `text.ngrams` are made of such runs, and between words there is none: the same words
    in a row have the same runs in a row. The reverse does not hold ("3.5" and "3 5").
    """
    codes = _CODES[np.frombuffer(data, np.uint8)]
    inside = codes > 0
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    places = np.flatnonzero(inside)
    starts = starts[places]
    begins = np.flatnonzero(starts)
    if len(begins) < WORDS:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    powers, inverse = _powers(len(places).bit_length())
    terms = (codes[places] + _START * starts).astype(np.uint64)
    terms *= powers[: len(places)]
    sums = np.zeros(len(places) + 1, np.uint64)
    np.cumsum(terms, out=sums[1:])
    firsts = begins[: len(begins) - WORDS + 1]
    ends = np.append(begins[WORDS:], len(places))
    return (sums[ends] - sums[firsts]) * inverse[firsts], places[firsts]


@cache
def _powers(bits: int) -> np.ndarray:
    """The first 2**bits powers of the base modulo 2**64, and those of its inverse."""
    bases = np.full((2, 1 << bits), [[_BASE], [pow(_BASE, -1, 2**64)]], np.uint64)
    bases[:, 0] = 1
    return np.cumprod(bases, axis=1)


def _gram_at(note: str, place: int) -> Gram:
    """The words of a note from the one on that has its character at `place`."""
    blank = max(note.rfind(" ", 0, place), note.rfind("\n", 0, place))  # no word has one
    found = (match for match in WORD.finditer(note, blank + 1) if match.end() > place)
    return tuple(match.group().lower() for match in islice(found, WORDS))


def _hashed(gram: Gram) -> int | None:
    """The hash of the first runs of a gram; None where these do not begin in its first word."""
    hashes, places = _run_hashes(" ".join(gram).encode())
    # Words beyond ASCII have no runs: there may be too few, or they begin later.
    return int(hashes[0]) if len(hashes) and places[0] < len(gram[0].encode()) else None


class NoteGrams:
    """Counts in the notes of how many patients each 8-gram of some sentences stands."""

    def __init__(self, sentences: Iterable[str], generic_patients: int) -> None:
        """generic_patients: an 8-gram that notes of so many patients have is generic."""
        self.generic_patients = generic_patients
        self.patients: dict[Gram, set[str]] = {}  # of those that are found and not generic
        self._generic: set[Gram] = set()
        grams = {gram for text in sentences for gram in ngrams(words(text), WORDS)}
        self._sought = {gram: _hashed(gram) for gram in grams}
        self._look_for()

    def _look_for(self) -> None:
        hashes = set(self._sought.values())
        # With one that no hash stands for, every note is read word by word.
        self._blind = None in hashes
        hashes.discard(None)
        self._hashes = np.sort(np.fromiter(hashes, np.uint64, len(hashes)))
        self._quick = np.zeros(1 << _BITS, bool)
        self._quick[self._hashes >> np.uint64(64 - _BITS)] = True

    def scan(self, patients: list[str], notes: list[str]) -> None:
        """Look through some notes, given with the patient of each."""
        reached = False
        for index, gram in self._candidates(notes):
            if gram not in self._sought:
                continue
            whose = self.patients.setdefault(gram, set())
            whose.add(patients[index])
            if len(whose) >= self.generic_patients:
                self._generic.add(gram)
                del self.patients[gram], self._sought[gram]
                reached = True
        if reached:
            self._look_for()

    def _candidates(self, notes: list[str]) -> Iterator[tuple[int, Gram]]:
        """8-grams of some notes, each with the note's place: all that are sought, few others."""
        texts = [note.encode() for note in notes]
        data = b"\n".join(texts)
        if self._blind or any(letter in data for letter in _FOLDED):
            for index, note in enumerate(notes):
                yield from ((index, gram) for gram in ngrams(words(note), WORDS))
            return
        hashes, places = _run_hashes(data)
        near = np.flatnonzero(self._quick[hashes >> np.uint64(64 - _BITS)])
        after = np.searchsorted(self._hashes, hashes[near], side="right")
        near = near[(after > 0) & (self._hashes[after - 1] == hashes[near])]
        begins = np.cumsum([0, *(len(text) + 1 for text in texts)])
        whose = np.searchsorted(begins, places[near], side="right") - 1
        offsets = (places[near] - begins[whose]).tolist()
        for index, offset in zip(whose.tolist(), offsets, strict=True):
            # From bytes to characters.
            yield index, _gram_at(notes[index], len(texts[index][:offset].decode()))

    def repeated(self, tokens: list[str]) -> bool:
        """Whether a sentence, given as words, has an 8-gram that notes have and is not generic."""
        return any(gram in self.patients for gram in ngrams(tokens, WORDS))

    def generic(self) -> list[str]:
        """The generic 8-grams, in order. Counting of each stopped at `generic_patients`."""
        return sorted(" ".join(gram) for gram in self._generic)


class RealText(SentenceScreen):
    """Rejects a sentence with eight words in a row that stand in notes of few patients."""

    name: Literal["real_text"] = NAME
    notes: NoteGrams = Field(description="What of the sentences the notes have.")

    def check(self, answer: Answer) -> str | None:
        return self.name if self.notes.repeated(answer.words) else None
