"""What became of the facts of a passage in a rephrase: kept, changed, omitted or added.

Facts are matched by what they say, wherever they stand and however they are written. A finding that
is no `kept` needs a reason in both texts: what a rule cannot read on one side is no finding.
"""

from palimpsest.facts.abbreviations import abbreviated, shortened
from palimpsest.facts.amount_findings import amount_findings
from palimpsest.facts.extract import facts_of
from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.model import Concept, Facts, Finding
from palimpsest.facts.name_findings import name_findings
from palimpsest.facts.places import placed

_LEAST_SHARED = 0.12  # of content words; below, the two are not of one passage
_LEAST_WORDS = 5  # content words: fewer say nothing about what a text is about
_LEAST_KEPT = 0.34  # of the facts of a passage


def findings(passage: str, rephrase: str) -> list[Finding]:
    """What became of the facts of a passage, and which facts of a rephrase it has not.

    Each fact of the passage has one finding, and so has each that the rephrase adds; one of type
    `passage` says whether the rephrase is one of this passage at all. In time linear in the texts.
    """
    given, made = facts_of(passage), facts_of(rephrase)
    also, there = _names(given, made), _names(made, given)
    given = facts_of(passage, also) if also else given
    made = facts_of(rephrase, there) if there else made
    found = amount_findings(given, made) + name_findings(given, made)
    return found + _passage(given, made, found)


def _names(own: Facts, other: Facts) -> dict[str, Concept]:
    """By words of a text that no lexicon has, what they name, as the other text tells."""
    return placed(own, other) | shortened(own, other) | abbreviated(own, other)


def _passage(given: Facts, made: Facts, found: list[Finding]) -> list[Finding]:
    """Whether a rephrase is of another passage: few of its words or facts are this one's."""
    facts = [one for one in found if one.status != "added"]
    kept = sum(one.status == "kept" for one in facts)
    begun = lexicon().begun.__getitem__
    content = set(map(begun, given.words)) - {""}
    if len(content) < _LEAST_WORDS:
        return []
    shared = len(content.intersection(map(begun, made.words))) / len(content)
    other = shared < _LEAST_SHARED and (not facts or kept < 0.5 * len(facts))
    few = len(facts) >= 4 and kept < _LEAST_KEPT * len(facts) and shared < 3 * _LEAST_SHARED
    return [Finding("passage", "changed" if other or few else "kept", 0, 0, 0, 0)]
