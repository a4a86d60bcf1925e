"""What became of the facts of a passage in a rephrase: kept, changed, omitted or added.

Facts are matched by what they say, wherever they stand and however they are written. A finding that
is no `kept` needs a reason that both texts give: what a rule cannot read on one side is no finding.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from palimpsest.facts.extract import facts_of
from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.model import (
    Concept,
    Day,
    Facts,
    Finding,
    Frequency,
    Mention,
    Quantity,
    Side,
)

NOWHERE = (-1, -1)
_LEAST_SHARED = 0.12  # of content words; below, the two are not of one passage
_LEAST_WORDS = 5  # content words: fewer say nothing about what a text is about
_LEAST_KEPT = 0.34  # of the facts of a passage
_STEM = 5
_APART = 5  # words between those of one name
_REPORTED = ("medication", "problem", "procedure")
# The same amount of a substance in two units: factor from the first dimension to the second.
_MOLAR = {
    "glucose": 18.016, "creatinine": 0.0113 * 1000, "bun": 2.801, "calcium": 4.008,
    "cholesterol": 38.67, "ldl": 38.67, "hdl": 38.67, "triglycerides": 88.57,
    "bilirubin": 0.05848 * 1000, "phosphate": 3.097, "magnesium": 2.431,
}  # fmt: skip
_POWERS = (10.0, 1e3, 1e6)  # between a unit and that for which it is mistaken
_CELLS = ("wbc", "platelets")
T = TypeVar("T", Quantity, Frequency, Day, Side)


def findings(passage: str, rephrase: str) -> list[Finding]:
    """What became of the facts of a passage, and which facts of a rephrase it has not.

    Each fact of the passage has one finding, and so has each that the rephrase adds.
    """
    return compared(facts_of(passage), facts_of(rephrase))


def compared(given: Facts, made: Facts) -> list[Finding]:
    """`findings` of two texts whose facts are known."""
    found: list[Finding] = []
    _quantities(given, made, found)
    _frequencies(given, made, found)
    _days(given, made, found)
    _sides(given, made, found)
    _mentions(given, made, found)
    _orders(given, made, found)
    _allergies(given, made, found)
    _passage(given, made, found)
    return found


def _finding(kind: str, status: str, one: Any, other: Any) -> Finding:
    first = (one.start, one.end) if one is not None else NOWHERE
    second = (other.start, other.end) if other is not None else NOWHERE
    return Finding(kind, status, *first, *second)


# Quantities.


def _base(one: Quantity) -> tuple[float, ...]:
    return tuple(value * one.factor for value in one.values)


def _same_unit(one: Quantity, other: Quantity) -> bool:
    """Whether equal values mean the same amount: same unit, or one has none."""
    if one.dimension == other.dimension:
        return abs(one.factor - other.factor) <= 1e-9 * one.factor
    bare = ("", "pair", "ordinal", "count", "rate")
    if one.dimension in bare or other.dimension in bare:
        return True
    if {one.dimension, other.dimension} == {"age", "time"}:
        return True
    if "dose" in (one.dimension, other.dimension):  # 2 tablets, 2 puffs
        return {one.dimension, other.dimension} <= {"dose", "puff", "drop", "spray", "patch"}
    ones, others = one.dimension.split("/"), other.dimension.split("/")
    # mEq/L and mmol/L are both "amount/volume"; a rate said as a count per minute
    return len(ones) != len(others) and ones[0] == others[0] and one.factor == other.factor


def _converted(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are one amount in two units, as exact as they are printed."""
    if len(one.values) != len(other.values):
        return False
    if one.dimension == other.dimension and one.dimension not in ("", "pair", "ordinal", "share"):
        if one.factor == other.factor:
            return False
        return all(
            _close(a * one.factor / other.factor, b, other.step)
            or _close(b * other.factor / one.factor, a, one.step)
            for a, b in zip(one.values, other.values, strict=True)
        )
    return _temperatures(one, other) or _laboratory(one, other)


def _close(value: float, printed: float, step: float) -> bool:
    """Whether a value is printed as another, whose last digit is worth `step`."""
    return abs(value - printed) <= 0.51 * min(step, 1.0) + 1e-9 * abs(value)


def _temperatures(one: Quantity, other: Quantity) -> bool:
    if len(one.values) != 1:
        return False
    (a,), (b,) = one.values, other.values
    names = {one.dimension, other.dimension}
    anchored = ("test", "temperature") in (one.anchor, other.anchor)
    if not (names == {"fahrenheit", "celsius"} or (names <= {"fahrenheit", "celsius", ""} and anchored)):
        return False
    hot, cold, step = (a, b, other.step) if a > b else (b, a, one.step)
    return hot >= 86 and cold < 60 and _close((hot - 32) / 1.8, cold, max(step, 0.1))


def _laboratory(one: Quantity, other: Quantity) -> bool:
    """12.3 K/uL and 12,300; 126 mg/dL and 7.0 mmol/L of glucose."""
    if len(one.values) != 1:
        return False
    anchor = one.anchor or other.anchor
    if anchor is None or anchor[0] != "test" or (other.anchor or anchor) != anchor:
        return False
    (a,), (b,) = one.values, other.values
    low, high, step = (a, b, one.step) if a < b else (b, a, other.step)
    if anchor[1] in _CELLS:
        return any(_close(high / power, low, step) for power in (1e3, 1e9, 1e6)) if low else False
    if anchor[1] == "hemoglobin":
        return _close(high / 10, low, step) and "" != one.dimension != other.dimension != ""
    if factor := _MOLAR.get(anchor[1]):
        if one.dimension == other.dimension:
            return False
        fine = max(step, 0.1)
        return (
            _close(high / factor, low, fine)
            or _close(low * factor, high, max(one.step, other.step))
            or _close(high / (factor if factor > 10 else 1e9), low, fine)
        )
    return False


def _lasting_as_long(one: Quantity, other: Quantity) -> bool:
    """Durations: a month has about four weeks."""
    if one.kind != "duration" or other.kind != "duration" or len(one.values) != len(other.values):
        return False
    for a, b in zip(_base(one), _base(other), strict=True):
        if abs(a - b) > 1e-6 * a and {round(a / 24, 1), round(b / 24, 1)} not in (
            {28.0, 30.4}, {30.0, 30.4}, {56.0, 60.9}, {60.0, 60.9}, {84.0, 91.3}, {90.0, 91.3},
        ):  # fmt: skip
            return False
    return True


def _as_date(one: Quantity, days: Sequence[Day]) -> bool:
    """Whether a pair or a year is a date that the other text has."""
    if len(one.values) == 2:
        return any((day.month, day.day) == one.values for day in days)
    if one.dimension not in ("", "ordinal") or one.anchor is not None or one.kind != "number":
        return False
    return one.values[0] >= 1 and any(one.values[0] in (day.year, day.day) for day in days)


def _ends(one: Quantity, others: Sequence[Quantity]) -> bool:
    """Whether both ends of a range stand alone, or one that stands alone is the end of a range."""
    if len(one.values) == 2:
        alone = {other.values[0] for other in others if len(other.values) == 1}
        return set(one.values) <= alone
    return any(one.values[0] in other.values for other in others if len(other.values) == 2)


def _quantities(given: Facts, made: Facts, found: list[Finding]) -> None:
    ones, others = given.quantities, made.quantities
    matched: dict[int, int] = {}
    taken: set[int] = set()
    by_value: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for at, other in enumerate(others):
        by_value[other.values].append(at)

    def take(at: int, choices: Iterable[int], fits: Callable[[Quantity, Quantity], bool]) -> bool:
        one = ones[at]
        best, score = -1, -1
        for choice in choices:
            if choice in taken or not fits(one, others[choice]):
                continue
            other = others[choice]
            points = 2 * (one.anchor is not None and one.anchor == other.anchor)
            points += one.anchor is None or other.anchor is None
            points += 3 * (one.dimension == other.dimension)
            if points > score:
                best, score = choice, points
        if best >= 0:
            matched[at] = best
            taken.add(best)
        return best >= 0

    waiting = [
        at for at, one in enumerate(ones)
        if not take(at, [c for c in by_value.get(one.values, ()) if one.anchor and others[c].anchor == one.anchor], _same_unit)
    ]
    waiting = [at for at in waiting if not take(at, by_value.get(ones[at].values, ()), _same_unit)]
    for fits in (_converted, _lasting_as_long):
        if waiting:
            waiting = [at for at in waiting if not take(at, range(len(others)), fits)]
    waiting = [
        at for at in waiting
        if (not _again(ones[at], [ones[m] for m in matched]) or _otherwise(ones[at], others))
        and not (_ends(ones[at], others) or _as_date(ones[at], made.days)) and not ones[at].weak
    ]
    new = [
        at for at in range(len(others))
        if at not in taken
        and (not _again(others[at], ones) or _otherwise(others[at], ones))
        and not _ends(others[at], ones)
        and not _as_date(others[at], given.days)
    ]
    for at, choice in matched.items():
        one, other = ones[at], others[choice]
        kind = _kind(one, other)
        status = "kept"
        if one.sign * other.sign < 0:
            status = "changed"
        if one.way * other.way < 0:
            status, kind = "changed", "order"
        if _crossed(one, other, ones, others):
            status = "changed"
        found.append(_finding(kind, status, one, other))
    changes = (
        (_other_unit, "unit"),
        (lambda a, b: a.anchor is not None and a.anchor == b.anchor and a.kind == b.kind, ""),
        (lambda a, b: a.dimension == b.dimension and a.kind == b.kind, ""),
        (lambda a, b: a.kind == b.kind or "" in (a.dimension, b.dimension), ""),
    )
    for alike, kind in changes:
        for at in list(waiting):
            choice = next((c for c in new if not others[c].weak and alike(ones[at], others[c])), None)
            if choice is not None:
                waiting.remove(at)
                new.remove(choice)
                both = ones[at], others[choice]
                found.append(_finding(kind or _kind(*both), "changed", *both))
    found += [_finding(_kind(ones[at]), "omitted", ones[at], None) for at in waiting]
    found += [_finding(_kind(others[at]), "added", None, others[at]) for at in new if not others[at].weak]


def _other_unit(one: Quantity, other: Quantity) -> bool:
    """Whether only the unit is another: the same digits, or a thousand times as much."""
    if one.kind == other.kind == "duration" or not (one.dimension and other.dimension):
        return False
    if one.values == other.values:
        return True
    if one.dimension != other.dimension:
        return False
    (a, *_), (b, *_) = _base(one), _base(other)
    ratio = max(a, b) / min(a, b) if min(a, b) > 0 else 0.0
    powers = _POWERS if one.factor != other.factor else _POWERS[1:]
    return any(abs(ratio - power) < 1e-6 * power for power in powers)


def _kind(one: Quantity, other: Quantity | None = None) -> str:
    kinds = (one.kind, other.kind if other is not None else one.kind)
    return next((kind for kind in ("dose", "duration") if kind in kinds), one.kind)


def _again(one: Quantity, others: Iterable[Quantity]) -> bool:
    """Whether a quantity is said once more than in the other text."""
    return any(
        (one.values == other.values and _same_unit(one, other))
        or _converted(one, other)
        or _lasting_as_long(one, other)
        for other in others
    )


def _otherwise(one: T, others: Sequence[T]) -> bool:
    """Whether the other text says something else of what a quantity or frequency is of."""
    if not isinstance(one, Quantity | Frequency) or one.anchor is None:
        return False
    of_it = [
        other for other in others
        if other.anchor == one.anchor and _comparable(one, other)  # type: ignore[union-attr]
    ]
    return bool(of_it) and not any(_same_said(one, other) for other in of_it)


def _comparable(one: Any, other: Any) -> bool:
    if isinstance(one, Frequency):
        return bool(one.rate) == bool(other.rate)
    bare = ("", "pair", "ordinal", "count")
    if one.kind != other.kind or len(one.values) != len(other.values):
        return False
    return one.dimension == other.dimension or bool({one.dimension, other.dimension} & set(bare))


def _same_said(one: Any, other: Any) -> bool:
    return _same_rate(one, other) if isinstance(one, Frequency) else _again(one, [other])


def _crossed(
    one: Quantity, other: Quantity, ones: Sequence[Quantity], others: Sequence[Quantity]
) -> bool:
    """Whether an amount is of another thing than before, each of which has one in both texts."""
    if one.anchor is None or other.anchor is None or one.anchor == other.anchor:
        return False
    if one.dimension != other.dimension and "" not in (one.dimension, other.dimension):
        return False
    mine = {b.values for b in others if b.anchor == one.anchor}
    theirs = {a.values for a in ones if a.anchor == other.anchor}
    return bool(mine and theirs) and one.values not in mine and other.values not in theirs


# Frequencies, dates, sides.


def _same_rate(one: Frequency, other: Frequency) -> bool:
    if not one.rate or not other.rate:
        return one.rate == other.rate and one.timing == other.timing
    return abs(one.rate - other.rate) < 1e-3 * one.rate and (
        one.timing == other.timing or not one.timing or not other.timing
    )


def _frequencies(given: Facts, made: Facts, found: list[Finding]) -> None:
    def alike(one: Frequency, other: Frequency) -> bool:
        return bool(one.rate) == bool(other.rate)

    _matched("frequency", given.frequencies, made.frequencies, _same_rate, alike, found)


def _days(given: Facts, made: Facts, found: list[Finding]) -> None:
    def same(one: Day, other: Day) -> bool:
        if (one.minutes >= 0) != (other.minutes >= 0):
            return False
        if one.minutes >= 0:
            return one.minutes == other.minutes
        pairs = zip(one[:3], other[:3], strict=True)
        agree = [(a, b) for a, b in pairs if a and b]
        return bool(agree) and all(a == b for a, b in agree)

    def alike(one: Day, other: Day) -> bool:
        return (one.minutes >= 0) == (other.minutes >= 0)

    numbers = [*made.quantities]
    ones = [day for day in given.days if not _as_number(day, numbers)]
    others = [day for day in made.days if not _as_number(day, given.quantities)]
    _matched("date", ones, others, same, alike, found)
    if _backwards(made.days) and not _backwards(given.days):
        if not any(finding.type == "order" and finding.status == "changed" for finding in found):
            found.append(_finding("order", "changed", given.days[0] if given.days else None, made.days[-1]))


def _backwards(days: Sequence[Day]) -> bool:
    """Whether a text tells of one day and then of an earlier one, without saying of what.

    Or of a discharge before the admission.
    """
    told = [day for day in days if day.year and day.month and day.day]
    of = {day.anchor[1]: day[:3] for day in told if day.anchor and day.anchor[0] == "event"}
    if "admission" in of and "discharge" in of and of["admission"] > of["discharge"]:
        return True
    bare = [day[:3] for day in told if day.anchor is None]
    return any(a > b for a, b in pairwise(bare))


def _as_number(day: Day, numbers: Sequence[Quantity]) -> bool:
    """Whether a date stands as a pair or year among the numbers of the other text."""
    if day.minutes >= 0:
        return False
    pair = (float(day.month), float(day.day))
    return any(one.values == pair or (not day.day and one.values == (day.year,)) for one in numbers)


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

    _matched("laterality", given.sides, made.sides, same, alike, found)


def _matched(
    kind: str,
    ones: Sequence[T],
    others: Sequence[T],
    same: Callable[[Any, Any], bool],
    alike: Callable[[Any, Any], bool],
    found: list[Finding],
) -> None:
    """Pair facts that say the same; of the rest, those of like kind are changed."""
    if not ones and not others:
        return
    anchored = bool(ones or others) and hasattr((ones or others)[0], "anchor")
    taken: set[int] = set()
    pairs: list[tuple[int, int]] = []
    waiting = list(range(len(ones)))
    for strict in (True, False):
        for at in list(waiting):
            one = ones[at]
            for choice, other in enumerate(others):
                if choice in taken or not same(one, other):
                    continue
                if strict and anchored and one.anchor != other.anchor:  # type: ignore[union-attr]
                    continue
                if strict and not anchored and one.part != other.part:  # type: ignore[union-attr]
                    continue
                taken.add(choice)
                pairs.append((at, choice))
                waiting.remove(at)
                break
    waiting = [
        at for at in waiting
        if not any(same(ones[at], ones[m]) for m, _ in pairs) or _otherwise(ones[at], others)
    ]
    new = [
        c for c in range(len(others))
        if c not in taken
        and (not any(same(one, others[c]) for one in ones) or _otherwise(others[c], ones))
    ]
    for at, choice in pairs:
        one, other = ones[at], others[choice]
        status, called = "kept", kind
        if anchored and one.anchor and other.anchor and one.anchor != other.anchor:  # type: ignore[union-attr]
            mine = [o for o in others if o.anchor == one.anchor]  # type: ignore[union-attr]
            theirs = [o for o in ones if o.anchor == other.anchor]  # type: ignore[union-attr]
            if mine and theirs and not any(same(one, o) for o in mine):
                status = "changed" if not any(same(other, o) for o in theirs) else "kept"
                called = "order" if kind == "date" and status == "changed" else kind
        found.append(_finding(called, status, one, other))
    for at in list(waiting):
        choice = next((c for c in new if alike(ones[at], others[c])), None)
        if choice is not None:
            waiting.remove(at)
            new.remove(choice)
            found.append(_finding(kind, "changed", ones[at], others[choice]))
    found += [_finding(kind, "omitted", ones[at], None) for at in waiting]
    found += [_finding(kind, "added", None, others[c]) for c in new]


# Concepts.


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
        found.append(_finding(kind, "kept", mentions[0], named[0]))
        _said(mentions, named, found)
    new = [mentions[0] for concept, mentions in others.items()
           if concept not in ones and concept[0] in _REPORTED]
    if not lost and not new:
        return
    after = _places(made.words) if lost else {}
    before = _places(given.words) if new else {}
    gone = []
    for mention in lost:
        if _related(mention.concept, others) or _told(mention, after):
            found.append(_finding(mention.concept[0], "kept", mention, None))
        else:
            gone.append(mention)
    fresh = [m for m in new if not _related(m.concept, ones) and not _told(m, before)]
    for mention in gone:
        kind = mention.concept[0]
        other = next((m for m in fresh if m.concept[0] == kind), None)
        if other is not None:
            fresh.remove(other)
        status = "changed" if other is not None else "omitted"
        found.append(_finding(_type(mention), status, mention, other))
    found += [_finding(_type(mention), "added", None, mention) for mention in fresh]


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
        if len(before) > 1 or len(after) > 1:
            changed = not (before & after)
        else:
            changed = before != after
        kind = "uncertainty" if "possible" in before ^ after else "negation"
        if before != {"present"} or changed:
            if not changed:
                kind = "uncertainty" if "possible" in before else "negation"
            found.append(_finding(kind, "changed" if changed else "kept", one, other))
    before_family, after_family = {m.family for m in ones}, {m.family for m in others}
    if not (before_family & after_family):
        found.append(_finding("experiencer", "changed", one, other))
    elif True in before_family:
        found.append(_finding("experiencer", "kept", one, other))
    if one.concept[0] == "medication":
        allergic = any(m.allergy for m in ones), any(m.allergy for m in others)
        if any(allergic):
            status = "kept" if all(allergic) else "changed"
            found.append(_finding("allergy", status, one, other))


def _related(concept: Concept, others: dict[Concept, list[Mention]]) -> bool:
    """Whether the other text names what is a kind of the concept, or what it is a kind of."""
    trees = lexicon().trees
    mine = trees.get(concept[1]) if concept[0] == "problem" else None
    for kind, other in others:
        if kind != concept[0]:
            continue
        if mine:
            for theirs in trees.get(other, ()):
                for tree in mine:
                    if tree.startswith(theirs) or theirs.startswith(tree):
                        return True
        words, names = concept[1].split(), other.split()
        if set(words) <= set(names) or set(names) <= set(words):
            return True
    return False


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
        if len(word) > 2:
            found[word[:_STEM]].append(at)
    return found


def _orders(given: Facts, made: Facts, found: list[Finding]) -> None:
    after = {(order.earlier, order.later): order for order in made.orders}
    for order in given.orders:
        turned = after.get((order.later, order.earlier))
        same = after.get((order.earlier, order.later))
        if turned is not None and same is None:
            found.append(_finding("order", "changed", order, turned))
        elif same is not None:
            found.append(_finding("order", "kept", order, same))


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


def _passage(given: Facts, made: Facts, found: list[Finding]) -> None:
    """Whether a rephrase is of another passage: few of its words or facts are this one's."""
    facts = [finding for finding in found if finding.status != "added"]
    kept = sum(finding.status == "kept" for finding in facts)
    content = {word[:_STEM] for word in given.words if len(word) > 3}
    if len(content) < _LEAST_WORDS:
        return
    shared = len(content & {word[:_STEM] for word in made.words if len(word) > 3}) / len(content)
    other = shared < _LEAST_SHARED and (not facts or kept < 0.5 * len(facts))
    few = len(facts) >= 4 and kept < _LEAST_KEPT * len(facts) and shared < 3 * _LEAST_SHARED
    found.append(Finding("passage", "changed" if other or few else "kept", 0, 0, 0, 0))
