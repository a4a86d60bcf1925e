"""Errors of each type, planted into statements of benchmarks/fidelity_statements.py."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from fidelity_statements import Statement, dates, doses, forms, ordered, spans
from fidelity_words import OFTEN, Words

Told = list[Statement]
Planter = Callable[[Told, Random, Words], Told | None]
ERRORS: dict[str, list[Planter]] = {}


def error(kind: str) -> Callable[[Planter], Planter]:
    """Registers a way to make an error of a type."""

    def registered(planter: Planter) -> Planter:
        ERRORS.setdefault(kind, []).append(planter)
        return planter

    return registered


def planted(kind: str, told: Told, rng: Random, words: Words) -> Told | None:
    """Statements with one error of a type, or None where none of its ways applies."""
    for planter in rng.sample(ERRORS[kind], len(ERRORS[kind])):
        made = planter(told, rng, words)
        if made is not None:
            return made
    return None


def _in(told: Told, rng: Random, *frames: str) -> Iterator[tuple[int, Statement]]:
    places = [(at, one) for at, one in enumerate(told) if one.frame in frames]
    yield from rng.sample(places, len(places))


def _with(told: Told, at: int, statement: Statement | None) -> Told:
    return [*told[:at], *([statement] if statement else []), *told[at + 1 :]]


def _slots(told: Told, at: int, **slots: Any) -> Told:
    return _with(told, at, replace(told[at], slots={**told[at].slots, **slots}))


def _plain(value: Any) -> str:
    return str(value[0][0])


@error("number")
def vital(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "vitals"):
        slot = rng.choice(("hr", "rr", "spo2", "bp"))
        text = _plain(one.slots[slot])
        if slot == "bp":
            high, low = text.split("/")
            new = f"{int(high) + rng.choice((-20, 30, 11))}/{low}"
            return _slots(told, at, bp=forms(new))
        number = int(text.rstrip("%"))
        new = str(number + rng.choice((7, 13, -6)))
        return _slots(told, at, **{slot: forms(new + "%" * text.endswith("%"))})
    return None


@error("number")
def lab(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "labs"):
        labs = list(one.slots["labs"])
        place = rng.randrange(len(labs))
        made, _ = labs[place]
        name, _, value = made[0].rpartition(" ")
        number = float(value)
        decimals = len(value.partition(".")[2])
        new = number * 10 if rng.random() < 0.4 else number + rng.choice((1.1, 2.3, 0.7))
        labs[place] = forms(f"{name} {max(new, 0.1):.{max(decimals, 1)}f}")
        return _slots(told, at, labs=labs)
    return None


@error("number")
def pack_years(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "smoking"):
        return _slots(told, at, pack=forms(str(int(_plain(one.slots["pack"])) + 15)))
    return None


@error("number")
def bound(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "fever_bound", "below_bound"):
        other = "below_bound" if one.frame == "fever_bound" else "fever_bound"
        return _with(told, at, replace(one, frame=other))
    return None


@error("number")
def size(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "size"):
        value = float(_plain(one.slots["size"]).split()[0])
        return _slots(told, at, size=forms(f"{value + rng.choice((0.6, 1.2)):.1f} cm"))
    return None


@error("unit")
def milli_for_micro(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "order", "orders"):
        slot = "dose" if one.frame == "order" else rng.choice(("dose", "dose2"))
        amount, _, unit = _plain(one.slots[slot]).partition(" ")
        other = {"mg": "mcg", "mcg": "mg", "g": "mg", "mL": "L"}.get(unit)
        if other:
            return _slots(told, at, **{slot: forms(f"{amount} {other}")})
    return None


@error("unit")
def centi_for_milli(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "size"):
        return _slots(told, at, size=forms(_plain(one.slots["size"]).replace("cm", "mm")))
    return None


@error("dose")
def dose(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "order"):
        amount, _, unit = _plain(one.slots["dose"]).partition(" ")
        try:
            value = float(amount)
        except ValueError:
            continue
        return _slots(told, at, dose=doses(f"{value * rng.choice((2, 10, 0.5)):g} {unit}"))
    return None


@error("dose")
def swapped_doses(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "orders"):
        if _plain(one.slots["dose"]) != _plain(one.slots["dose2"]):
            return _slots(told, at, dose=one.slots["dose2"], dose2=one.slots["dose"])
    return None


@error("frequency")
def frequency(told: Told, rng: Random, words: Words) -> Told | None:
    rates = {"daily": 1, "BID": 2, "TID": 3, "QID": 4, "weekly": 5, "every other day": 6}
    for at, one in _in(told, rng, "order", "orders"):
        slot = "often" if one.frame == "order" else rng.choice(("often", "often2"))
        same = next((code for code, said in OFTEN.items() if said == one.slots[slot]), "")
        base = {"Q12H": "BID", "Q8H": "TID", "Q6H": "QID", "QHS": "daily"}
        said = (same or _plain(one.slots[slot])).split(" PRN")[0].split(" for ")[0]
        now = base.get(said, said)
        other = rng.choice([code for code in rates if code != now])
        return _slots(told, at, **{slot: OFTEN[other]})
    return None


@error("date")
def other_date(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "stay"):
        slot = rng.choice(("first", "last"))
        day = date.fromisoformat(one.slots[slot][0][2])
        new = day + timedelta(days=rng.choice((-400, -31, 12, 29, 367)))
        return _slots(told, at, **{slot: dates(new)})
    return None


@error("duration")
def duration(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "onset", "course", "surgery"):
        number, unit = _plain(one.slots["span"]).split()
        unit = unit.rstrip("s")
        if rng.random() < 0.5 and unit in ("day", "week", "month"):
            other = {"day": "week", "week": "month", "month": "year"}[unit]
            return _slots(told, at, span=spans(int(number), other))
        return _slots(told, at, span=spans(int(number) + rng.choice((1, 2, 5)), unit))
    return None


@error("duration")
def other_range(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "recheck"):
        low, high = map(int, _plain(one.slots["range"]).split("-"))
        return _slots(told, at, range=forms(f"{low}-{high + 7}"))
    return None


@error("order")
def turned(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "sequence"):
        slots = one.slots
        return _slots(told, at, procedure=slots["procedure2"], procedure2=slots["procedure"])
    return None


@error("order")
def discharged_before(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "stay"):
        if one.slots["first"] != one.slots["last"]:
            return _slots(told, at, first=one.slots["last"], last=one.slots["first"])
    return None


@error("laterality")
def other_side(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "side"):
        other = "right" if _plain(one.slots["side"]) == "left" else "left"
        return _slots(told, at, side=forms(rng.choice((other, other, "bilateral"))))
    return None


@error("laterality")
def swapped_sides(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "sides"):
        return _slots(told, at, side=one.slots["other"], other=one.slots["side"])
    return None


@error("negation")
def denied_is_reported(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "denial"):
        absent = one.slots["absent"]
        if len(absent) > 1:
            place = rng.randrange(len(absent))
            rest = [item for n, item in enumerate(absent) if n != place]
            left = _slots(told, at, absent=rest)
            return [*left, Statement("complaint", {"present": [absent[place]]})]
    return None


@error("negation")
def found_or_not(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "excluded", "certain"):
        other = "certain" if one.frame == "excluded" else "excluded"
        return _with(told, at, replace(one, frame=other))
    return None


@error("uncertainty")
def doubt(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "doubtful", "certain"):
        other = "certain" if one.frame == "doubtful" else "doubtful"
        return _with(told, at, replace(one, frame=other))
    return None


@error("experiencer")
def experiencer(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "family"):
        return _with(told, at, Statement("own", {"inherited": one.slots["inherited"]}))
    return None


@error("medication")
def look_alike(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "orders", "order"):
        slot = "drug" if one.frame == "order" else rng.choice(("drug", "drug2"))
        name = _plain(one.slots[slot])
        pairs = [pair for pair in words.pairs if name in pair]
        others = [other for pair in pairs or words.pairs for other in pair if other != name]
        if name in words.invented:
            others = [other for other in words.invented if other != name]
        named = [_plain(v) for k in told for s, v in k.slots.items() if s.startswith("drug")]
        others = [other for other in others if other not in named]
        if others:
            return _slots(told, at, **{slot: forms(rng.choice(others))})
    return None


@error("medication")
def omitted_drug(told: Told, rng: Random, words: Words) -> Told | None:
    for at, _ in _in(told, rng, "order"):
        return _with(told, at, None)
    return None


@error("medication")
def added_drug(told: Told, rng: Random, words: Words) -> Told | None:
    named = [_plain(v) for one in told for s, v in one.slots.items() if s.startswith("drug")]
    name = rng.choice([n for pair in words.pairs for n in pair if n not in named])
    return [*told, ordered(name, "20 mg PO daily")]


@error("allergy")
def allergen(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "allergy"):
        if rng.random() < 0.3:
            return _with(told, at, Statement("no_allergy", {}))
        others = [
            n
            for n in ("penicillin", "morphine", "latex", "aspirin", "codeine", "vancomycin")
            if n not in _plain(one.slots["allergen"]).lower()
        ]
        return _slots(told, at, allergen=forms(rng.choice(others)))
    return None


@error("allergy")
def allergy_or_none(told: Told, rng: Random, words: Words) -> Told | None:
    for at, _ in _in(told, rng, "no_allergy"):
        return _with(told, at, Statement("allergy", {"allergen": forms("penicillin")}))
    return None


@error("problem")
def other_problem(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "opening"):
        history = list(one.slots["history"])
        named = " ".join(str(item) for one in told for item in one.slots.values())
        others = [names for names in words.inherited if not any(name in named for name in names)]
        history[rng.randrange(len(history))] = forms(*rng.choice(others))
        return _slots(told, at, history=history)
    return None


@error("problem")
def omitted_problem(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "opening"):
        if len(one.slots["history"]) > 1:
            return _slots(told, at, history=one.slots["history"][1:])
    return None


@error("problem")
def added_problem(told: Told, rng: Random, words: Words) -> Told | None:
    named = " ".join(str(item) for one in told for item in one.slots.values())
    others = [names for names in words.ruled if not any(name in named for name in names)]
    return [*told, Statement("own", {"inherited": forms(*rng.choice(others))})]


@error("procedure")
def other_procedure(told: Told, rng: Random, words: Words) -> Told | None:
    for at, one in _in(told, rng, "surgery"):
        named = " ".join(str(item) for one in told for item in one.slots.values())
        others = [names for names in words.procedures if not any(name in named for name in names)]
        return _slots(told, at, procedure=forms(*rng.choice(others)))
    return None


@error("procedure")
def omitted_procedure(told: Told, rng: Random, words: Words) -> Told | None:
    for at, _ in _in(told, rng, "surgery"):
        return _with(told, at, None)
    return None
