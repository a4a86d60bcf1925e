"""Names that no lexicon has, where the text shows that one must stand there.

A name that is missed in the other text may stand there in words that are unknown here. Three things
tell of it: an item of a list of names that is none itself, an amount that is of the name in one
text and of nothing that is known in the other, and a word that is neither read nor ordinary in the
sentence that tells the rest. Then the rules cannot tell, and say so.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.model import Concept, Facts, Mention
from palimpsest.facts.polarity import ENDS
from palimpsest.facts.tokens import stem
from palimpsest.facts.units import is_same

_SEPARATORS = frozenset({",", "and", "or", "nor", "/", "plus"})
_ENDS = frozenset({".", ";", "!", "?", "\n", ":", ")", "", "on", "by"})
_OTHERWISE = frozenset("cue> cue< not none stop patient relative order month frequency".split())
_EMPTY = frozenset("a an the any her his their of".split())
_APART = frozenset("in on for to by at with from because due as she he they it".split())
_STOPS = frozenset({*ENDS, "\n"})
_ORDER = 10  # words of an order behind its drug
_LONGEST = 3  # words of an item
_NEAR = 4  # words from a place in which its name must stand
_GAP = 5  # words between the names of a list


def is_listed(mention: Mention, own: Facts, other: Facts) -> bool:
    """Whether a name stands in a list beside another, and an unknown item beside that elsewhere."""
    mates = _mates(mention, own)
    if not mates:
        return False
    stems = {stem(word) for word in own.words}
    named = _named(other)
    return any(
        any(stem(word) not in stems for word in item)
        for one in other.mentions
        if one.concept in mates
        for item in _items(one, other.words, named)
    )


def is_unknown(concept: Concept) -> bool:
    """Whether a problem or procedure is one that no lexicon has (places.py)."""
    return concept[1][:1] == "?" and concept[0] != "medication"


def _named(facts: Facts) -> set[int]:
    """The words that are of a known name."""
    known = (one for one in facts.mentions if not is_unknown(one.concept))
    return {at for one in known for at in range(*_place(one))}


def _place(mention: Mention) -> tuple[int, int]:
    return mention.at, mention.at + len(mention.name)


def _mates(mention: Mention, facts: Facts) -> set[Concept]:
    """The problems next to a name in its list."""
    found = set()
    first, end = _place(mention)
    for one in facts.mentions:
        if one.concept[0] == "problem" and one.concept != mention.concept:
            start, last = _place(one)
            gap = facts.words[last:first] if last <= first else facts.words[end:start]
            if len(gap) <= _GAP and not _SEPARATORS.isdisjoint(gap) and _ENDS.isdisjoint(gap):
                found.add(one.concept)
    return found


def _items(mention: Mention, words: list[str], named: set[int]) -> Iterator[list[str]]:
    """The items beside a name in its list, if they are of a few words that name nothing."""
    first, end = _place(mention)
    for at, way in ((first - 1, -1), (end, 1)):
        begin = at
        while 0 <= at < len(words) and words[at] in _SEPARATORS:
            at += way
        if at == begin:
            continue
        item = []
        while 0 <= at < len(words) and at not in named and _is_plain(words[at], way):
            item.append(words[at])
            at += way
        beyond = words[at] if 0 <= at < len(words) else ""
        closed = beyond in _SEPARATORS or beyond in _ENDS or way < 0 and at not in named
        told = [word for word in item if word not in _EMPTY]
        if closed and told and len(told) <= _LONGEST and _APART.isdisjoint(told):
            yield told


def _is_plain(word: str, way: int) -> bool:
    """Whether a word may be one of a name: none that the rules know for something else."""
    if way < 0 and word in _APART:
        return False
    if not word.isalpha() or word in _SEPARATORS or word[-2:] == "ly":
        return False
    known = lexicon().names[word]
    return known is None or not any(_OTHERWISE.intersection(one.roles) for _, one in known[0])


class Elsewhere:
    """Where a text may tell in unknown words what another one names."""

    def __init__(self, own: Facts, other: Facts) -> None:
        """own: the text with the names; other: the one in which they are missed."""
        self.own, self.other = own, other

    @cached_property
    def _told(self) -> list[tuple[set[str], bool, set[str], bool]]:
        """What each sentence is about, with unknown words, with open places, with nothing else."""
        words = self.own.words
        known = {stem(word) for word in words}
        about = _stems(words)
        named = _named(self.other)
        found = []
        for first, end in _sentences(self.other.words):
            stems = _stems(self.other.words[first:end])
            unknown = self._has_unknown(self.other, first, end, known, named)
            places = {kind for at, kind in self._open if first <= at < end}
            found.append((stems, unknown, places, about.isdisjoint(stems)))
        return found

    @cached_property
    def _open(self) -> list[tuple[int, str]]:
        """The places in which ordinary words stand where a name must, and of what kind."""
        names = {at for one in self.other.mentions for at in range(*_place(one))}
        return [
            (near[0], kind)
            for at, way, kind in self.other.places
            if (near := [*range(at, at + _NEAR)] if way > 0 else [*range(at - _NEAR, at)])
            and near[0] >= 0
            and names.isdisjoint(near)
        ]

    def _has_unknown(
        self, facts: Facts, first: int, end: int, known: set[str], named: set[int]
    ) -> bool:
        """Whether a sentence has a word that could name something and is not in the other text."""
        return any(
            stem(word) not in known and may_name(word)
            for at, word in enumerate(facts.words[first:end], first)
            if not facts.read[at] and at not in named
        )

    def may_tell(self, mention: Mention) -> bool:
        """Whether the sentence that tells most of what stands beside a name has unknown words.

        Of a name that no lexicon has, also ordinary words where one of its kind must stand. Where
        no sentence tells any of it, one that tells nothing else of the text.
        """
        words = self.own.words
        first, end = _place(mention)
        while first > 0 and words[first - 1] not in _STOPS:
            first -= 1
        while end < len(words) and words[end] not in _STOPS:
            end += 1
        kind = mention.concept[0] if is_unknown(mention.concept) else ""
        beside = _stems(words[first:end]) - _stems(mention.name)
        most = max((len(beside & stems) for stems, *_ in self._told), default=0)
        return any(
            (unknown or kind in places) and (len(beside & stems) == most if most else alone)
            for stems, unknown, places, alone in self._told
        )


def _stems(words: Sequence[str]) -> set[str]:
    """What a text is about: its words that are neither short nor ordinary, and its numbers."""
    return set(map(lexicon().content.__getitem__, words)) - {""}


def _sentences(words: list[str]) -> Iterator[tuple[int, int]]:
    """The first word and the end of each sentence or line."""
    first = 0
    for at, word in enumerate([*words, "."]):
        if word in _STOPS:
            if at > first:
                yield first, at
            first = at + 1


def may_name(word: str) -> bool:
    """Whether a word could be one of an unknown name: it is long enough, and not ordinary."""
    return bool(lexicon().unnamed[word])


def may_tell_often(drug: Concept | None, other: Facts) -> bool:
    """Whether an unknown word stands behind a drug, where the other text may say how often."""
    named = _named(other)
    for one in other.mentions:
        if one.concept != drug:
            continue
        first = _place(one)[1]
        for at in range(first, min(first + _ORDER, len(other.words))):
            if other.words[at] in _STOPS or at in named:
                break
            if not other.read[at] and may_name(other.words[at]):
                return True
    return False


def is_unnamed(mention: Mention, own: Facts, other: Facts) -> bool:
    """Whether the other text tells an amount of a name, and of nothing that is known."""
    bare = [one for one in other.quantities if one.anchor is None and not one.weak]
    of_it = [one for one in own.quantities if one.anchor == mention.concept and not one.weak]
    return any(one.kind in ("duration", "dose") and is_same(one, bare) for one in of_it)
