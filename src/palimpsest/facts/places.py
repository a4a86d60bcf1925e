"""Problems and procedures that no lexicon has: words that stand where one must stand.

"Negative for X", "a history of X", "X was ruled out", "underwent X": what stands there names
something, and a text that turns it round, drops it or adds it says something else. A name is known
by its first word that is neither known nor ordinary. Once it stands in such a place in one text, it
is read in the other wherever it stands (compare.py).
"""

from bisect import bisect_left
from collections.abc import Iterable

from palimpsest.facts.doses import Doses
from palimpsest.facts.model import Concept, Facts
from palimpsest.facts.polarity import BE, ENDS, LISTED
from palimpsest.facts.unknown import is_unknown, may_name

_APART = frozenset("in on for to by at with from because due as she he they it of per via".split())
_LEADING = 3  # words before the one that is not ordinary
_LONGEST = 5  # words of a name
# No part of a name; a side or a part of the body may be.
_OTHERWISE = frozenset(
    "concept stop cue> cue< not relative order month frequency route number patient place> "
    "place<".split()
)
_AUXILIARY = BE | frozenset("has have had can could may might would did does do".split())


class Places(Doses):
    """A sentence that looks for names where some must stand."""

    def _unknown_names(self, end: int) -> None:
        """Look in a sentence that ends before a token, if it has words that may name something."""
        places = self.places
        for cue in self.cues:
            # Of one that looks both ways, the second only where nothing stands on the first.
            first, *second = (1 if way == ">" else -1 for way in cue.way)
            places.append((cue.end if first > 0 else cue.first, first, "problem"))
            if second:
                places.append((cue.end if first < 0 else cue.first, 2 * second[0], "problem"))
        for _, after, concept in self.found:
            if concept[0] == "procedure" and self.norms[after] in (":", "with"):  # CT: X
                places.append((after + 1, 1, "problem"))
        self.facts.places += places
        if not self._has_unnamed(end):
            return
        before, taken, named = len(self.found), self._taken(), False
        for at, way, kind in places:
            if named and way in (2, -2):
                continue
            known = len(self.found)
            named = self._after(at, kind, taken) if way > 0 else self._before(at, kind, taken)
            if len(self.found) > known:
                taken = self._taken()
        if self.relatives:
            self._of_relatives()
        if len(self.found) > before:
            self.found.sort()

    def _has_unnamed(self, end: int) -> bool:
        """Whether the sentence, which ends before a token, has a word that may name something."""
        at = bisect_left(self.unnamed, self.first)
        return at < len(self.unnamed) and self.unnamed[at] < end

    def _of_relatives(self) -> None:
        """What is unknown in a sentence of a relative is what he has."""
        taken, at, size = self._taken(), self.first, len(self.tokens)
        while at < size and self.norms[at] not in ENDS and self.norms[at] != "\n":
            end = at
            while end < size and end not in taken and self._is_word(end) and self._may_name(end):
                end += 1
            if end > at:
                self.found.append((at, end, ("problem", f"?{self.norms[at]}")))
            at = max(end, at + 1)

    def _taken(self) -> dict[int, int]:
        """By each token of a name where the name ends."""
        return {index: end for first, end, _ in self.found for index in range(first, end)}

    def _after(self, at: int, kind: str, taken: dict[int, int]) -> bool:
        """The names of a list that begins at a token; whether there is one, known or not."""
        first = True
        while True:
            words = self._words(range(at, min(at + _LONGEST, len(self.tokens))), taken)
            after = at + len(words)
            if after in taken:
                after = taken[after]
            elif named := self._named(words):
                if not first and self.norms[after] not in LISTED | ENDS | {"", "\n"}:
                    return True
                self.found.append((*named, (kind, f"?{self.norms[named[0]]}")))
            else:
                return not first
            at, first = after, False
            while self.norms[at] in LISTED:
                at += 1
            if at == after:
                return True

    def _before(self, at: int, kind: str, taken: dict[int, int]) -> bool:
        """The name that ends before a token and the verb's auxiliaries; whether there is one."""
        while at > self.first and (
            self.norms[at - 1] in _AUXILIARY or self.norms[at - 1][-2:] == "ly"
        ):
            at -= 1
        least = max(self.first, at - _LONGEST)
        words = self._words(range(at - 1, least - 1, -1), taken)[::-1]
        if at - len(words) - 1 in taken:
            return True
        if named := self._named(words):
            self.found.append((*named, (kind, f"?{self.norms[named[0]]}")))
            return True
        return False

    def _words(self, places: Iterable[int], taken: dict[int, int]) -> list[int]:
        """The places up to the first that can be none of a name."""
        found: list[int] = []
        for at in places:
            if at in taken or not self._is_word(at):
                break
            found.append(at)
        return found

    def _named(self, words: list[int]) -> tuple[int, int] | None:
        """Where a name begins and ends: its words that are neither known nor ordinary."""
        for place, at in enumerate(words[: _LEADING + 1]):
            if self._may_name(at):
                end = at + 1
                while end - at < len(words) - place and self._may_name(end):
                    end += 1
                return at, end
        return None

    def _may_name(self, at: int) -> bool:
        return not self.facts.read[at] and may_name(self.norms[at])

    def _is_word(self, at: int) -> bool:
        norm, known = self.norms[at], self.names[at]
        if known is True or not norm.isalpha() or norm in _APART or norm in LISTED:
            return False
        return known is None or not any(_OTHERWISE.intersection(one.roles) for _, one in known[0])


def placed(own: Facts, other: Facts) -> dict[str, Concept]:
    """By unknown words of a text, what they name where they stand in their place in the other."""
    unknown = [one.concept for one in other.mentions if one.concept[1][0] == "?"]
    if not unknown:
        return {}
    named = {one.concept[1] for one in own.mentions}
    words = set(own.words)
    return {
        concept[1][1:]: concept
        for concept in unknown
        if is_unknown(concept) and concept[1][1:] in words and concept[1] not in named
    }
