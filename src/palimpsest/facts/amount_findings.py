"""What became of the amounts of a passage: quantities, frequencies and dates."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from palimpsest.facts.matching import matched, same_rate, says_otherwise
from palimpsest.facts.model import Concept, Day, Facts, Finding, Frequency, Quantity, finding
from palimpsest.facts.units import as_long, converted, is_same, other_unit, same_unit
from palimpsest.facts.unknown import may_tell_often

_ADMISSION, _DISCHARGE = ("event", "admission"), ("event", "discharge")


def amount_findings(given: Facts, made: Facts) -> list[Finding]:
    """The findings of quantities, frequencies and dates."""
    found: list[Finding] = []
    if given.quantities or made.quantities:
        _quantities(given, made, found)
    if given.frequencies or made.frequencies:
        _frequencies(given, made, found)
    if given.days or made.days:
        _days(given, made, found)
    return found


def _quantities(given: Facts, made: Facts, found: list[Finding]) -> None:
    ones, others = given.quantities, made.quantities
    paired: dict[int, int] = {}
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
            paired[at] = best
            taken.add(best)
        return best >= 0

    of_it: dict[Concept | None, list[int]] = defaultdict(list)
    for at, other in enumerate(others):
        if other.anchor:
            of_it[other.anchor].append(at)
    waiting = list(range(len(ones)))
    for fits in (_equal, converted):  # of one thing first
        waiting = [at for at in waiting if not take(at, of_it.get(ones[at].anchor, ()), fits)]
    waiting = [at for at in waiting if not take(at, by_value.get(ones[at].values, ()), same_unit)]
    for fits in (converted, as_long):
        if waiting:
            waiting = [at for at in waiting if not take(at, range(len(others)), fits)]
    unpaired = waiting
    waiting = [
        at
        for at in unpaired
        if not ones[at].weak
        and (not is_same(ones[at], [ones[m] for m in paired]) or says_otherwise(ones[at], others))
        and not (_ends(ones[at], others, ones) or _as_date(ones[at], made.days))
    ]
    left = [at for at in range(len(others)) if at not in taken and not others[at].weak]
    new = [
        at
        for at in left
        if (not is_same(others[at], ones) or says_otherwise(others[at], ones))
        and not _ends(others[at], ones, others)
        and not _as_date(others[at], given.days)
    ]
    if len(ones) == len(others):  # none is said less often, so that one took another's place
        for at in (at for at in unpaired if at not in waiting and not ones[at].weak):
            one = ones[at]
            again = (c for c in left if c not in new and others[c].kind == one.kind)
            like = (c for c in again if others[c].dimension == one.dimension)
            if (
                choice := next((c for c in like if others[c].anchor == one.anchor), None)
            ) is not None:
                waiting.append(at)
                new.append(choice)
    for at, choice in paired.items():
        one, other = ones[at], others[choice]
        kind = _kind(one, other)
        status = "kept"
        if one.sign * other.sign < 0:
            status = "changed"
        if one.way * other.way < 0:
            status, kind = "changed", "order"
        if _crossed(one, other, ones, others):
            status = "changed"
        found.append(finding(kind, status, one, other))
    changes = (
        (other_unit, "unit"),
        (lambda a, b: a.anchor is not None and a.anchor == b.anchor and a.kind == b.kind, ""),
        (lambda a, b: a.dimension == b.dimension and a.kind == b.kind, ""),
        (lambda a, b: a.kind == b.kind or "" in (a.dimension, b.dimension), ""),
    )
    for alike, kind in changes:
        for at in list(waiting):
            choice = next(
                (c for c in new if not others[c].weak and alike(ones[at], others[c])), None
            )
            if choice is not None:
                waiting.remove(at)
                new.remove(choice)
                both = ones[at], others[choice]
                found.append(finding(kind or _kind(*both), "changed", *both))
    found += [finding(_kind(ones[at]), "omitted", ones[at], None) for at in waiting]
    found += [
        finding(_kind(others[at]), "added", None, others[at]) for at in new if not others[at].weak
    ]


def _equal(one: Quantity, other: Quantity) -> bool:
    return one.values == other.values and same_unit(one, other)


def _kind(one: Quantity, other: Quantity | None = None) -> str:
    kinds = (one.kind, other.kind if other is not None else one.kind)
    return next((kind for kind in ("dose", "duration") if kind in kinds), one.kind)


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
    # One that is beside a value which was kept may be of something that has no name here.
    own = {a.values for a in ones if a.anchor == one.anchor} - {one.values}
    if own and own == mine:
        return False
    return bool(mine and theirs) and one.values not in mine and other.values not in theirs


def _as_date(one: Quantity, days: Sequence[Day]) -> bool:
    """Whether a pair or a year is a date that the other text has."""
    if len(one.values) == 2:
        return any((day.month, day.day) == one.values for day in days)
    if one.dimension not in ("", "ordinal") or one.anchor is not None or one.kind != "number":
        return False
    return one.values[0] >= 1 and any(one.values[0] in (day.year, day.day) for day in days)


def _ends(one: Quantity, others: Sequence[Quantity], own: Sequence[Quantity]) -> bool:
    """Whether both ends of a range stand alone, or one that stands alone is the end of a range.

    own: the amounts of its own text, where no range of the other may stand.
    """
    if len(one.values) == 2:
        alone = [other for other in others if len(other.values) == 1]
        last = any(one.values[1] == other.values[0] and same_unit(one, other) for other in alone)
        return last and set(one.values) <= {other.values[0] for other in alone}
    return any(
        one.values[0] in other.values and same_unit(one, other)
        for other in others
        if len(other.values) == 2 and all(other.values != mine.values for mine in own)
    )


def _frequencies(given: Facts, made: Facts, found: list[Finding]) -> None:
    def alike(one: Frequency, other: Frequency) -> bool:
        return bool(one.rate) == bool(other.rate)

    told: list[Finding] = []
    matched("frequency", given.frequencies, made.frequencies, same_rate, alike, told)
    of = {one.start: one.anchor for one in given.frequencies}
    theirs = {one.start: one.anchor for one in made.frequencies}
    for one in told:
        anchor, other = of.get(one.passage_start), made
        if one.status == "added":
            anchor, other = theirs.get(one.start), given
        if one.status in ("omitted", "added") and may_tell_often(anchor, other):
            one = one._replace(status="unread")
        found.append(one)


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
    matched("date", ones, others, same, alike, found)
    if _backwards(made.days) and not _backwards(given.days):
        if not any(one.type == "order" and one.status == "changed" for one in found):
            found.append(
                finding("order", "changed", given.days[0] if given.days else None, made.days[-1])
            )


def _backwards(days: Sequence[Day]) -> bool:
    """Whether a text tells of one day and then of an earlier one, without saying of what.

    Or of a discharge before the admission.
    """
    told = [day for day in days if day.year and day.month and day.day]
    of = {day.anchor[1]: day[:3] for day in told if day.anchor and day.anchor[0] == "event"}
    if "admission" in of and "discharge" in of and of["admission"] > of["discharge"]:
        return True
    return any(_run(a, b) and a[:3] > b[:3] for a, b in pairwise(told))


def _run(one: Day, other: Day) -> bool:
    """Whether the first of two dates must be the earlier one."""
    if one.anchor == other.anchor:
        return True
    return (one.anchor, other.anchor) in ((_ADMISSION, None), (None, _DISCHARGE))


def _as_number(day: Day, numbers: Sequence[Quantity]) -> bool:
    """Whether a date stands as a pair or year among the numbers of the other text."""
    if day.minutes >= 0:
        return False
    pair = (float(day.month), float(day.day))
    return any(one.values == pair or (not day.day and one.values == (day.year,)) for one in numbers)
