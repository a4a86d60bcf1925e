"""Names that no lexicon has, where the text shows that one must stand there.

A name that is missed in the other text may stand there in words that are unknown here. Two things
tell of it: an item of a list of names that is none itself, and an amount that is of the name in one
text and of nothing that is known in the other. Then the rules cannot tell, and say so.
"""

from collections.abc import Iterator

from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.model import Concept, Facts, Mention
from palimpsest.facts.units import is_same

_SEPARATORS = frozenset({",", "and", "or", "nor", "/", "plus"})
_ENDS = frozenset({".", ";", "!", "?", "\n", ":", ")", "", "on", "by"})
_OTHERWISE = frozenset("cue> cue< not none stop patient relative order month frequency".split())
_EMPTY = frozenset("a an the any her his their of".split())
_APART = frozenset("in on for to by at with from because due as she he they it".split())
_LONGEST = 3  # words of an item
_GAP = 5  # words between the names of a list
_STEM = 5  # letters by which words are one


def is_listed(mention: Mention, own: Facts, other: Facts) -> bool:
    """Whether a name stands in a list beside another, and an unknown item beside that elsewhere."""
    mates = _mates(mention, own)
    if not mates:
        return False
    stems = {word[:_STEM] for word in own.words}
    named = {at for one in other.mentions for at in range(*_place(one))}
    return any(
        any(word[:_STEM] not in stems for word in item)
        for one in other.mentions
        if one.concept in mates
        for item in _items(one, other.words, named)
    )


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
    return known is None or not any(_OTHERWISE.intersection(one.roles) for one in known[0])


def is_unnamed(mention: Mention, own: Facts, other: Facts) -> bool:
    """Whether the other text tells an amount of a name, and of nothing that is known."""
    bare = [one for one in other.quantities if one.anchor is None and not one.weak]
    of_it = [one for one in own.quantities if one.anchor == mention.concept and not one.weak]
    return any(one.kind in ("duration", "dose") and is_same(one, bare) for one in of_it)
