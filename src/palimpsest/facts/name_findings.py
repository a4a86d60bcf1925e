"""What became of what a passage names: sides, drugs, problems, procedures, allergies, and order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.matching import matched
from palimpsest.facts.model import NOWHERE, Concept, Facts, Finding, Mention, Side, finding

_REPORTED = ("medication", "problem", "procedure")
_STEM = 5  # letters by which words are one
_APART = 7  # words between those of one name
_MOST = 40  # places of a word that are looked at


def name_findings(given: Facts, made: Facts) -> list[Finding]:
    """The findings of sides, names, what is said of them, their order, and allergies."""
    found: list[Finding] = []
    _sides(given, made, found)
    _mentions(given, made, found)
    _orders(given, made, found)
    _allergies(given, made, found)
    return found


def _sides(given: Facts, made: Facts, found: list[Finding]) -> None:
    def same(one: Side, other: Side) -> bool:
        if one.side != other.side:
            return False
        return one.part == other.part or not one.part or not other.part or not _both(one, other)

    here = {one.part for one in given.sides if one.part}
    there = {one.part for one in made.sides if one.part}

    def _both(one: Side, other: Side) -> bool:
        """Whether each part has a side in both texts, so that they are not one."""
        return one.part in there and other.part in here

    def alike(one: Side, other: Side) -> bool:
        return one.part == other.part or one.side != other.side

    matched("laterality", given.sides, made.sides, same, alike, found)


def _mentions(given: Facts, made: Facts, found: list[Finding]) -> None:
    ones, others = _by_concept(given.mentions), _by_concept(made.mentions)
    lost: list[Mention] = []
    for concept, mentions in ones.items():
        named = others.get(concept)
        kind = concept[0]
        if named is None:
            if kind in _REPORTED:
                lost.append(mentions[0])
            continue
        if kind not in _REPORTED:
            continue
        found.append(finding(kind, "kept", mentions[0], named[0]))
        _said(mentions, named, found)
    new = [
        mentions[0]
        for concept, mentions in others.items()
        if concept not in ones and concept[0] in _REPORTED
    ]
    if not lost and not new:
        return
    after = _places(made.words) if lost else {}
    before = _places(given.words) if new else {}
    gone = []
    for mention in lost:
        if (related := _related(mention.concept, others)) is not None:
            found.append(finding(mention.concept[0], "kept", mention, None))
            if related not in ones and len(ones[mention.concept]) == len(others[related]) == 1:
                _said(ones[mention.concept], others[related], found)
        elif _told(mention, after):
            found.append(finding(mention.concept[0], "kept", mention, None))
        else:
            gone.append(mention)
    fresh = [m for m in new if _related(m.concept, ones) is None and not _told(m, before)]
    for mention in gone:
        kind = mention.concept[0]
        other = next((m for m in fresh if m.concept[0] == kind), None)
        if other is not None:
            fresh.remove(other)
        status = "changed" if other is not None else "omitted"
        found.append(finding(_type(mention), status, mention, other))
    found += [finding(_type(mention), "added", None, mention) for mention in fresh]


def _type(mention: Mention) -> str:
    return "allergy" if mention.allergy else mention.concept[0]


def _by_concept(mentions: Iterable[Mention]) -> dict[Concept, list[Mention]]:
    found: dict[Concept, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(mention.concept, []).append(mention)
    return found


def _said(ones: list[Mention], others: list[Mention], found: list[Finding]) -> None:
    """Whether a concept is present, whose it is, and whether it is an allergy, as before."""
    one, other = ones[0], others[0]
    if not any(m.allergy for m in ones + others):
        before, after = {m.said for m in ones}, {m.said for m in others}
        # What is said twice may be said once; but not of as many mentions something else.
        changed = before != after and (not before & after or len(ones) == len(others))
        kind = "uncertainty" if "possible" in before ^ after else "negation"
        if before != {"present"} or changed:
            if not changed:
                kind = "uncertainty" if "possible" in before else "negation"
            found.append(finding(kind, "changed" if changed else "kept", one, other))
    before_family, after_family = {m.family for m in ones}, {m.family for m in others}
    if not (before_family & after_family):
        found.append(finding("experiencer", "changed", one, other))
    elif True in before_family:
        found.append(finding("experiencer", "kept", one, other))
    if one.concept[0] == "medication":
        allergic = any(m.allergy for m in ones), any(m.allergy for m in others)
        if any(allergic):
            status = "kept" if all(allergic) else "changed"
            found.append(finding("allergy", status, one, other))


def _related(concept: Concept, others: dict[Concept, list[Mention]]) -> Concept | None:
    """What the other text names that is a kind of the concept, or what it is a kind of."""
    trees = lexicon().trees
    mine = trees.get(concept[1]) if concept[0] == "problem" else None
    for kind, other in others:
        if kind != concept[0]:
            continue
        if mine:
            for theirs in trees.get(other, ()):
                for tree in mine:
                    if tree.startswith(theirs) or theirs.startswith(tree):
                        return kind, other
        words, names = concept[1].split(), other.split()
        if set(words) <= set(names) or set(names) <= set(words):
            return kind, other
    return None


def _told(mention: Mention, places: dict[str, list[int]]) -> bool:
    """Whether the words of a name stand apart in the other text: "pain in the left leg"."""
    if mention.concept[1].startswith("?"):  # a drug that no lexicon has
        return mention.name[0][:_STEM] in places
    stems = {word[:_STEM] for word in mention.name if len(word) > 2}
    if len(stems) < 2 or not stems <= places.keys():
        return False
    rarest = min(stems, key=lambda stem: len(places[stem]))
    return any(
        all(any(abs(at - other) <= _APART for other in places[stem]) for stem in stems)
        for at in places[rarest]
    )


def _places(words: Sequence[str]) -> dict[str, list[int]]:
    """Where words stand, by their first letters."""
    found: dict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(words):
        if len(word) > 2 and len(known := found[word[:_STEM]]) < _MOST:
            known.append(at)
    return found


def _orders(given: Facts, made: Facts, found: list[Finding]) -> None:
    after = {(order.earlier, order.later): order for order in made.orders}
    before = {(order.earlier, order.later) for order in given.orders}
    for order in given.orders:
        if (order.later, order.earlier) in before:
            continue  # both were told
        turned = after.get((order.later, order.earlier))
        same = after.get((order.earlier, order.later))
        if turned is not None and same is None:
            found.append(finding("order", "changed", order, turned))
        elif same is not None:
            found.append(finding("order", "kept", order, same))


def _allergies(given: Facts, made: Facts, found: list[Finding]) -> None:
    """That there is no allergy: a fact of its own."""
    one, other = given.no_allergy, made.no_allergy
    ours = [m for m in given.mentions if m.allergy]
    theirs = [m for m in made.mentions if m.allergy]
    if one and other:
        found.append(Finding("allergy", "kept", *one[0], *other[0]))
    elif one:
        status = "changed" if theirs else "omitted"
        there = (theirs[0].start, theirs[0].end) if theirs else NOWHERE
        found.append(Finding("allergy", status, *one[0], *there))
    elif other and ours:
        found.append(Finding("allergy", "changed", ours[0].start, ours[0].end, *other[0]))
    elif other:
        found.append(Finding("allergy", "added", *NOWHERE, *other[0]))
