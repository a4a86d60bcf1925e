"""Numbers of a sentence: those of lists and names, amounts, and how often."""

from palimpsest.facts.amounts import DASHES, Read
from palimpsest.facts.places import Places
from palimpsest.facts.polarity import ENDS, LISTED
from palimpsest.facts.tokens import word_of

_EACH = frozenset({"/", "per", "a", "each", "every", "in", "the"})
_OFTEN = frozenset({"hourly", "time", "x", "interval"})  # behind a number: how often
_LIST_SIGNS = frozenset({".", ")"})
_LONG_LIST = 40  # tokens between the first item of a list and the second


class Numbers(Places):
    """A sentence that reads its numbers."""

    def _number(self, index: int) -> int:
        before = self.norms[index - 1] if index else "\n"
        if index and before not in ("x", "q") and self.tokens[index - 1][-1].isalpha():
            return index + 1  # a part of a name, such as T12
        following = self.norms[index + 1]
        if before in DASHES and self._is_in_name(index):  # interleukin-6
            return index + 1
        if before in ("\n", "#") or index == self.first and before in ENDS or index == 0:
            # The number of a list's item.
            if following in _LIST_SIGNS and self.reader.glued(index):
                return index + 2
            if before == "#":
                return index + 1
        elif following == ")" and self._is_item(index):
            return index + 2
        elif before == ":" and self._begins_list(index):
            return index + 2
        return self._noted(index, self.reader.read(index), False)

    def _is_item(self, index: int) -> bool:
        """Whether a number numbers an item: 2) aspirin, but not (grade 2)."""
        return self.reader.glued(index) and "(" not in self.norms[self.first : index]

    def _begins_list(self, index: int) -> bool:
        """Whether an item 1, and then an item 2, stand in a line: "1. Aspirin. 2. Senna."."""
        if self.tokens[index] != "1" or self.norms[index + 1] not in _LIST_SIGNS:
            return False
        return any(
            self.tokens[at] == "2"
            and self.norms[at + 1] in _LIST_SIGNS
            and self.norms[at - 1] in LISTED | ENDS
            for at in range(index + 2, min(index + _LONG_LIST, len(self.tokens)))
        )

    def _is_in_name(self, index: int) -> bool:
        """Whether a number is glued by a dash to a word that is no label of a value: Na-138."""
        name = index - 2
        if name < self.first or not (self.reader.glued(index - 1) and self.reader.glued(name)):
            return False
        word = self.tokens[name]
        return word.isalpha() and len(word) > 1 and self.names[name] is None

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
