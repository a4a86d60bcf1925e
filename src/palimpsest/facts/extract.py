"""The facts of a text: one pass over its tokens, sentence by sentence.

What a name is said to be (absent, possible, of a relative) is decided within its sentence, by cues
and by the words that end their reach, as in ConText (Harkema et al. 2009), over our own lexicon.
"""

from collections.abc import Mapping
from typing import Any

from palimpsest.facts.amounts import DOSE_DIMENSIONS, Read
from palimpsest.facts.entries import named_for
from palimpsest.facts.lexicon import AMBIGUOUS
from palimpsest.facts.model import (
    Concept,
    Day,
    Facts,
    Frequency,
    Mention,
    Quantity,
    Side,
)
from palimpsest.facts.numbers import Numbers
from palimpsest.facts.polarity import BE, ENDS, Cue, listed, negation, said_of, stop
from palimpsest.facts.tokens import word_of
from palimpsest.facts.unknown import is_unknown

_LONGEST = 250  # tokens of a sentence
_MOST = 400  # facts of a kind that are compared
# Of which the text tells one by one: two prescriptions.
_COUNTED = frozenset(
    "prescription medication medicine drug item procedure problem condition agent complaint "
    "symptom diagnosis finding comorbidity operation".split()
)
_FEVER, _TEMPERATURE = ("problem", "fever"), ("test", "temperature")
_REACH = 5  # words between a side and what it is of
_HEARD = frozenset("cue> cue< relative allergy> allergy< allergic order route stop".split())
_ALLERGIC = frozenset({"allergic", "allergy>", "allergy<"})
_STRONG = ("allerg", "hypersens", "intoleran", "anaphyla")
_ASKED = ("negative", "neg", "unremarkable")  # followed by "for" and what was looked for
_ARTICLES = frozenset("a an the any prior previous had further".split())
_OF = frozenset({"of", "the"})
_FOUND = frozenset("evidence finding sign proof indication".split())  # no CT evidence of
_TOLD = frozenset("found noted reported described noticed said stated".split())
_CUT = frozenset("neg pos poss prob susp approx incl hx dx vs".split())
_RATES = {"breath": ("test", "respiratory rate"), "beat": ("test", "heart rate")}
_LEAVING = frozenset({"which", "it"})
_READ = b"\1"
_BREAKS = ENDS | {"\n"}
_SHORT = 3  # letters of an abbreviation that may be another word
_SPEAKING = 3  # words in which a relative's verb of saying must come


def facts_of(text: str, also: Mapping[str, Concept] | None = None) -> Facts:
    """The facts of a text, in time linear in its length.

    also: words that no lexicon has, in lower case, and what they stand for in this text:
    abbreviations, and names by their first words.
    """
    return _Extraction(text, also or {}).facts


class _Extraction(Numbers):
    """One pass; `facts` is what it found."""

    def __init__(self, text: str, also: Mapping[str, Concept]) -> None:
        super().__init__(text)
        for index, norm in enumerate(self.norms if also else ()):
            if norm in also and (
                self.tokens[index][0].isupper()
                or not (self.names[index] or [()])[0]  # it means nothing by itself
                and (len(norm) > _SHORT or is_unknown(also[norm]))
            ):
                self.names[index] = named_for(also[norm])
        self._walk()
        for kind in ("quantities", "frequencies", "days", "sides", "mentions", "orders"):
            del getattr(self.facts, kind)[_MOST:]

    def _walk(self) -> None:
        names, norms, size = self.names, self.norms, len(self.tokens)
        index = 0
        while index < size:
            known = names[index]
            if known is None:
                index = self._break(index) if norms[index] in _BREAKS else index + 1
            elif known is not True and not known[1] and norms[index + 1] not in known[2]:
                index += 1  # it only begins longer names
            else:
                if index - self.first > _LONGEST:  # what has no end is not looked at as one
                    self._finish(index)
                    self._new_sentence(index)
                if known is not True:
                    index = self._name(index, known)
                    continue
                after = self._number(index)
                self.facts.read[index:after] = _READ * (after - index)
                index = after
        self._finish(size)

    def _break(self, index: int) -> int:
        """The end of a sentence or line; a section ends with a blank line or another header."""
        norm, token = self.norms[index], self.tokens[index]
        following = self.norms[index + 1]
        if norm == "." and not (len(token) > 1 or following in ("\n", "")):
            return index + 1
        if norm == "." and self.norms[index - 1] in _CUT and following:
            if self.tokens[index + 1][0].islower():
                return index + 1  # neg. for
        self._finish(index)
        if norm == "\n" and following == "\n":
            self.section = ""
        self._new_sentence(index + 1)
        return index + 1

    def _name(self, index: int, known: Any) -> int:
        alone, _, following, _ = known
        longer = self.norms[index + 1] in following
        for size, entry in self.reader.meanings(index) if longer else alone:
            if not entry.noted:
                continue
            plain = entry.plain
            end = after = index + size
            if plain == "concept":
                self.found.append((index, end, entry.roles["concept"]))
            elif plain == "stop":
                self.stops.append(stop(self.reader, index, entry.roles["stop"]))
            else:
                after = self._understood(index, end, entry.roles)
            if after > index:
                self.facts.read[index:after] = _READ * (after - index)
                return after
        if self.norms[index] == "\n":
            return self._break(index)
        return index + 1

    def _understood(self, index: int, end: int, roles: dict[str, Any]) -> int:
        """Note what a name means. Returns where to go on, or `index` where it means nothing."""
        # Drug allergies are a heading, and hypersensitivities are not a problem.
        if "concept" in roles and "allergy>" not in roles and roles.get("allergic") is not True:
            self._concept(index, end, roles["concept"])
            if "denying" in roles:
                self.denying.add(index)
            return end
        if "frequency" in roles:
            if word_of(self.tokens[index]) in AMBIGUOUS and not self._is_ordered(index):
                return index
            rate, timing = roles["frequency"]
            self.rates.append((index, end, rate, timing))
            return end
        if "multiple" in roles and (per := self._per(end)) is not None:
            self.rates.append((index, per[1], roles["multiple"] * 24 / per[0], ""))
            return per[1]
        if "number" in roles:
            read = self.reader.spelled(index)
            if read:
                value = read.values[0]
                counted = self.norms[read.after] in _COUNTED and not read.unit[0]
                weak = value <= 1 and not read.unit[0] or self.norms[index] == "half" or counted
                return self._noted(index, read, weak)
        if "ordinal" in roles and self.norms[end] in ("hospital", "day", "postoperative"):
            read = Read((roles["ordinal"],), end, ("ordinal", 1.0), "number", 1.0)
            self.amounts.append((index, end, read, False))
            return end
        if "month" in roles:
            read = self.reader.date_by_month(index, int(roles["month"]), end)
            if read:
                self.amounts.append((index, read.after, read, False))
                return read.after
        if "none" in roles:
            return end
        if "not" in roles:
            cue, after = negation(self.reader, index, end)
            if cue is not None:
                self.cues.append(cue)
            return after
        if "cue>" in roles:
            self.cues.append(listed(self.reader, index, end, ">", roles["cue>"]))
        if "cue<" in roles:
            if self.norms[end - 1] in _ASKED and self.norms[end] == "for":  # was negative for
                self.cues.append(listed(self.reader, index, end + 1, ">", roles["cue<"]))
                return end + 1
            self.cues.append(listed(self.reader, index, end, "<", roles["cue<"]))
        if "no_allergy" in roles:
            self.facts.no_allergy.append(self.span(index, end))
            self.allergies.clear()  # what is behind it is no list of allergens
            return end
        if "relative" in roles:
            self._relative(index, end)
        if "place>" in roles:
            self.places.append((end, 1, roles["place>"]))
        if "place<" in roles:
            self.places.append((index, -1, roles["place<"]))
        if "allergy>" in roles:
            self.allergies.append((end, ">"))
            if self.norms[end] == ":" and self.norms[end + 1] == "\n":
                self.section = "allergy"
        if "allergy<" in roles:
            self.allergies.append((index, "<"))
        if "order" in roles:
            self.sequences.append((index, end, roles["order"]))
        if not _ALLERGIC.isdisjoint(roles):
            strong = roles.get("allergic") or any(
                word.startswith(_STRONG) or word == "all" for word in self.norms[index:end]
            )
            self.allergic.append((index, end, strong))
        if "route" in roles:
            self.routes.append((index, end))
        if "stop" in roles:
            self.stops.append(stop(self.reader, index, roles["stop"]))
        if "side" in roles or "sided" in roles:
            return self._side(index, end, roles)
        if "time" in roles and self.norms[index - 1] in ("a", "an"):
            read = Read((1.0,), end, ("time", roles["time"]), "duration", 1.0)
            self.amounts.append((index - 1, end, read, True))
            return end
        return end if not _HEARD.isdisjoint(roles) else index

    def _concept(self, index: int, end: int, concept: Concept) -> None:
        if self.norms[index] == "ra" and self.norms[index - 1] in ("%", "percent", "cent"):
            return  # room air
        if concept == _TEMPERATURE and self._is_raised(index, end):
            concept = _FEVER
        if concept == _FEVER and self._is_bounded(end):
            concept = _TEMPERATURE  # call for fever > 100.4
        self.found.append((index, end, concept))

    def _relative(self, index: int, end: int) -> None:
        if self.norms[index] in ("family", "fh", "fhx") and self.norms[end] == ":":
            if self.norms[end + 1] == "\n":
                self.section = "family"
        following = range(end, min(end + _SPEAKING, len(self.tokens)))
        before = self.norms[index - 1]
        if self.norms[index] == "family" or self.norms[index] in ("fh", "fhx"):
            self.relatives.append((index, end))
            return
        for at in following:
            if self.norms[at] in ENDS:
                break
            # Her father was found to have: he is told of, and does not tell.
            if self.reader.role(at, "telling")[0] and not (
                self.norms[at] in _TOLD and self.norms[at - 1] in BE
            ):
                return
        theirs = before in ("his", "her", "their", "the", "patient", "a")
        first = self.norms[index - 2] if theirs else before
        if first in ("with", "per", "by", "from", "to", "live", "lived", "and") and theirs:
            return
        self.relatives.append((index, end))

    def _side(self, index: int, end: int, roles: dict[str, Any]) -> int:
        start, stop = self.span(index, end)
        if "sided" in roles:
            side, part = roles["sided"]
            self.facts.sides.append(Side(side, part, start, stop))
            after = end + (self.norms[end] == "abdominal")
            if part == "quadrant" and self.norms[after] in ("pain", "tenderness"):
                self.found.append((index, after + 1, ("problem", "abdominal pain")))
                return after + 1
            return end
        side = roles["side"]
        if self.norms[index - 1] in _LEAVING:  # the scan, which left PE a possibility
            return end
        at, part = end, ""
        for at in range(end, min(end + _REACH, len(self.tokens))):
            norm = self.norms[at]
            if norm in ENDS or norm in (",", "\n", ":", "(") or self.names[at] is True:
                break
            if at > end and norm in ("left", "right"):
                break
            part, _ = self.reader.role(at, "part")
            if part:
                break
            concept, _ = self.reader.role(at, "concept")
            if concept and concept[0] in ("problem", "procedure"):
                part = concept[1]
                break
        placed = self.norms[index - 1] in ("the", "on", "in") and side != "both"
        sided = end - index > 1 or self.norms[index] in ("bilateral", "bilaterally")
        verb = self.norms[end] in ("the", "against", "her", "his", "without", "ama", "for")
        if part or sided or (placed and not verb and self.norms[end] not in ("now", "away")):
            short = len(word_of(self.tokens[index])) == 1
            if not (short and not part):
                self.facts.sides.append(Side(side, part or "", start, stop))
        return end

    def _finish(self, end: int) -> None:
        """Decide what a sentence that ends before a token says of what it names."""
        self.named = self.found
        if self.amounts and self._has_unnamed(end):
            self._unknown_drugs()
        if self.allergies:
            self._unknown_allergens()
        if self.places or self.cues or self.relatives:
            self._unknown_names(end)
        if self.allergic or self.section == "allergy" and self.cues:
            self._no_allergies()
        if self.found:
            self._mentions()
        if self.sequences or self.begun:
            self._orders()
        for first, end, read, weak in self.amounts:
            self._amount(first, end, read, weak)
        for first, end, rate, timing in self.rates:
            anchor = self._anchor(first, end, ("medication",))
            self.facts.frequencies.append(Frequency(rate, timing, *self.span(first, end), anchor))

    def _mentions(self) -> None:
        found, relatives = self.found, self.relatives
        told = said_of(found, self.cues, self.stops, self.norms) if self.cues else None
        patient = self._patients() if relatives else ()
        theirs = self.section == "family"
        for place, (first, end, concept) in enumerate(found):
            kind = concept[0]
            said = told[place] if told else "present"
            if first in self.denying and said == "present":
                said = "absent"
            family: bool | None = False
            allergy: bool | None = False
            joined = False
            if kind == "medication":
                allergy = self._is_allergy(first, end)
            else:
                family = theirs
                for start, after in relatives:
                    if start < first and not any(after <= at < first for at in patient):
                        family = True
                    elif start > first and family is not True:
                        family = self._belongs(end, start) or None
                if kind == "problem":
                    joined = self._is_joined(place)
                elif kind == "procedure" and told and self.norms[end] not in _FOUND:
                    # Done or not; what it showed is said of what it looked for.
                    near = [cue for cue in self.cues if self._is_next(cue, first)]
                    said = "absent" if near and near[-1].what == "absent" else "present"
            name = tuple(self.norms[first:end])
            start, stop = self.span(first, end)
            self.facts.mentions.append(
                Mention(concept, start, stop, said, family, allergy, name, joined, first)
            )

    def _patients(self) -> list[int]:
        """Where a sentence names the patient, and not as a relative's: mother of the patient."""
        return [
            index
            for index in range(self.first, self.found[-1][0])
            if self.names[index].__class__ is tuple
            and self.reader.role(index, "patient")[0]
            and "of" not in self.norms[max(0, index - 2) : index]
        ]

    def _is_next(self, cue: Cue, first: int) -> bool:
        """Whether at most an article is between a cue and a name after it."""
        between = self.norms[cue.end : first]
        return cue.way == ">" and 0 <= first - cue.end <= 1 and _ARTICLES.issuperset(between)

    def _is_joined(self, place: int) -> bool:
        """Whether nothing but "of the" is between a problem and the next one or the last one."""
        found = self.found
        first, end, (kind, _) = found[place]
        if place and first - (before := found[place - 1])[1] <= 2 and kind == before[2][0]:
            if _OF.issuperset(self.norms[before[1] : first]):
                return True
        if place + 1 < len(found) and (after := found[place + 1])[0] - end <= 2:
            return kind == after[2][0] and _OF.issuperset(self.norms[end : after[0]])
        return False

    def _amount(self, first: int, end: int, read: Read, weak: bool) -> None:
        start, stop = self.span(first, end)
        if read.day is not None:
            anchor = self._anchor(first, end, ("problem", "procedure", "event"))
            self.facts.days.append(Day(*read.day, start, stop, anchor))
            return
        kind = read.kind
        sign = self.reader.bound(first, end)
        way = 0
        if kind == "duration":
            way = self._direction(first, end)
            anchor = self._anchor(first, end, ("problem", "procedure", "medication"))
        else:
            anchor = self._anchor(first, end, ("medication", "test"))
            if read.unit[0] in DOSE_DIMENSIONS and anchor and anchor[0] == "medication":
                kind = "dose"
            elif anchor and anchor[0] == "medication":
                anchor = None
            if read.unit[0] == "rate":
                said = self.norms[first:end]
                anchor = next((of for word, of in _RATES.items() if word in said), anchor)
        dimension, factor = read.unit
        self.facts.quantities.append(
            Quantity(
                kind,
                read.values,
                dimension,
                factor,
                start,
                stop,
                anchor,
                sign,
                read.step,
                way,
                weak,
            )
        )
