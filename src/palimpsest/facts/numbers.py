"""Numbers of a sentence: those of lists and names, amounts, and how often."""

from palimpsest.facts.amounts import Read
from palimpsest.facts.places import Places
from palimpsest.facts.polarity import ENDS, LISTED
from palimpsest.facts.tokens import word_of

_EACH = frozenset({"/", "per", "a", "each", "every", "in", "the"})
_OFTEN = frozenset({"hourly", "time", "x", "interval"})  # behind a number: how often
_LIST_SIGNS = frozenset({".", ")"})
_DIGITS = 2  # of an item's number
_LONG_LIST = 40  # tokens between the first item of a list and the second


class Numbers(Places):
    """A sentence that reads its numbers."""

    def _number(self, index: int) -> int:
        """Read a number, unless it is one of a name or of a list's item. Returns where to go on."""
        before = self.norms[index - 1] if index else "\n"
        if index and before not in ("x", "q") and self.tokens[index - 1][-1].isalpha():
            return index + 1  # a part of a name, such as T12
        following = self.norms[index + 1]
        if before in ("\n", "#") or index == self.first and before in ENDS or index == 0:
            # The number of a list's item.
            if following in _LIST_SIGNS and self.reader.glued(index):
                if not (following == ")" and self._is_enclosed(index)):
                    return index + 2
            if before == "#":
                return index + 1
        elif self._is_item(index):
            return index + 2
        return self._noted(index, self.reader.read(index), False)

    def _is_enclosed(self, index: int) -> bool:
        """Whether a bracket was opened before a token and is open there still: (K 4; 138)."""
        before = reversed(self.norms[max(0, index - _LONG_LIST) : index])
        return next((norm for norm in before if norm in ("(", ")")), ")") == "("

    def _is_item(self, index: int) -> bool:
        """Whether a number numbers an item of a list in a line, whose next or last is near.

        "1) aspirin 2) senna", "Drugs: 1. Aspirin. 2. Senna."; not "(grade 2)", "(K 4; Na 138)".
        """
        sign, number = self.norms[index + 1], self.tokens[index]  # with nothing between them
        if sign not in _LIST_SIGNS or not number.isdigit() or len(number) > _DIGITS:
            return False
        if self._is_enclosed(index):
            return False
        near = (
            (int(number) + 1, range(index + 2, min(index + _LONG_LIST, len(self.tokens)))),
            (int(number) - 1, range(max(0, index - _LONG_LIST), index - 1)),
        )
        return (sign == ")" or self.norms[index - 1] == ":") and any(
            self.tokens[at] == str(other)
            and self.norms[at + 1] == sign
            and (sign == ")" or self.norms[at - 1] in LISTED | ENDS)
            for other, places in near
            for at in places
        )

    def _noted(self, index: int, read: Read, weak: bool) -> int:
        """Note an amount, or how often where it is one: 3 times a day, every 5 hours."""
        if read.kind == "number" and self.norms[read.after] not in _OFTEN:
            if read.unit[0] == "ordinal" and read.values == (2.0,):  # first A, 2nd B
                self.sequences.append((index, read.after, 1))
            self.amounts.append((index, read.after, read, weak))
            return read.after
        if self.norms[read.after] == "hourly" and read.values[-1]:
            self.rates.append((index, read.after + 1, 24 / read.values[-1], ""))
            return read.after + 1
        if self.norms[read.after] in ("time", "x") and len(read.values) == 1:
            if (per := self._per(read.after + 1)) is not None:  # 3x/day, two times in 24 hours
                self.rates.append((index, per[1], read.values[0] * 24 / per[0], ""))
                return per[1]
            often, end = self.reader.role(read.after + 1, "frequency")
            if often and often[0] and not often[1]:
                self.rates.append((index, end, read.values[0] * often[0], ""))
                return end
        hours = read.unit[1] * read.values[-1] if read.kind == "duration" and read.values else 0
        if hours and self.norms[read.after] == "interval":  # at six-hour intervals
            self.rates.append((index, read.after + 1, 24 / hours, ""))
            return read.after + 1
        of = self.norms[index - 1] == "of" and word_of(self.tokens[index - 2]) == "intervals"
        if hours and of:
            self.rates.append((index - 2, read.after, 24 / hours, ""))
            return read.after
        if read.kind == "duration" and self.norms[index - 1] in ("every", "q", "each"):
            hours = read.unit[1] * read.values[-1]
            if hours:
                self.rates.append((index - 1, read.after, 24 / hours, ""))
                return read.after
        self.amounts.append((index, read.after, read, weak))
        return read.after

    def _per(self, index: int) -> tuple[float, int] | None:
        """The hours of what stands after "each", "in a" or the like, and where it ends."""
        at = index
        while at < index + 2 and self.norms[at] in _EACH:
            at += 1
        if at == index:
            return None
        if self.reader.is_number(at):
            read = self.reader.read(at)
            hours = read.unit[1] * read.values[0] if read.kind == "duration" and read.values else 0
            return (hours, read.after) if hours > 0 else None
        hours, end = self.reader.role(at, "time")
        return (hours, end) if hours and hours >= 24 else None
