"""Numbers with their units, dates and times of day, read from the tokens of a text."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from palimpsest.facts.entries import Remembered, is_written
from palimpsest.facts.model import Day
from palimpsest.facts.tokens import word_of

DASHES = frozenset("-–—")
_MORE = {">": 1, "≥": 1, "<": -1, "≤": -1}
# Words before a number that say that it is a bound; two words are joined by a blank.
BOUNDS = {
    "less than": -1, "fewer than": -1, "lower than": -1, "under": -1, "below": -1, "at most": -1,
    "more than": 1, "greater than": 1, "higher than": 1, "over": 1, "above": 1, "exceeding": 1,
    "exceed": 1, "surpassing": 1, "surpass": 1, "surpasse": 1, "topping": 1, "beneath": -1,
    "reaching": 1, "reache": 1, "reach": 1,
    "at least": 1, "beyond": 1, "short of": -1, "excess of": 1, "upwards of": 1,
}  # fmt: skip
# Behind "or" or "and" after a number: 101 or higher.
_OR = {"more": 1, "greater": 1, "higher": 1, "above": 1, "over": 1, "beyond": 1, "older": 1} | {
    word: -1 for word in ("less", "fewer", "lower", "below", "under", "beneath", "younger")
}
_ENDS = frozenset({"st", "nd", "rd", "th"})
DOSE_DIMENSIONS = frozenset("mass volume iu amount dose puff drop spray patch".split())
_MORE_WORDS = frozenset("more additional further full consecutive whole total straight".split())
_WHOLE_UNITS = ("rate", "fahrenheit", "celsius", "share")  # nothing is per another unit
_NEXT = 2  # by which the second of "2 or 3" is more at most
# Words before a number that may be of a bound, and those behind one that are of the same amount.
_BOUNDING = frozenset({"=", *_MORE, *(name.split()[-1] for name in BOUNDS)})
_JOINED = frozenset({*_ENDS, *DASHES, *": / to through or over out of x × * am pm a p".split()})
_GLUED = frozenset("f c m yo yof yom °".split())  # units that are no words of their own
_FAR = 1e12  # no number of a note is larger


def _value(token: str) -> tuple[float, float]:
    """The value of a numeric token, and the step of its last digit."""
    word = word_of(token)
    commas = word.split(",")
    if len(commas) > 1 and all(len(part.split(".")[0]) == 3 for part in commas[1:]):
        word = word.replace(",", "")
    whole, *decimals = word.replace(",", ".").split(".")
    if len(decimals) > 1:  # 1.2.3: a version or a date, not a value
        return float(whole), 1.0
    try:
        value = min(float(word.replace(",", ".")), _FAR)
    except ValueError:  # digits of another script that float does not take
        return 0.0, 1.0
    return value, 10.0 ** -len(decimals[0]) if decimals else 1.0


_VALUES = Remembered(_value)


class Read(NamedTuple):
    """A number as read. after: the index of the token after it. unit: dimension and factor.

    days: a date that is meant, or may be meant. kind: number, duration or date.
    """

    values: tuple[float, ...]
    after: int
    unit: tuple[str, float]
    kind: str
    step: float
    sign: int = 0
    day: tuple[int, int, int, int] | None = None


class Reader:
    """Reads amounts in the tokens of one text.

    norms, names: of each token, with nothing beyond the text.
    """

    def __init__(self, tokens: list[str], norms: list[str], names: list[Any]) -> None:
        self.tokens, self.norms, self.names = tokens, norms, names

    def is_number(self, index: int) -> bool:
        return self.names[index] is True

    def meanings(self, index: int) -> Sequence[tuple[int, Any]]:
        """The names that begin at a token: their tokens, and the entry; the longest first."""
        alone, _, following, _ = self.names[index]
        there = following.get(self.norms[index + 1])
        if there is None:
            return alone  # type: ignore[no-any-return]
        found, size = list(alone), 1
        while there is not None:
            size += 1
            for exact, entry in reversed(there.ends):
                if exact is None or self._written(index, exact):
                    found.insert(0, (size, entry))
            there = there.following.get(self.norms[index + size])
        return found

    def role(self, index: int, role: str) -> tuple[Any, int]:
        """What the longest name that begins at a token means in a role, and where it ends."""
        known = self.names[index]
        if known.__class__ is tuple and role in known[3]:
            for size, entry in self.meanings(index):
                if role in entry.roles:
                    return entry.roles[role], index + size
        return None, index

    def _written(self, index: int, exact: tuple[str, ...]) -> bool:
        """Whether a name stands at a token in its own capitals."""
        words = map(word_of, self.tokens[index : index + len(exact)])
        return all(is_written(a, b) for a, b in zip(exact, words, strict=True))

    def glued(self, index: int) -> bool:
        """Whether nothing is between a token and the next."""
        token = self.tokens[index]
        return token[-1:] not in " \t\n-" or len(token) == 1

    def value(self, index: int) -> tuple[float, float]:
        """The value of a numeric token, and the step of its last digit."""
        if index and self.norms[index - 1] == "." and self.glued(index - 1):
            before = self.tokens[index - 2] if index > 1 else " "
            if not before[-1:].isalnum():
                digits = len(word_of(self.tokens[index]).replace(",", ".").split(".")[0])
                return _VALUES[self.tokens[index]][0] / 10**digits, 10.0**-digits  # .5
        return _VALUES[self.tokens[index]]  # type: ignore[no-any-return]

    def read(self, index: int) -> Read:
        """The number that begins at a numeric token."""
        value, step = self.value(index)
        after = index + 1
        following = self.norms[after]
        if following not in _JOINED:
            known = self.names[after]
            if known is None or known is True or "month" not in known[3]:
                return self._measured((value,), after, step, index)
        if following in _ENDS and self.glued(index):
            after, following = after + 1, self.norms[after + 1]
            month, end = self.role(after, "month")
            if following == "of":
                month, end = self.role(after + 1, "month")
            if month:
                return self._dated(0, int(month), int(value), end)
            return Read((value,), after, ("ordinal", 1.0), "number", 1.0)
        if following == ":" and self.glued(index) and self.is_number(after + 1) and value <= 24:
            return self._timed(value, after)
        if following == "/" and self.is_number(after + 1):
            return self._slashed(value, step, after)
        if following in DASHES and self.is_number(after + 1):
            if value >= 1000 and self.norms[after + 2] in DASHES and self.is_number(after + 3):
                month, _ = self.value(after + 1)
                day, _ = self.value(after + 3)
                if month <= 12 and day <= 31:
                    return self._dated(int(value), int(month), int(day), after + 4)
            other, small = self.value(after + 1)
            if value <= 12 and other <= 31 and self.norms[after + 2] in DASHES:
                if self.is_number(after + 3) and (year := self.value(after + 3)[0]) >= 1900:
                    return self._dated(int(year), int(value), int(other), after + 4)
            return self._measured((value, other), after + 2, min(step, small), index)
        if following == "to" and self.role(after + 1, "number")[0] is not None:
            other_end = self.spelled(after + 1)  # 6 to eight weeks
            if other_end and len(other_end.values) == 1 and other_end.values[0] > value:
                return other_end._replace(values=(value, *other_end.values))
        if self.is_number(after + 1) and (
            following in ("to", "through") or following == "or" and self._is_next(after + 1, value)
        ):
            other, small = self.value(after + 1)
            return self._measured((value, other), after + 2, min(step, small), index)
        if following == "over" and self.is_number(after + 1):
            other, _ = self.value(after + 1)
            return self._measured((value, other), after + 2, step, index, "pair")
        if following == "out" and self.norms[after + 1] == "of" and self.is_number(after + 2):
            other, _ = self.value(after + 2)
            return self._measured((value, other), after + 3, step, index, "pair")
        if following in ("x", "×", "*") and self.is_number(after + 1):
            power = self._power(after + 1)
            if power:
                scale, after = power
                return self._measured((value * scale,), after, step * scale, index)
        month, end = self.role(after, "month")
        if following == "of" and not month:
            month, end = self.role(after + 1, "month")
        if month and value <= 31 and step == 1.0:
            return self._dated(0, int(month), int(value), end)
        if following in ("am", "pm", "a", "p") and value <= 12 and self._meridiem(after):
            return self._timed(value, after)
        return self._measured((value,), after, step, index)

    def _is_next(self, index: int, value: float) -> bool:
        """Whether the number at a token is a little more than another: 2 or 3, 5 or 6."""
        return value < self.value(index)[0] <= value + _NEXT

    def spelled(self, index: int) -> Read | None:
        """The number whose words begin at a token."""
        total, current, at, found = 0.0, 0.0, index, False
        while True:
            number, end = self.role(at, "number")
            if number is None or (found and number < 1):
                break
            if number == 100:
                current = (current or 1.0) * 100
            elif current and not (current % 100 == 0 or (current % 10 == 0 and number < 10)):
                break
            else:
                current += number
            found, at = True, end
            if self.norms[at] == "thousand":
                total, current, at = total + current * 1000, 0.0, at + 1
            elif (
                self.norms[at] == "and"
                and self.norms[at + 1] == "a"
                and self.norms[at + 2] == "half"
            ):
                current, at = current + 0.5, at + 3
            elif self.norms[at] == "point" and self.role(at + 1, "number")[0] is not None:
                decimal, at = self.role(at + 1, "number")
                current += decimal / 10
                return self._measured((total + current,), at, 0.1, index)
            elif self.norms[at] == "and" and current >= 100:
                number, _ = self.role(at + 1, "number")
                at += number is not None
        if not found:
            return None
        value = total + current
        if self.norms[at] in ("to", "or", "-", "–") and value < 100:
            other, end = self.role(at + 1, "number")
            if other is not None and other > value:
                return self._measured((value, float(other)), end, 1.0, index)
        return self._measured((value,), at, 1.0, index)

    def date_by_month(self, index: int, month: int, after: int) -> Read | None:
        """The date that begins with the name of a month."""
        if self.norms[after] == "." and self.is_number(after + 1):
            after += 1
        if not self.is_number(after):
            return None
        value, step = self.value(after)
        if step != 1.0:
            return None
        if value > 31:
            year = int(value)
            return Read((), after + 1, ("", 1.0), "date", 1.0, 0, (year, month, 0, -1))
        after += 1
        if self.norms[after] in _ENDS:
            after += 1
        return self._dated(0, month, int(value), after)

    def bound(self, index: int, end: int = -1) -> int:
        """Whether an amount is said to be a bound: 1 of more than it, -1 of less, else 0."""
        if end >= 0 and self.norms[end] in ("or", "and"):
            if sign := _OR.get(self.norms[end + 1], 0):
                return sign
        before = self.norms[index - 1]
        if before not in _BOUNDING:
            return 0
        if before in _MORE:
            return _MORE[before]
        if before == "=" and self.norms[index - 2] in _MORE:
            return _MORE[self.norms[index - 2]]
        return BOUNDS.get(f"{self.norms[index - 2]} {before}", 0) or BOUNDS.get(before, 0)

    def _meridiem(self, index: int) -> int:
        """Where am or pm ends; 0 where there is none."""
        word = self.norms[index]
        if word in ("am", "pm"):
            return index + 1
        if word in ("a", "p") and self.norms[index + 1] == "." and self.norms[index + 2] == "m":
            return index + 3 + (self.norms[index + 3] == ".")
        return 0

    def _timed(self, hour: float, after: int) -> Read:
        minutes = 0.0
        if self.norms[after] == ":":
            minutes, _ = self.value(after + 1)
            after += 2
            if self.norms[after] == ":" and self.is_number(after + 1):
                after += 2
        end = self._meridiem(after)
        if end:
            hour = hour % 12 + (12 if self.norms[after][0] == "p" else 0)
            after = end
        elif self.norms[after] in ("hour", "hr", "h"):
            after += 1
        minute = int(hour) * 60 + int(minutes)
        return Read((), after, ("", 1.0), "date", 1.0, 0, (0, 0, 0, minute % 1440))

    def _slashed(self, value: float, step: float, after: int) -> Read:
        other, _ = self.value(after + 1)
        if self.norms[after + 2] == "/" and self.is_number(after + 3):
            third, _ = self.value(after + 3)
            if value <= 12 and other <= 31:
                return self._dated(int(third), int(value), int(other), after + 4)
            if value > 31 and other <= 12 and third <= 31:
                return self._dated(int(value), int(other), int(third), after + 4)
        found = self._measured((value, other), after + 2, step, after - 1, "pair")
        if 1 <= value <= 12 and 12 < other <= 31 and found.unit[0] == "pair":
            return self._dated(0, int(value), int(other), after + 2)
        return found

    def _dated(self, year: int, month: int, day: int, after: int) -> Read:
        if not year:
            at = after + (self.norms[after] in (",", "of"))
            if self.is_number(at):
                value, step = self.value(at)
                if 1900 <= value < 2200 and step == 1.0:
                    year, after = int(value), at + 1
        elif year < 100:
            year += 2000 if year < 70 else 1900
        return Read((), after, ("", 1.0), "date", 1.0, 0, (year, month, day, -1))

    def _power(self, index: int) -> tuple[float, int] | None:
        """10^3, 10*3, 10³ after a times sign."""
        if word_of(self.tokens[index]) in ("10³", "10⁹", "10⁶"):
            return {"10³": 1e3, "10⁹": 1e9, "10⁶": 1e6}[word_of(self.tokens[index])], index + 1
        value, _ = self.value(index)
        if value == 10:
            if self.norms[index + 1] in ("^", "*") and self.is_number(index + 2):
                exponent, _ = self.value(index + 2)
                return (10.0**exponent, index + 3) if exponent <= 12 else None
            if self.norms[index + 1] in ("³", "⁹", "⁶"):
                return {"³": 1e3, "⁹": 1e9, "⁶": 1e6}[self.norms[index + 1]], index + 2
        return None

    def _measured(
        self,
        values: tuple[float, ...],
        after: int,
        step: float,
        index: int,
        dimension: str = "",
    ) -> Read:
        """Values with the unit after them; `-minus` before makes them negative."""
        if index > 1 and len(values) == 1 and self.norms[index - 1] in ("-", "−"):
            if self.glued(index - 1) and not self.tokens[index - 2][-1:].isalnum():
                values = (-values[0],)
        elif self.norms[index - 1] in ("minus", "negative") and len(values) == 1:
            values = (-values[0],)
        following = self.norms[after]
        if self.names[after] is None and following not in _GLUED and following not in _MORE_WORDS:
            return Read(values, after, (dimension, 1.0), "number", step)
        if following in _MORE_WORDS and self.role(after + 1, "time")[0] is not None:
            after += 1  # 4 more days
        time, end = self.role(after, "time")
        if time is not None and self._is_time(after):
            return self._lasting(values, after, end, time, step)
        unit, end = self.role(after, "unit")
        if unit is None or (
            unit[0] == "count"
            and not self.glued(after - 1)
            and unit[1] == 1e3
            and self.norms[after] == "k"
            and self.norms[after + 1] != "/"
        ):
            if self.norms[after] in ("f", "c") and (90 <= values[0] <= 110 or 30 <= values[0] < 45):
                name = "fahrenheit" if self.norms[after] == "f" else "celsius"
                return Read(values, after + 1, (name, 1.0), "number", step)
            if self.norms[after] in ("f", "m", "yo", "yof", "yom") and self.glued(after - 1):
                return Read(values, after + 1, ("age", 1.0), "number", step)
            if self.norms[after] == "°":
                at = after + 1
                if self.norms[at] in ("f", "c"):
                    name = "fahrenheit" if self.norms[at] == "f" else "celsius"
                    return Read(values, at + 1, (name, 1.0), "number", step)
                return Read(values, at, (dimension, 1.0), "number", step)
            if self.norms[after] == "yo":
                return Read(values, after + 1, ("age", 1.0), "number", step)
            return Read(values, after, (dimension, 1.0), "number", step)
        name, factor = unit
        if name == "pack" or dimension == "pair" and name == "pressure":
            return Read(values, end, (dimension or name, factor), "number", step)
        if name == "count" and factor >= 1e3 and self.norms[after] != "k":
            scaled = tuple(value * factor for value in values)
            return Read(scaled, end, (dimension, 1.0), "number", step * factor)
        # mg/dL, K/uL, units per hour
        if self.norms[end] in ("/", "per") and name not in _WHOLE_UNITS:
            for role in ("unit", "time"):
                under, beyond = self.role(end + 1, role)
                if under is not None:
                    of, amount = under if role == "unit" else ("time", under)
                    return Read(values, beyond, (f"{name}/{of}", factor / amount), "number", step)
        if name == "count":
            return Read(values, end, (name, factor), "number", step)
        return Read(values, end, (dimension or name, factor), "number", step)

    def _is_time(self, index: int) -> bool:
        """Whether a word of time is one: `y` only right behind a digit."""
        word = self.norms[index]
        if word == "hr" and self.tokens[index].startswith("HR"):
            return self.glued(index - 1)  # T 98.6 HR 80
        return len(word) > 1 or self.glued(index - 1) or word in "hd"

    def _lasting(
        self, values: tuple[float, ...], after: int, end: int, hours: float, step: float
    ) -> Read:
        if hours == 8766:
            if self.norms[end] == "old":
                return Read(values, end + 1, ("age", 1.0), "number", step)
            if self.norms[end] == "of" and self.norms[end + 1] == "age":
                return Read(values, end + 2, ("age", 1.0), "number", step)
            if self.norms[after] == "y" and self.norms[end] in ("o", "/"):
                end += 1 + (self.norms[end] == "/")
                return Read(values, end, ("age", 1.0), "number", step)
            if self.norms[after] in ("yr", "y") and self.norms[end] == "o":
                return Read(values, end + 1, ("age", 1.0), "number", step)
        return Read(values, end, ("time", hours), "duration", step)


def day_of(read: Read, start: int, end: int) -> Day:
    """A read date as a fact."""
    assert read.day is not None
    return Day(*read.day, start, end, None)
