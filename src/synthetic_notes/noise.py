"""Slips of those who write, dictate, scan and copy notes, in a declared amount.

A slip touches one word, or the white space after it. No slip touches protected health information,
a number, a dose or how often it is given, so that what the note says stays true; mentions may be
misspelled. All offsets of the gold follow the text.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random
from typing import TypeVar

from synthetic_notes.gold import GeneratedNote, LabelledSentence, Pair, PhiSpan
from synthetic_notes.lexicon import LABS
from synthetic_notes.markup import Span

_Gold = TypeVar("_Gold", Span, PhiSpan, LabelledSentence, Pair)

MAX_NOISE = 0.4  # of the words; beyond, too few are left that may be touched

# a typo in one of these could change a fact: negation, amounts, routes and times of doses
_FIXED = frozenset(
    "no not nor mg mcg g kg ml l cm mm units unit puffs puff tab tabs po iv sc sl inh ou prn daily "
    "weekly bid tid qid qhs hs every other day days hours weeks months week month year years one "
    "two three four five six seven eight nine ten m f am pm md mg/kg cc/kg meq".split()
) | {unit.lower() for _, unit, *_ in LABS.values()}
_WORD = re.compile(r"\S+")
_OFFSETS = ("start", "end")
_DIGIT = re.compile(r"\d")
_CORE = re.compile(r"[A-Za-z][A-Za-z'/&-]*[A-Za-z]")
_KEYS = {
    key: near
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for key, near in zip(row, row[1:] + row[-2], strict=True)
}
_SCANNED = (("rn", "m"), ("m", "rn"), ("cl", "d"), ("l", "1"), ("o", "0"), ("e", "c"), ("h", "b"))
_HEARD = {
    **{"there": "their", "their": "there", "were": "where", "to": "too", "your": "you're"},
    **{"been": "bin", "course": "coarse", "seen": "scene", "by": "buy", "due": "do"},
    **{"patient": "patience", "presents": "presence", "which": "witch", "in": "and"},
}
_SHORT = {
    **{"patient": "pt", "with": "w/", "without": "w/o", "history": "hx", "hospital": "hosp"},
    **{"discharge": "d/c", "discharged": "d/c'd", "admission": "adm", "admitted": "adm'd"},
    **{"bilateral": "b/l", "symptoms": "sx", "treated": "tx'd", "continued": "cont'd"},
    **{"medications": "meds", "moderate": "mod", "left": "L", "right": "R", "evaluate": "eval"},
    **{"because": "b/c", "increased": "incr", "secondary": "2ndary", "presented": "pres'd"},
    **{"started": "st'd", "improved": "impr", "chronic": "chr", "abdominal": "abd", "and": "&"},
}


@dataclass(frozen=True)
class Slip:
    """`text[start:end]` becomes `new`; word: which word of the text it touches, from 0."""

    start: int
    end: int
    new: str
    word: int


@dataclass(frozen=True)
class _Place:
    """A word that may be touched: start and end of its letters, and of all of it."""

    text: str
    letters: tuple[int, int]
    whole: tuple[int, int]
    in_mention: bool
    number: int

    @property
    def word(self) -> str:
        return self.text[slice(*self.letters)]

    @property
    def after(self) -> str:
        """What is between the letters and the next white space."""
        return self.text[self.letters[1] : self.whole[1]]

    def slip(self, start: int, end: int, new: str) -> Slip:
        return Slip(start, end, new, self.number)

    def respelled(self, new: str) -> Slip:
        return self.slip(*self.letters, new)


def add_noise(note: GeneratedNote, share: float, rng: Random) -> GeneratedNote:
    """The note with slips in `share` of its words; nothing changes where it is 0."""
    slips = draw_slips(note, share, rng) if share else []
    if not slips:
        return note
    pieces, done = [], 0
    for slip in slips:
        pieces += (note.text[done : slip.start], slip.new)
        done = slip.end
    ends = [slip.end for slip in slips]
    shifts = [0, *accumulate(len(slip.new) - (slip.end - slip.start) for slip in slips)]

    def moved(gold: tuple[_Gold, ...]) -> tuple[_Gold, ...]:
        # no slip lies across an offset of the gold, see `_place`
        return tuple(
            type(label)(
                label.start + shifts[bisect_right(ends, label.start)],
                label.end + shifts[bisect_right(ends, label.end)],
                **{name: value for name, value in vars(label).items() if name not in _OFFSETS},
            )
            for label in gold
        )

    return replace(
        note,
        text="".join(pieces) + note.text[done:],
        spans=moved(note.spans),
        phi=moved(note.phi),
        sentences=moved(note.sentences),
        pairs=moved(note.pairs),
    )


def draw_slips(note: GeneratedNote, share: float, rng: Random) -> list[Slip]:
    """Slips in text order, each in another word: `share` of all words, to the nearest.

    Fewer only if the note has not so many words that may be touched.
    """
    words = [match.span() for match in _WORD.finditer(note.text)]
    wanted = round(share * len(words))
    if not wanted:
        return []
    gold = (note.spans, note.phi, note.sentences, note.pairs)
    edges = sorted({p for labels in gold for label in labels for p in (label.start, label.end)})
    phi = [(span.start, span.end) for span in note.phi]
    mentions = [(span.start, span.end) for span in note.spans]
    slips: list[Slip] = []
    order = list(range(len(words)))
    for drawn in range(len(words)):
        # a shuffle that stops where enough words were found
        other = rng.randrange(drawn, len(words))
        order[drawn], order[other] = order[other], order[drawn]
        number = order[drawn]
        start, end = words[number]
        place = _place(note.text, start, end, number, edges)
        if place is None or _overlaps(phi, start, end):
            continue
        # the white space after the word may belong to a mention too
        slip = _slip(replace(place, in_mention=_overlaps(mentions, start, end + 1)), rng)
        if slip is not None:
            slips.append(slip)
            if len(slips) == wanted:
                break
    return sorted(slips, key=lambda slip: slip.start)


def _place(text: str, start: int, end: int, number: int, edges: list[int]) -> _Place | None:
    """The word `text[start:end]`, None if no slip may touch it; edges: of the gold, sorted."""
    word = text[start:end]
    core = _CORE.search(word)
    if core is None or _DIGIT.search(word) or core.group().lower() in _FIXED:
        return None
    # a title keeps its form
    if word.endswith(":") and text[end : end + 1] == "\n":
        return None
    letters = (start + core.start(), start + core.end())
    # so does a word that is half a mention
    index = bisect_right(edges, letters[0])
    if index < len(edges) and edges[index] < letters[1]:
        return None
    return _Place(text, letters, (start, end), False, number)


def _overlaps(intervals: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether any of the sorted disjoint intervals overlaps [start, end)."""
    index = bisect_left(intervals, (end,))
    return index > 0 and intervals[index - 1][1] > start


def _slip(place: _Place, rng: Random) -> Slip | None:
    for _ in range(8):
        kind = rng.choices(_KINDS, _WEIGHTS)[0]
        slip = kind(place, rng)
        if slip is not None and place.text[slip.start : slip.end] != slip.new:
            return slip
    return None


def _typo(place: _Place, rng: Random) -> Slip | None:
    word = place.word
    # the first letter is what readers hold on to; shorter words could become others
    if len(word) < 4 or word.isupper():
        return None
    index = rng.randrange(1, len(word) - 1)
    here, following = word[index], word[index + 1]
    letter = rng.choice(
        (following + here, following, here + here + following, _KEYS.get(here, here) + following)
    )
    return place.respelled(word[:index] + letter + word[index + 2 :])


def _scanned(place: _Place, rng: Random) -> Slip | None:
    word = place.word
    seen, read = rng.choice(_SCANNED)
    index = word.find(seen, 1)
    if len(word) < 4 or index < 0:
        return None
    return place.respelled(word[:index] + read + word[index + len(seen) :])


def _heard(place: _Place, rng: Random) -> Slip | None:
    if place.after in (",", ".") and not place.in_mention and rng.random() < 0.5:
        spoken = {",": " comma", ".": " period"}[place.after]
        return place.slip(place.letters[1], place.whole[1], spoken)
    heard = _HEARD.get(place.word)
    return None if heard is None or place.in_mention else place.respelled(heard)


def _shortened(place: _Place, rng: Random) -> Slip | None:
    short = _SHORT.get(place.word.lower())
    return None if short is None else place.respelled(short)


def _cased(place: _Place, rng: Random) -> Slip | None:
    word = place.word
    return place.respelled(rng.choice((word.upper(), word.lower(), word[0].swapcase() + word[1:])))


def _repeated(place: _Place, rng: Random) -> Slip | None:
    if place.in_mention or place.after or place.word != place.text[slice(*place.whole)]:
        return None
    return place.slip(place.letters[1], place.letters[1], f" {place.word}")


def _unpunctuated(place: _Place, rng: Random) -> Slip | None:
    if place.after not in (",", ".", ";") or place.in_mention:
        return None
    return place.slip(place.letters[1], place.whole[1], "")


def _joined(place: _Place, rng: Random) -> Slip | None:
    end = place.whole[1]
    if place.after not in (",", ".", ";", ":") or place.text[end : end + 1] != " ":
        return None
    return place.slip(end, end + 1, "")


def _wrapped(place: _Place, rng: Random) -> Slip | None:
    end = place.whole[1]
    # not inside of a mention, and not behind a title of a line
    if place.in_mention or place.text[end : end + 1] != " " or place.after == ":":
        return None
    return place.slip(end, end + 1, "\n")


_WEIGHTED: dict[Callable[[_Place, Random], Slip | None], int] = {
    _typo: 34,
    _shortened: 12,
    _wrapped: 12,
    _cased: 10,
    _scanned: 8,
    _unpunctuated: 7,
    _joined: 7,
    _repeated: 5,
    _heard: 5,
}
_KINDS, _WEIGHTS = tuple(_WEIGHTED), tuple(_WEIGHTED.values())
