"""Facts of two texts are paired: those that say the same, and of the rest those of like kind."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from palimpsest.facts.model import Day, Finding, Frequency, Quantity, Side, finding
from palimpsest.facts.units import is_same

T = TypeVar("T", Frequency, Day, Side)


def same_rate(one: Frequency, other: Frequency) -> bool:
    """Whether two say the same of how often."""
    if not one.rate or not other.rate:
        return one.rate == other.rate and one.timing == other.timing
    return abs(one.rate - other.rate) < 1e-3 * one.rate and (
        one.timing == other.timing or not one.timing or not other.timing
    )


def says_otherwise(one: Any, others: Sequence[Any]) -> bool:
    """Whether the other text says something else of what a quantity or frequency is of."""
    if not isinstance(one, Quantity | Frequency) or one.anchor is None:
        return False
    of_it = [other for other in others if other.anchor == one.anchor and _comparable(one, other)]
    return bool(of_it) and not any(_same(one, other) for other in of_it)


def _comparable(one: Any, other: Any) -> bool:
    if isinstance(one, Frequency):
        return bool(one.rate) == bool(other.rate)
    bare = {"", "pair", "ordinal", "count"}
    if one.kind != other.kind or len(one.values) != len(other.values):
        return False
    return one.dimension == other.dimension or bool({one.dimension, other.dimension} & bare)


def _same(one: Any, other: Any) -> bool:
    return same_rate(one, other) if isinstance(one, Frequency) else is_same(one, [other])


def matched(
    kind: str,
    ones: Sequence[T],
    others: Sequence[T],
    same: Callable[[Any, Any], bool],
    alike: Callable[[Any, Any], bool],
    found: list[Finding],
) -> None:
    """Pair facts that say the same; of the rest, those of like kind are changed.

    Those of one anchor, or of one part, are paired first. A fact that says no more than another of
    its text is no finding.
    """
    if not ones and not others:
        return
    of = _part if isinstance((*ones, *others)[0], Side) else _anchor
    taken: set[int] = set()
    pairs: list[tuple[int, int]] = []
    waiting = list(range(len(ones)))
    for strict in (True, False):
        for at in list(waiting):
            one = ones[at]
            for choice, other in enumerate(others):
                if choice in taken or not same(one, other):
                    continue
                if strict and of(one) != of(other):
                    continue
                taken.add(choice)
                pairs.append((at, choice))
                waiting.remove(at)
                break
    unpaired = waiting
    waiting = [
        at
        for at in unpaired
        if not any(same(ones[at], ones[m]) for m, _ in pairs) or says_otherwise(ones[at], others)
    ]
    left = [c for c in range(len(others)) if c not in taken]
    new = [
        c
        for c in left
        if not any(same(one, others[c]) for one in ones) or says_otherwise(others[c], ones)
    ]
    if len(ones) == len(others):  # none is said less often, so that one took another's place
        for at in (at for at in unpaired if at not in waiting):
            again = (c for c in left if c not in new and of(ones[at]) == of(others[c]))
            if (like := next((c for c in again if alike(ones[at], others[c])), None)) is not None:
                waiting.append(at)
                new.append(like)
    for at, choice in pairs:
        one, other = ones[at], others[choice]
        status, called = "kept", kind
        if of is _anchor and _is_crossed(one, other, ones, others, same):
            status, called = "changed", "order" if kind == "date" else kind
        found.append(finding(called, status, one, other))
    for at in list(waiting):
        like = next((c for c in new if alike(ones[at], others[c])), None)
        if like is not None:
            waiting.remove(at)
            new.remove(like)
            found.append(finding(kind, "changed", ones[at], others[like]))
    found += [finding(kind, "omitted", ones[at], None) for at in waiting]
    found += [finding(kind, "added", None, others[c]) for c in new]


def _part(one: Any) -> Any:
    return one.part


def _anchor(one: Any) -> Any:
    return one.anchor


def _is_crossed(
    one: Any,
    other: Any,
    ones: Sequence[Any],
    others: Sequence[Any],
    same: Callable[[Any, Any], bool],
) -> bool:
    """Whether a fact is of another thing than before, each of which has one in both texts."""
    if not one.anchor or not other.anchor or one.anchor == other.anchor:
        return False
    mine = [fact for fact in others if fact.anchor == one.anchor]
    theirs = [fact for fact in ones if fact.anchor == other.anchor]
    if not mine or not theirs:
        return False
    return not any(same(one, fact) for fact in mine) and not any(same(other, f) for f in theirs)
