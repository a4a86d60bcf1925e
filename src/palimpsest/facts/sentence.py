"""What a sentence says of what it names: whether it is there, whose it is, and what comes first."""

from itertools import accumulate

from palimpsest.facts.amounts import DASHES, Read, Reader
from palimpsest.facts.lexicon import lexicon
from palimpsest.facts.model import Concept, Facts, Order
from palimpsest.facts.polarity import ENDS, LISTED, Cue, Stop
from palimpsest.facts.tokens import stem, tokens_of, word_of
from palimpsest.facts.unknown import may_name

_THEN = frozenset(
    "second secondly subsequent then later subsequently afterward thereafter next "
    "eventually".split()
)
_NOT = frozenset({"not", "never", "only"})
_OFTEN = frozenset("every a per each daily weekly monthly q in".split())  # once every day
_TURNED = frozenset(
    ", did had was were came come took went followed underwent".split()
)  # "only after A did she have B"
_THAT = frozenset("this it that which these".split())  # what the sentence before names
_UNORDERED = ("test", "medication")
_CLOSING = frozenset({"", "\n", ",", "(", ")", *ENDS, *_THAT})  # behind "B came after"
_EARLIER = frozenset("before beforehand earlier previously prior preceded preceding".split())
_SEQUENCE = frozenset({"before", "prior", "after"})
_EMPTY = frozenset("their this that these those being having been some such when then".split())
_SIGNS = {("problem", name) for name in ("urticaria", "anaphylaxis", "angioedema")}
_TAGS = _EARLIER | frozenset("second later subsequently afterward afterwards next".split())
_NUMBERED = frozenset("second earlier later".split())  # "A was the earlier one, B the later"
_SPLITTING = frozenset({",", "and", ";"})
_BOTH = 2  # names of a sentence that are in the order in which they are told
_COMPLETE = frozenset("complete completed finished over concluded done".split())
_REMAINDER = 16  # words of the rest of a sentence
_CLAUSE = 8  # words of "when A was complete"
_REASONS = frozenset("because due owing".split())  # cannot be given because of an allergy
_OF_DRUGS = frozenset({"drug", "medication", "medicine", "agent", "substance", "antibiotic"})
_BESIDE = frozenset("(:-–—")  # gout (father)
_WITHIN = frozenset({"in", "within", "among"})
_BELONGS = 8  # words between a name and the relative whose it is
_NEGATED = 4  # words between a denial, a word of allergies, and a drug
_BETWEEN = frozenset({",", "and", "|", "/", ";"})  # between a value and the next name
_LEVELS = frozenset("stable normal were remained have trending of at to up down in".split())
_BOUND = 4  # words in which the value of a temperature must come
_AROUND = 3  # words after a number in which its direction must be said

_ROUND = 32  # tokens beyond a text that may be asked for
_NOTHING = [""] * _ROUND
_NAMELESS = [None] * _ROUND

Named = tuple[int, int, Concept]  # first token, end, concept


class Sentence:
    """The tokens of a text, and what was met in the sentence that is being read.

    section: family or allergy, while such a section lasts. facts: of the text so far.
    """

    def __init__(self, text: str) -> None:
        known = lexicon()
        self.tokens = tokens_of(text)
        words = list(map(known.norms.__getitem__, self.tokens))
        # With nothing behind the text, and so before it as well: what is asked for there is none.
        self.norms = words + _NOTHING
        self.names = [*map(known.names.__getitem__, self.tokens), *_NAMELESS]
        self.starts = [0, *accumulate(map(len, self.tokens))]
        self.sizes = list(map(known.sizes.__getitem__, self.tokens))
        self.reader = Reader(self.tokens, self.norms, self.names)
        self.unnamed = [at for at, may in enumerate(map(known.unnamed.__getitem__, words)) if may]
        read = bytearray(len(words))
        self.facts = Facts(words=words, tokens=self.tokens, read=read, unnamed=self.unnamed)
        self.section, self.counted = "", False
        self.found: list[Named] = []
        self.named = self.found  # with words that may name a drug
        self._new_sentence(0)

    def _new_sentence(self, first: int) -> None:
        self.first = first  # index of its first token
        # Of the sentence before, where it is one that may have been before another.
        self.previous = [one for one in self.found[-1:] if one[2][0] not in _UNORDERED]
        # The same where names of a list that goes on stand in order: "in order: A; B".
        self.begun = self.previous if self.counted and self.norms[first - 1] == ";" else []
        self.counted = False  # whether names stand in order in this one
        self.found = []
        self.denying: set[int] = set()  # of the names: afebrile
        self.cues: list[Cue] = []
        self.stops: list[Stop] = []
        self.relatives: list[tuple[int, int]] = []
        self.allergies: list[tuple[int, str]] = []
        self.allergic: list[tuple[int, int, bool]] = []  # first token, end, strong
        self.amounts: list[tuple[int, int, Read, bool]] = []
        self.rates: list[tuple[int, int, float, str]] = []
        self.routes: list[tuple[int, int]] = []
        self.sequences: list[tuple[int, int, int]] = []  # first token, end, way
        # Where a name must stand: the token, 1 of one that begins there, -1 of one that ends, kind.
        self.places: list[tuple[int, int, str]] = []

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Character offsets of tokens, without the blanks after the last one."""
        return self.starts[first], self.starts[end - 1] + self.sizes[end - 1]

    def _is_ordered(self, index: int) -> bool:
        """Whether an amount or a route ends just before a token."""
        near = (index - 1, index)
        return any(told and told[-1][1] in near for told in (self.amounts, self.routes))

    def _is_raised(self, index: int, end: int) -> bool:
        """Whether a temperature is meant that is no value: cough and temps, has a temperature."""
        following = self.norms[end]
        if any(self.names[at] is True for at in range(end, min(end + _BOUND, len(self.names)))):
            return False
        if word_of(self.tokens[index]).lower() == "temps":
            return following not in _LEVELS
        return self.norms[index - 1] == "a" and following in LISTED | ENDS | {""}

    def _is_bounded(self, end: int) -> bool:
        """Whether a bound follows: fever of more than 100.4."""
        for at in range(end, min(end + _BOUND, len(self.tokens))):
            if self.names[at] is True:
                return self.reader.bound(at) != 0
            if self.norms[at] in ENDS:
                break
        return False

    def _belongs(self, end: int, relative: int) -> bool:
        """Whether a name is said to be that of a relative after it: "asthma in her mother"."""
        between = self.norms[end:relative]
        if len(between) == 1 and between[0] in _BESIDE:
            return True
        if self.norms[relative] in _WITHIN:  # in the family
            return len(between) <= _BELONGS and {",", ";"}.isdisjoint(between)
        return len(between) <= _BELONGS and bool(
            {"in", "of", "by", "on"} & set(between)
            and not {",", ";", "who"} & set(between)
            or {"affect", "affected", "run"} & set(between)
        )

    def _is_allergy(self, first: int, end: int) -> bool | None:
        """Whether a drug is said to be an allergen; None where the sentence may mean that."""
        if self.section == "allergy":
            return True
        for at, way in self.allergies:
            if way == ">" and at <= first and first - at < 16:
                # The cue's own verb ends nothing: allergies are notable for penicillin.
                if not any(at < stop.at < first for stop in self.stops):
                    return self._is_list(at, first)
            if way == "<" and 0 <= at - end <= 1:
                return True
        if not self.allergic:
            signs = any(concept in _SIGNS for _, _, concept in self.found)
            return None if signs and not self.amounts else False
        if not any(strong for _, _, strong in self.allergic) or self.amounts or self.rates:
            return None
        refused = any(cue.what in ("absent", "unread") and cue.end <= end for cue in self.cues)
        behind = (self.norms[end:at] for at, *_ in self.allergic if at > end)
        if refused and any(map(_REASONS.intersection, behind)):
            return True
        last = max(self.allergic[-1][1], end)
        treated = (self.reader.role(at, "treated")[0] for at in range(self.first, last))
        return None if any(treated) else True

    def _is_list(self, at: int, first: int) -> bool:
        """Whether the drugs from a token up to another are of one list: not penicillin senna."""
        last = at
        for start, end, concept in self.found:
            if at <= start <= first and concept[0] == "medication":
                if last > at and LISTED.isdisjoint(self.norms[last:start]):
                    return False
                last = end
        return True

    def _no_allergies(self) -> None:
        """That there is no allergy: a denial in a sentence of allergies that names no drug."""
        drugs = [first for first, _, concept in self.found if concept[0] == "medication"]
        denied = [
            cue
            for cue in self.cues
            if cue.what in ("absent", "unread")
            and not any(_REASONS.intersection(self.norms[cue.end : at]) for at, *_ in self.allergic)
        ]
        if self.section == "allergy" and not self.allergic:
            if denied and not drugs and denied[0].first - self.first <= 1:
                self.facts.no_allergy.append(self.span(denied[0].first, denied[0].end))
            return
        meant = not _OF_DRUGS.isdisjoint(self.norms[self.first : self.allergic[-1][1] + _AROUND])
        for at, end, strong in self.allergic:
            if not (strong or meant):
                continue
            near = any(0 <= at - cue.end <= _NEGATED for cue in denied)
            named = any(-_NEGATED <= drug - at <= end - at + _NEGATED for drug in drugs)
            if denied and not drugs or near and not named:
                self.facts.no_allergy.append(self.span(at, end))
                self.allergies.clear()
                return

    def _orders(self) -> None:
        found = [one for one in self.found if one[2][0] not in _UNORDERED]
        if self.begun and found and self.begun[0][2] != found[0][2]:
            one, other = self.begun[0], found[0]
            place = self.span(one[0], other[1])
            self.facts.orders.append(Order(one[2], other[2], *place))
        for at, end, way in self.sequences:
            if self.norms[at] == "once" and self.norms[end] in _OFTEN:
                continue
            if self.norms[at] == "until" and not _NOT.isdisjoint(self.norms[max(0, at - 5) : at]):
                way = -1  # was not done until
            if way not in (1, -1, 0):
                way = self._way_of_when(at, end)
                if not way:
                    continue
            self._order_of_word(at, end, way)
            before = [one for one in found if one[1] <= at]
            after = [one for one in found if one[0] > at]
            if not way:
                self.counted = len(found) == 1
                if len(found) != _BOTH:
                    continue
                both, way = (found[0], found[1]), 1
            elif before and after and self._is_tag(before[-1][1], at, end):
                both, way = (before[-1], after[0]), 1 if self.norms[at] in _EARLIER else -1
            elif after:
                both = self._around(at, end, before, after)
            elif before and at - before[-1][1] <= 8 and self.norms[end] in _CLOSING:
                # "A came first and B came after", "A was done; B followed"
                earlier_ones = [*self.previous, *before]
                both = (earlier_ones[-2], earlier_ones[-1]) if len(earlier_ones) > 1 else None
                way = 1 if self.norms[at] not in _EARLIER else -1
            else:
                both = None
            if both is None or both[0][2] == both[1][2]:
                continue
            one, other = both
            earlier, later = (one, other) if way > 0 else (other, one)
            place = self.span(min(one[0], other[0]), max(one[1], other[1]))
            self.facts.orders.append(Order(earlier[2], later[2], *place))

    def _follows(self, at: int, end: int) -> bool:
        """Whether a word or words say an order with the sentence before: then, after which."""
        return self.norms[at] in _THEN or self.norms[end - 1] in _THAT

    def _way_of_when(self, at: int, end: int) -> int:
        """The way of "A had already been done when B was", "B was done when A was complete"."""
        if "already" in self.norms[self.first : at]:
            return 1
        if at == self.first and "already" in self.norms[end : end + _REMAINDER]:
            return 1  # at the time of B, A had already been done
        return -1 if not _COMPLETE.isdisjoint(self.norms[end : end + _CLAUSE]) else 0

    def _is_tag(self, last: int, at: int, end: int) -> bool:
        """Whether a word says when what stands before it was: "X earlier, Y later"."""
        if self.norms[at] not in _TAGS or not _SPLITTING.isdisjoint(self.norms[last:at]):
            return False
        ordered = self.norms[at] in _NUMBERED and self.norms[at - 1] == "the"
        return ordered or self.norms[end] in _SPLITTING

    def _around(
        self, at: int, end: int, before: list[Named], after: list[Named]
    ) -> tuple[Named, Named] | None:
        """The two names of which a word says an order that stands before the second."""
        if before and at - before[-1][1] <= 8:
            one, other = before[-1], after[0]
        elif self.previous and at - self.first <= 1 and self._follows(at, end):  # "A. Then B"
            one, other = self.previous[0], after[0]
        elif not before and at - self.first <= 2 and len(after) > 1:  # "After A, B"
            one, other = after[1], after[0]
            between = self.norms[other[1] : one[0]]
            cleft = "that" in between and self.norms[self.first] == "it"  # it was after A that B
            if _TURNED.isdisjoint(between) and not cleft:
                return None
        elif not before and self.previous and self.norms[self.first] in _THAT:
            one, other = self.previous[0], after[0]  # "A. This was followed by B"
        else:
            return None
        return None if other[0] - at > 5 and one is not after[-1] else (one, other)

    def _order_of_word(self, at: int, end: int, way: int) -> None:
        """That something is before or after what has no name here: "after reviewing the films"."""
        if self.norms[at] not in _SEQUENCE:
            return
        for index in range(end, min(end + _AROUND, len(self.tokens))):
            word = self.norms[index]
            if word in ENDS or not word.isalpha() or word == "which":
                return
            concept, _ = self.reader.role(index, "concept")
            if concept and concept[0] == "event":
                return  # much is before an admission or after it
            if len(word) > 3 and word not in _EMPTY:
                this, that = ("word", ""), ("word", stem(word))
                earlier, later = (this, that) if way > 0 else (that, this)
                self.facts.orders.append(Order(earlier, later, *self.span(at, index + 1)))
                return

    def _anchor(self, first: int, end: int, kinds: tuple[str, ...]) -> Concept | None:
        """What an amount is of: the name after its "of", else the last one before it."""
        if self.norms[end] in ("of", "dose"):
            for at, _, concept in self.named:
                if end < at <= end + 2 and concept[0] in kinds:
                    return concept
        if self.norms[end] == "(":  # 102 bpm (HR)
            for at, after, concept in self.named:
                if at == end + 1 and concept[0] in kinds and self.norms[after] == ")":
                    return concept
        found, near, last = None, False, first
        for at, after, concept in self.named:
            if at >= first:
                if concept[0] == "medication" in kinds and not near:
                    begins = first == self.first or self.norms[first - 1] in (",", "and")
                    apart = at == end + 1 and self.norms[end] == "," and begins
                    if at == end or apart:  # 25 mg losartan; nightly, losartan
                        return concept
                break
            if concept[0] in kinds:
                found, near = concept, after == first
            elif "test" not in kinds and concept[0] == "test":
                found, near = None, False  # white count in 5 days
            else:
                continue
            last = after
        if found is not None and found[0] == "test" and self._is_labelled(last, first):
            return None
        return found

    def _is_labelled(self, first: int, end: int) -> bool:
        """Whether between a name and an amount stands another, which is unknown: K 4, Xyz 12."""
        cut = next((at for at in range(first, end) if self.norms[at] in _BETWEEN), end)
        return any(
            may_name(self.norms[at]) and not self.facts.read[at] for at in range(cut + 1, end)
        )

    def _direction(self, first: int, end: int) -> int:
        for at in range(end, min(end + _AROUND, len(self.tokens))):
            if self.norms[at] in ENDS or self.norms[at] in (",", "\n", *DASHES):
                break
            way, _ = self.reader.role(at, "direction")
            if way is not None:
                return int(way)
        before = self.norms[first - 1]
        if before in ("past", "last", "previou"):
            return -1
        return 1 if before == "in" else 0
