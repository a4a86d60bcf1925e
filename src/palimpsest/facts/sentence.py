"""What a sentence says of what it names: whether it is there, whose it is, and what comes first."""

from itertools import accumulate

from palimpsest.facts.amounts import DASHES, Read, Reader
from palimpsest.facts.lexicon import lexicon, tokens_of, word_of
from palimpsest.facts.model import Concept, Facts, Order

ENDS = frozenset(".;!?")
_LISTED = frozenset({",", "and", "or", "nor", "/", "as", "well"})  # between names of a list
# Not "of" and "in": swelling of the legs, episodes of vomiting.
_LINKS = frozenset("with on for to by from at without but while than that".split())
_NEAR, _UNKNOWN = 4, 8  # words between the last name of a list and what is said of it
_THEN = frozenset({"then", "later", "subsequently", "afterward", "thereafter"})
_SEQUENCE = frozenset({"before", "prior", "after"})
_EMPTY = frozenset("their this that these those being having been some such when then".split())
_STEM = 5  # letters by which words are one
_AROUND = 3  # words after a number in which its direction must be said


class Sentence:
    """The tokens of a text, and what was met in the sentence that is being read.

    section: family or allergy, while such a section lasts. facts: of the text so far.
    """

    def __init__(self, text: str) -> None:
        known = lexicon()
        self.tokens = tokens_of(text)
        self.norms = list(map(known.norms.__getitem__, self.tokens))
        self.names = list(map(known.names.__getitem__, self.tokens))
        self.starts = [0, *accumulate(map(len, self.tokens))]
        self.reader = Reader(self.tokens, self.norms, self.names)
        self.facts = Facts(words=self.norms)
        self.section = ""
        self.found: list[tuple[int, int, Concept]] = []  # first token, end, concept
        self._new_sentence(0)

    def _new_sentence(self, first: int) -> None:
        self.first = first  # index of its first token
        self.previous = self.found[-1:]  # of the sentence before
        self.found = []
        self.cues: list[tuple[int, int, str, str]] = []  # first token, end, way, what
        self.stops: list[int] = []
        self.relatives: list[tuple[int, int]] = []
        self.allergies: list[tuple[int, str]] = []
        self.amounts: list[tuple[int, int, Read, bool]] = []
        self.rates: list[tuple[int, int, float, str]] = []
        self.sequences: list[tuple[int, int, int]] = []  # first token, end, way

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Character offsets of tokens, without the blanks after the last one."""
        last = self.starts[end - 1] + len(word_of(self.tokens[end - 1]))
        return self.starts[first], last

    def _said(self, place: int, first: int, end: int) -> str:
        """Whether the sentence says that a name is present, absent or possible."""
        said, nearest = "present", -1
        for start, after, way, what in self.cues:
            if way == ">" and after <= first:
                if any(after < stop < first for stop in self.stops):
                    continue
                if start > nearest:
                    said, nearest = what, start
            elif way == "<" and start >= end and self._reaches_back(place, end, start):
                return what
        return said

    def _reaches_back(self, place: int, end: int, cue: int) -> bool:
        """Whether nothing but listed names and a word or two stand between a name and a cue."""
        last = self.found[-1]
        between = place
        for between in range(place, len(self.found)):
            if self.found[between][0] >= cue:
                between -= 1
                break
        last = self.found[between]
        # One more of the list may have a name that is unknown here.
        near = _UNKNOWN if self.norms[last[1]] in _LISTED else _NEAR
        if any(last[1] <= stop < cue for stop in self.stops) or cue - last[1] > near:
            return False
        for at in range(place, between):
            gap = self.norms[self.found[at][1] : self.found[at + 1][0]]
            others = [word for word in gap if word not in _LISTED]
            if len(others) == len(gap) or len(others) > 4 or not _LINKS.isdisjoint(others):
                return False
        return True

    def _belongs(self, end: int, relative: int) -> bool:
        """Whether a name is said to be that of a relative after it: "asthma in her mother"."""
        between = self.norms[end:relative]
        return len(between) <= 6 and bool(
            {"in", "of", "by"} & set(between)
            and not {",", ";", "who"} & set(between)
            or {"affect", "affected", "run"} & set(between)
        )

    def _is_allergy(self, first: int, end: int) -> bool:
        if self.section == "allergy":
            return True
        for at, way in self.allergies:
            if way == ">" and at <= first and first - at < 16:
                # The cue's own verb ends nothing: allergies are notable for penicillin.
                if not any(at < stop < first for stop in self.stops):
                    return True
            if way == "<" and 0 <= at - end <= 1:
                return True
        return False

    def _orders(self) -> None:
        for at, end, way in self.sequences:
            self._order_of_word(at, end, way)
            before = [found for found in self.found if found[1] <= at]
            after = [found for found in self.found if found[0] > at]
            if not after:
                continue
            if before and at - before[-1][1] <= 8:
                one, other = before[-1], after[0]
            elif self.previous and self.norms[at] in _THEN and at - self.first <= 1:  # "A. Then B"
                one, other = self.previous[0], after[0]
            elif not before and at - self.first <= 1 and len(after) > 1:  # "After A, B"
                one, other = after[1], after[0]
                if "," not in self.norms[other[1] : one[0]]:
                    continue
            else:
                continue
            if other[0] - at > 5 and one is not after[-1]:
                continue
            if one[2] == other[2]:
                continue
            earlier, later = (one, other) if way > 0 else (other, one)
            place = self.span(min(one[0], other[0]), max(one[1], other[1]))
            self.facts.orders.append(Order(earlier[2], later[2], *place))

    def _order_of_word(self, at: int, end: int, way: int) -> None:
        """That something is before or after what has no name here: "after reviewing the films"."""
        if self.norms[at] not in _SEQUENCE:
            return
        for index in range(end, min(end + _AROUND, len(self.tokens))):
            word = self.norms[index]
            if word in ENDS or not word.isalpha() or word == "which":
                return
            if len(word) > 3 and word not in _EMPTY:
                this, that = ("word", ""), ("word", word[:_STEM])
                earlier, later = (this, that) if way > 0 else (that, this)
                self.facts.orders.append(Order(earlier, later, *self.span(at, index + 1)))
                return

    def _anchor(self, first: int, end: int, kinds: tuple[str, ...]) -> Concept | None:
        """What an amount is of: the name after its "of", else the last one before it."""
        if self.reader.norm(end) in ("of", "dose"):
            for at, _, concept in self.found:
                if end < at <= end + 2 and concept[0] in kinds:
                    return concept
        if self.reader.norm(end) == "(":  # 102 bpm (HR)
            for at, after, concept in self.found:
                if at == end + 1 and concept[0] in kinds and self.reader.norm(after) == ")":
                    return concept
        found, near = None, False
        for at, after, concept in self.found:
            if at >= first:
                if at == end and concept[0] == "medication" and concept[0] in kinds and not near:
                    return concept  # 25 mg losartan
                break
            if concept[0] in kinds:
                found, near = concept, after == first
        return found

    def _direction(self, first: int, end: int) -> int:
        for at in range(end, min(end + _AROUND, len(self.tokens))):
            if self.norms[at] in ENDS or self.norms[at] in (",", "\n", *DASHES):
                break
            way, _ = self.reader.role(at, "direction")
            if way is not None:
                return int(way)
        before = self.reader.norm(first - 1)
        if before in ("past", "last", "previou"):
            return -1
        return 1 if before == "in" else 0
