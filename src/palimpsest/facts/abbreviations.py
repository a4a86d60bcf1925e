"""Abbreviations that no lexicon has, told by the name that the other text writes out: CF, SDH."""

from collections.abc import Sequence

from palimpsest.facts.lexicon import SHORT, lexicon
from palimpsest.facts.model import Concept, Facts

_BEFORE = 2  # words before a name that may belong to it: exploratory laparotomy
_CUT = 4  # letters that are left of a name at least
_LOOKED = 40  # abbreviations of a text that are held against names: time stays linear in its length
_KINDS = ("problem", "procedure")
_EMPTY = frozenset("of the a an and in to".split())


def abbreviates(short: str, words: Sequence[str]) -> bool:
    """Whether an abbreviation has the first letter of each word, and others only in their order.

    After Schwartz & Hearst (2003), who find the long form beside the short one.
    """
    told = [word for word in words if word not in _EMPTY]
    if len(told) < 2 or len(short) not in SHORT:
        return False
    reached = {(0, 0)}  # words that are begun, letters of the last one that are passed
    for letter in short:
        following = set()
        for begun, passed in reached:
            if begun < len(told) and told[begun].startswith(letter):
                following.add((begun + 1, 1))
            if begun and (at := told[begun - 1].find(letter, passed)) >= 0:
                following.add((begun, at + 1))
        reached = following
    return any(begun == len(told) for begun, _ in reached)


def abbreviated(own: Facts, other: Facts) -> dict[str, Concept]:
    """By unknown words of a text in capitals, the name of the other text that each stands for."""
    shown = map(lexicon().shorts.__getitem__, own.tokens)
    told = [word for at, word in enumerate(shown) if word and not own.read[at]]
    shorts = list(dict.fromkeys(told))[:_LOOKED]
    if not shorts:
        return {}
    named = {one.concept for one in own.mentions}
    found: dict[str, Concept] = {}
    for one in other.mentions:
        if one.concept[0] not in _KINDS or one.concept in named:
            continue
        for short in shorts:
            end = one.at + len(one.name)
            begins = range(max(0, one.at - _BEFORE), one.at + 1)
            if any(abbreviates(short, other.words[first:end]) for first in begins):
                found.setdefault(short, one.concept)
    return found


def shortened(own: Facts, other: Facts) -> dict[str, Concept]:
    """By unknown words of a text, the name of the other text of which each is the beginning: hydro.

    A word that begins several names stands for none.
    """
    told = (own.words[at] for at in own.unnamed if not own.read[at])
    unknown = [word for word in dict.fromkeys(told) if len(word) >= _CUT][:_LOOKED]
    if not unknown:
        return {}
    named = {one.concept for one in own.mentions}
    names = {
        (one.name[0], one.concept)
        for one in other.mentions
        if one.concept[0] in _KINDS and one.concept not in named and len(one.name) == 1
    }
    found = {}
    for word in unknown:
        meant = {concept for name, concept in names if name != word and name.startswith(word)}
        if len(meant) == 1:
            found[word] = meant.pop()
    return found
