"""Names whose words stand apart in a text: "pain in the left leg" for left leg pain."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from palimpsest.facts.entries import Remembered
from palimpsest.facts.model import Mention
from palimpsest.facts.tokens import stem

_INITIALS = 3  # words of a name of which the first letters stand for it
_APART = 7  # words between those of one name
_SHORT = 4  # letters of a name that a longer word may begin with: pain, painful
_HURTS = frozenset("hurt ache achi sore pain".split())  # how words begin that tell of pain
_MOST = 40  # places of a word that are looked at


def _beginnings(word: str) -> set[str]:
    """By what a word is found: its first letters, and pain where it says that something hurts."""
    if len(word) <= 2:
        return set()
    return {stem(word), word[:_SHORT], "pain" if word[:_SHORT] in _HURTS else stem(word)}


_BEGINNINGS = Remembered(_beginnings)


class Told:
    """The words of a text, and where each stands."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where words stand, by their first letters; a short one is all of them."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, begins in enumerate(map(_BEGINNINGS.__getitem__, self.words)):
            for begin in begins:
                if len(known := found[begin]) < _MOST:
                    known.append(at)
        return dict(found)

    def tells(self, mention: Mention) -> bool:
        """Whether the words of a name stand near one another, or its initials: PKD."""
        places = self._places
        if len(mention.name) >= _INITIALS and initials(mention.name) in places:
            return True
        if mention.concept[1].startswith("?"):  # a name that no lexicon has
            return stem(mention.name[0]) in places
        stems = {stem(word) for word in mention.name if len(word) > 2}
        if len(stems) < 2 or not stems <= places.keys():
            return False
        rarest = min(stems, key=lambda stem: len(places[stem]))
        return any(
            all(any(abs(at - other) <= _APART for other in places[stem]) for stem in stems)
            for at in places[rarest]
        )


def initials(words: Sequence[str]) -> str:
    """The first letters of the words of a name."""
    return "".join(word[0] for word in words)
