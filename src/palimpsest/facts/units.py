"""When two amounts are the same one: in other units, as exact as they are printed."""

import math
from collections.abc import Iterable

from palimpsest.facts.model import Quantity

# The same amount of a substance: the factor between mg/dL and mmol/L, µmol/L in the last row.
_MOLAR = {
    "glucose": 18.016, "bun": 2.801, "calcium": 4.008, "cholesterol": 38.67, "ldl": 38.67,
    "hdl": 38.67, "triglycerides": 88.57, "phosphate": 3.097, "magnesium": 2.431,
    "creatinine": 88.42, "bilirubin": 17.104,
}  # fmt: skip
_POWERS = (10.0, 1e3, 1e6)  # between a unit and that for which it is mistaken
_ROUNDED = 0.03  # by which a converted amount may differ at most
_CELLS = ("wbc", "platelets")
_BARE = ("", "pair", "ordinal", "count", "rate")  # not units of their own
_MONTHS = ({28.0, 30.4}, {30.0, 30.4}, {56.0, 60.9}, {60.0, 60.9}, {84.0, 91.3}, {90.0, 91.3})


def base(one: Quantity) -> tuple[float, ...]:
    """The values in the base of the dimension."""
    return tuple(value * one.factor for value in one.values)


def same_unit(one: Quantity, other: Quantity) -> bool:
    """Whether equal values mean the same amount: same unit, or one has none."""
    if one.dimension == other.dimension:
        return abs(one.factor - other.factor) <= 1e-9 * one.factor
    if one.dimension in _BARE or other.dimension in _BARE:
        return True
    if {one.dimension, other.dimension} == {"age", "time"}:
        return True
    if "dose" in (one.dimension, other.dimension):  # 2 tablets, 2 puffs
        return {one.dimension, other.dimension} <= {"dose", "puff", "drop", "spray", "patch"}
    ones, others = one.dimension.split("/"), other.dimension.split("/")
    # mEq/L and mmol/L are both "amount/volume"; a rate said as a count per minute
    return len(ones) != len(others) and ones[0] == others[0] and one.factor == other.factor


def converted(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities are one amount in two units, as exact as they are printed."""
    if len(one.values) != len(other.values):
        return False
    if one.dimension == other.dimension and one.dimension not in ("", "pair", "ordinal", "share"):
        if one.factor == other.factor:
            return False
        ratio = one.factor / other.factor
        if (
            abs(math.log10(ratio) - round(math.log10(ratio))) < 1e-9
        ):  # milli, centi: nothing is rounded
            pairs = zip(base(one), base(other), strict=True)
            return all(abs(a - b) <= 1e-9 * max(abs(a), abs(b)) for a, b in pairs)
        return all(
            abs(a * ratio - b) <= _ROUNDED * abs(b)
            and (_close(a * ratio, b, other.step) or _close(b / ratio, a, one.step))
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
    if not (
        names == {"fahrenheit", "celsius"} or (names <= {"fahrenheit", "celsius", ""} and anchored)
    ):
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
    if (factor := _MOLAR.get(anchor[1])) and one.dimension != other.dimension:
        coarse = max(one.step, other.step)
        return _close(high / factor, low, step) or _close(low * factor, high, coarse)
    return False


def as_long(one: Quantity, other: Quantity) -> bool:
    """Durations: a month has about four weeks."""
    if one.kind != "duration" or other.kind != "duration" or len(one.values) != len(other.values):
        return False
    for a, b in zip(base(one), base(other), strict=True):
        days = {round(a / 24, 1), round(b / 24, 1)}
        if abs(a - b) > 1e-6 * a and days not in _MONTHS:
            return False
    return True


def is_same(one: Quantity, others: Iterable[Quantity]) -> bool:
    """Whether a quantity is the same amount as one of some others."""
    return any(
        (one.values == other.values and same_unit(one, other))
        or converted(one, other)
        or as_long(one, other)
        for other in others
    )


def other_unit(one: Quantity, other: Quantity) -> bool:
    """Whether only the unit is another: the same digits, or a thousand times as much."""
    if one.kind == other.kind == "duration" or not (one.dimension and other.dimension):
        return False
    if one.values == other.values:
        return True
    if one.dimension != other.dimension:
        return False
    (a, *_), (b, *_) = base(one), base(other)
    ratio = max(a, b) / min(a, b) if min(a, b) > 0 else 0.0
    powers = _POWERS if one.factor != other.factor else _POWERS[1:]
    return any(abs(ratio - power) < 1e-6 * power for power in powers)
