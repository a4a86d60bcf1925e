"""What became of what a passage names: sides, drugs, problems, procedures, allergies, and order."""

from collections.abc import Iterable

from palimpsest.facts.abbreviations import abbreviates
from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.matching import matched
from palimpsest.facts.model import NOWHERE, Concept, Facts, Finding, Mention, Side, finding
from palimpsest.facts.tokens import stem
from palimpsest.facts.told import Told
from palimpsest.facts.unknown import Elsewhere, is_listed, is_unknown, is_unnamed

Named = dict[Concept, list[Mention]]
_FEVER, _TEMPERATURE = ("problem", "fever"), ("test", "temperature")
_REPORTED = ("medication", "problem", "procedure")
_OF_ALLERGIES = ("allerg", "hypersens", "intoleran", "sensitiv", "reaction")
_PLAINLY = ("present", False, False)  # said, family and allergy of what is plainly there


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
        one, other = mentions[0], named[0]
        found.append(Finding(kind, "kept", one.start, one.end, other.start, other.end))
        if len(mentions) > 1 or len(named) > 1 or not one[3:6] == other[3:6] == _PLAINLY:
            _said(mentions, named, found)
    new = [
        mentions[0]
        for concept, mentions in others.items()
        if concept not in ones and concept[0] in _REPORTED
    ]
    if not lost and not new:
        return
    after, before = Told(made.words), Told(given.words)
    there, here = Elsewhere(given, made), Elsewhere(made, given)
    gone, fresh = [], []
    for mention in lost:
        if (related := _renamed(mention, ones, others)) is not None:
            found.append(finding(mention.concept[0], "kept", mention, None))
            if related not in ones and len(ones[mention.concept]) == len(others[related]) == 1:
                _said(ones[mention.concept], others[related], found)
        elif after.tells(mention):
            found.append(finding(mention.concept[0], "kept", mention, None))
            # The words may stand in a name that no lexicon has: pericardial constriction.
            begun = {stem(word) for word in mention.name}
            unknown = (m for m in new if is_unknown(m.concept) and stem(m.name[0]) in begun)
            if (like := next(unknown, None)) is not None:
                _said(ones[mention.concept], others[like.concept], found)
        else:
            gone.append(mention)
    for mention in list(gone):
        like = next((m for m in new if _is_short_for(m, mention)), None)
        if like is not None:
            gone.remove(mention)
            new.remove(like)
            found.append(finding(mention.concept[0], "kept", mention, like))
            _said(ones[mention.concept], others[like.concept], found)
    for mention in new:
        if _renamed(mention, others, ones) is None and not before.tells(mention):
            fresh.append(mention)
    for mention in gone:
        alike = [m for m in fresh if m.concept[0] == mention.concept[0]]
        unknown = is_unknown(mention.concept)
        like = next((m for m in alike if is_unknown(m.concept) == unknown), None)
        if like is not None:
            fresh.remove(like)
            # Of two that no lexicon has, one may be the other's name.
            both = unknown or mention.allergy and mention.concept[1][0] == like.concept[1][0] == "?"
            status = "unread" if both else "changed"
            found.append(finding(_type(mention), status, mention, like))
            continue
        status = _alone(mention, "omitted", given, made, there)
        # What is unknown may be the other's name, where the other text may tell that.
        if unknown:
            like = next((m for m in alike if _alone(m, "", made, given, here) == "unread"), None)
        elif alike and status == "unread":
            like = alike[0]
        if like is not None:
            fresh.remove(like)
            found.append(finding(_type(mention), "unread", mention, like))
        elif status:
            found.append(finding(_type(mention), status, mention, None))
    for mention in fresh:
        if status := _alone(mention, "added", made, given, here):
            found.append(finding(_type(mention), status, None, mention))


def _alone(mention: Mention, status: str, own: Facts, other: Facts, elsewhere: Elsewhere) -> str:
    """What became of a name that the other text has not; empty where it tells of it otherwise."""
    if mention.concept == _FEVER and mention.said == "absent" and _has_temperature(other):
        return ""
    unknown = (
        is_listed(mention, own, other)
        or is_unnamed(mention, own, other)
        or elsewhere.may_tell(mention)
    )
    return "unread" if unknown else status


def _has_temperature(facts: Facts) -> bool:
    return any(one.anchor == _TEMPERATURE for one in facts.quantities)


def _type(mention: Mention) -> str:
    return "allergy" if mention.allergy else mention.concept[0]


def _by_concept(mentions: Iterable[Mention]) -> Named:
    found: dict[Concept, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(mention.concept, []).append(mention)
    return found


def _said(ones: list[Mention], others: list[Mention], found: list[Finding]) -> None:
    """Whether a concept is present, whose it is, and whether it is an allergy, as before."""
    one, other = ones[0], others[0]
    if not any(m.allergy is not False for m in ones + others):
        _polarity(ones, others, found)
    before, after = {m.family for m in ones}, {m.family for m in others}
    told = before - {None} == after - {None}
    family = "kept" if told else "unread" if None in before | after else "changed"
    if family != "kept" or any(m.family for m in ones):
        found.append(finding("experiencer", family, one, other))
    if one.concept[0] == "medication":
        allergic, still = _any(m.allergy for m in ones), _any(m.allergy for m in others)
        told = allergic == still and allergic is not None
        status = "kept" if told else "unread" if None in (allergic, still) else "changed"
        if allergic or still or status != "kept":
            found.append(finding("allergy", status, one, other))


def _polarity(ones: list[Mention], others: list[Mention], found: list[Finding]) -> None:
    """Whether it is present, absent or possible as before."""
    before, after = {m.said for m in ones}, {m.said for m in others}
    unread = "unread" in before | after
    before, after = before - {"unread"}, after - {"unread"}
    # What is said twice may be said once; but not of as many mentions something else.
    same = len(ones) == len(others) and not unread
    changed = bool(before and after) and before != after and (not before & after or same)
    kinds = before | after if unread else before ^ after if changed else before
    kind = "uncertainty" if "possible" in kinds else "negation"
    if changed:
        found.append(finding(kind, "changed", ones[0], others[0]))
    elif unread and not before & after:
        found.append(finding(kind, "unread", ones[0], others[0]))
    elif before != {"present"}:
        found.append(finding(kind, "kept", ones[0], others[0]))


def _any(said: Iterable[bool | None]) -> bool | None:
    """True where one is, None where one may be."""
    told = set(said)
    return True if True in told else None if None in told else False


def _renamed(mention: Mention, mine: Named, theirs: Named) -> Concept | None:
    """What the other text calls it, as a kind of it, unless its own text has that as often."""
    related = _related(mention.concept, theirs)
    if related is None or mention.joined or related not in mine:
        return related
    return related if len(mine[related]) < len(theirs[related]) else None


def _related(concept: Concept, others: Named) -> Concept | None:
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


def _is_short_for(one: Mention, other: Mention) -> bool:
    """Whether one name is short for the other, although it is for another thing as well: AS."""
    if one.concept[0] != other.concept[0]:
        return False
    names = sorted((one.name, other.name), key=len)
    return len(names[0]) == 1 and abbreviates(names[0][0], names[1])


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
    theirs = [m for m in made.mentions if m.allergy is not False]
    if one and other:
        found.append(Finding("allergy", "kept", *one[0], *other[0]))
    elif one:
        status = "changed" if theirs else "unread" if _speaks_of_allergies(made) else "omitted"
        there = (theirs[0].start, theirs[0].end) if theirs else NOWHERE
        found.append(Finding("allergy", status, *one[0], *there))
    elif other and ours:
        found.append(Finding("allergy", "changed", ours[0].start, ours[0].end, *other[0]))
    elif other:
        status = "unread" if _speaks_of_allergies(given) else "added"
        found.append(Finding("allergy", status, *NOWHERE, *other[0]))


def _speaks_of_allergies(facts: Facts) -> bool:
    return any(word.startswith(_OF_ALLERGIES) for word in facts.words)
