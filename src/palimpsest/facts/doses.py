"""Drugs that no lexicon has: words that stand where the drug of a dose must stand."""

from palimpsest.facts.amounts import DOSE_DIMENSIONS
from palimpsest.facts.polarity import ENDS
from palimpsest.facts.sentence import Sentence
from palimpsest.facts.unknown import may_name

_VERBS = ("ed", "ing", "ly")  # no name of a drug ends with them
_BETWEEN = frozenset(
    "at a of dose dosage strength amount to ( : , - – — is was which taken given prescribed being "
    "been".split()
)  # between a drug and its dose
_LONG = 7  # letters
_TO = frozenset({"to", "of", "include"})  # end a cue that an allergen must follow
_ALLERGENS = 4  # words in which the first allergen must stand
_MANNER = frozenset("basis route manner injection inhalation the on in via by once".split())
_COMMON = frozenset(
    "receives receive taken dose about total with from take takes taking given received additional "
    "another only over under than least most around approximately and for the was were has "
    "had home each every daily dosage increased decreased reduced raised to of at on up "
    "continued started switched changed currently tablet tablets capsule capsules oral "
    "intravenous bolus rate volume weight drip loading maintenance lowered titrated adjusted "
    "using used also then reported prescribed dosed each these those which where takes being "
    "started begin began needs require requires medication medicine drug agent capsule".split()
)


class Doses(Sentence):
    """A sentence that looks for the drugs of its doses."""

    def _unknown_drugs(self) -> None:
        """A word that no lexicon has, before a dose with a route or frequency, names a drug.

        One before another dose may be no drug: it only tells of what the dose is.
        """
        told = []
        for first, end, read, _ in self.amounts:
            if read.unit[0] not in DOSE_DIMENSIONS:
                continue
            named = self._name_of_dose(first, end)
            head = self.norms[self.first] == "for" and self.norms[self.first + 2] == ","
            if head and self._may_be_drug(self.first + 1):  # for X, she takes 25 mg
                named = self.first + 1
            if named is not None and self._may_be_drug(named):
                self.found.append((named, named + 1, ("medication", f"?{self.norms[named]}")))
            elif self._may_be_drug(named := self._before_dose(first)):
                told.append((named, named + 1, ("medication", f"?{self.norms[named]}")))
        self.found.sort()
        self.named = sorted([*self.found, *told]) if told else self.found

    def _unknown_allergens(self) -> None:
        """Words that no lexicon has where the allergen must stand name it: allergic to pollen."""
        if any(cue.what in ("absent", "unread") for cue in self.cues):
            return
        for at, way in self.allergies:
            if way == "<":
                last = first = at - 1
                while first - 1 > self.first and may_name(self.norms[first - 1]):
                    first -= 1
                self._allergen(first, last)
                continue
            # "Allergies: zilch" may deny them, and a long word names one.
            least = 0 if self.norms[at - 1] in _TO else _LONG
            for first in range(at, min(at + _ALLERGENS, len(self.tokens))):
                norm = self.norms[first]
                if norm in ENDS or norm == "\n" or self._is_found(first):
                    break
                if may_name(norm):
                    if len(norm) >= least:
                        self._allergen(first, first)
                    break

    def _allergen(self, first: int, last: int) -> None:
        if first < self.first or self._is_found(last) or not may_name(self.norms[last]):
            return
        if not self.facts.read[first]:
            self.found.append((first, last + 1, ("medication", f"?{self.norms[first]}")))
            self.found.sort()

    def _before_dose(self, first: int) -> int:
        """Where the name before a dose stands: zyltorin at a dose of 25 mg.

        Also with a frequency or route between: zyltorin is taken by mouth every day at 25 mg.
        """
        begins = {end - 1: begin for begin, end, *_ in [*self.rates, *self.routes]}
        named, passed = first - 1, False
        while named > self.first:
            if named in begins:
                named, passed = begins[named] - 1, True
            elif self.norms[named] in _BETWEEN or self.norms[named] in _MANNER:
                named -= 1
            elif self.norms[named].endswith("ed") or passed and self._is_plain(named):
                named -= 1
            else:
                break
        return named

    def _is_plain(self, index: int) -> bool:
        """Whether a word is one of orders, or a verb."""
        return self.norms[index] in _COMMON or self.norms[index].endswith(_VERBS)

    def _name_of_dose(self, first: int, end: int) -> int | None:
        """Where the drug of a dose must stand that no lexicon has; None where there is none.

        In "zyltorin at 25 mg daily", "25 mg of zyltorin" or "25 mg zyltorin daily".
        """
        if end >= len(self.tokens) or self._is_found(end):
            return None
        if self.norms[end] == "of":
            return end + 1 if end + 1 < len(self.tokens) else None
        rates = {rate[0] for rate in self.rates}
        if self._is_route(end) or end in rates or self.norms[end] == "once":
            return self._before_dose(first)
        return end if self._is_route(end + 1) or end + 1 in rates else None

    def _is_route(self, index: int) -> bool:
        return bool(self.reader.role(index, "route")[0])

    def _may_be_drug(self, index: int) -> bool:
        """Whether a word may be the name of a drug: none that is known, and none of orders."""
        word = self.norms[index]
        if not word or self.names[index] is True or self._is_found(index) or self._is_route(index):
            return False
        if (meant := self.names[index]) is not None and meant[0]:
            return False
        known = word in _COMMON or f"{word}s" in _COMMON
        return len(word) > 4 and may_name(word) and not known and not word.endswith(_VERBS)

    def _is_found(self, index: int) -> bool:
        return any(first <= index < end for first, end, _ in self.found)
