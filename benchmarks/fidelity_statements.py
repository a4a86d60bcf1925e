"""Faithful and unfaithful paraphrases of generated facts, for benchmarks/fidelity.py.

A statement is a frame and the values in its slots. Two renderings of one statement say the same by
construction, in other frames and forms; a planted error changes a value, or the frame, of one.
"""

import re
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from fidelity_words import DOSES, OFTEN, ONES, ROUTES, TENS, Words, frames_of, words_of

from synthetic_notes.facts import Facts, draw_facts
from synthetic_notes.holdout import is_held_out, random_stream
from synthetic_notes.lexicon import LABS, SYMPTOMS


@dataclass(frozen=True)
class Statement:
    """A frame, and what stands in its slots: forms made with and forms held out, by slot."""

    frame: str
    slots: dict[str, Any]


def spelled(number: int) -> str:
    if number < 20:
        return ONES[number]
    tens, ones = divmod(number, 10)
    return TENS[tens - 2] + (f"-{ONES[ones]}" if ones else "")


def spans(number: int, unit: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Forms of a duration."""
    plural = unit + "s" * (number != 1)
    made = [f"{number} {plural}"]
    made += {"week": [f"{number * 7} days"], "day": [f"{number * 24} hours"] * (number < 4)}.get(
        unit, []
    )
    made.append(
        f"{number} "
        + {"week": "wks", "day": "d", "month": "mos", "year": "yrs", "hour": "hrs"}[unit]
    )
    if number < 100:
        made.append(f"{spelled(number)} {plural}")
    short = {"week": "wk", "day": "day", "month": "month", "year": "yr", "hour": "hr"}[unit]
    return tuple(made), (
        f"{number} full {plural}",
        f"{number}{short}" if unit != "day" else f"{number}d",
    )


def doses(dose: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    amount, _, unit = dose.partition(" ")
    try:
        value = float(amount)
    except ValueError:
        return (dose,), ()
    made, held = [dose], []
    if unit == "mg":
        made += [f"{amount}mg", f"{amount} milligrams"]
        if value >= 100:
            made.append(f"{value / 1000:g} g")
        held = [f"{amount}-mg", f"{value * 1000:,.0f} mcg" if value < 10 else f"{amount} mgs"]
    elif unit == "mcg":
        made += [f"{amount} micrograms", f"{value / 1000:g} mg"]
        held = [f"{amount}mcg", f"{amount} ug"]
    elif unit == "g":
        made += [f"{value * 1000:g} mg", f"{amount} grams"]
        held = [f"{value * 1000:,.0f} mg", f"{amount} gm"]
    elif unit == "units" and value < 100:
        made.append(f"{spelled(int(value))} units")
        held = [f"{amount} international units"]
    return tuple(made), tuple(held)


def dates(day: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    made = (
        f"{day.month}/{day.day}/{day.year}",
        f"{day:%B} {day.day}, {day.year}",
        day.isoformat(),
        f"{day.day} {day:%B} {day.year}",
        f"{day:%b} {day.day}, {day.year}",
        f"{day:%m/%d/%y}",
    )
    ending = {1: "st", 2: "nd", 3: "rd"}.get(
        day.day % 10 if day.day not in (11, 12, 13) else 0, "th"
    )
    return made, (
        f"{day:%B} {day.day}{ending}, {day.year}",
        f"the {day.day}{ending} of {day:%B} {day.year}",
        f"{day.month}-{day.day}-{day.year}",
    )


def forms(*made: str, held: tuple[str, ...] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(made), held


class Renderer:
    """Renders statements for one lot of frames, of which it prefers those that are not `made`."""

    def __init__(self, rng: Random, lot: str) -> None:
        self.rng, self.held, self.frames = rng, lot != "made", frames_of(lot)
        words = words_of(lot)
        self.others = {OFTEN[code][0]: told for code, told in words.often.items()}
        self.others |= {ROUTES[code][0]: told for code, told in words.routes.items()}

    def pick(self, made: Any, held: Any) -> str:
        held = self.others.get(made, held)
        if self.held and held and self.rng.random() < 0.7:
            return self.rng.choice(list(held))
        return self.rng.choice(list(made))

    def text(self, statement: Statement) -> str:
        frame = self.pick(*self.frames[statement.frame])

        def fill(found: re.Match[str]) -> str:
            value = statement.slots[found[1]]
            if isinstance(value, list):  # of several, in an order that says nothing
                items = [self.pick(*item) for item in self.rng.sample(value, len(value))]
                last = " or " if found[1] == "absent" and self.rng.random() < 0.5 else " and "
                if "were all" in frame or "negative" in frame or "had also" in frame:
                    last = " and "
                return ", ".join(items[:-1]) + (last if items[:-1] else "") + items[-1]
            return self.pick(*value)

        told = re.sub(r"\{(\w+)\}", fill, frame)
        return told[0].upper() + told[1:] if told[1:2].islower() else told


def wordings(names: Any, facts: Facts | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Wordings of one thing, split as the generator's hold-outs."""
    names = [name for name in names if "bilateral" not in name]  # which says more
    filled = [facts.fill(name) if facts else name for name in names]
    made = [text for name, text in zip(names, filled, strict=True) if not is_held_out(name)]
    held = [text for name, text in zip(names, filled, strict=True) if is_held_out(name)]
    return tuple(made or held), tuple(held)


def statements(seed: int, patient: int, held: bool, words: Words) -> list[Statement]:
    """What may be said of one patient, in no order."""
    facts = draw_facts(random_stream(seed, patient, "fidelity", held))
    rng = random_stream(seed, patient, "statements", held)
    sex = ("man", "male") if facts.sex == "M" else ("woman", "female")
    age = min(facts.age, 89)
    ages = forms(
        f"{age}-year-old",
        f"{age} year old",
        f"{age} y/o",
        f"{age} yo",
        f"{spelled(age)}-year-old",
        held=(f"{age}yo", f"{age} years old"),
    )

    def symptom(key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        made, kept = wordings(SYMPTOMS[key][0], facts)
        return made, words.symptoms.get(key, kept)

    found = []
    history = [wordings(disease.names) for disease in facts.comorbidities[:2]]
    presenting = [symptom(key) for key in facts.symptoms[:2]]
    if history:
        found.append(
            Statement(
                "opening",
                {"age": ages, "sex": (sex, ()), "history": history, "symptoms": presenting},
            )
        )
    unit = rng.choice(("day", "week", "month"))
    found.append(
        Statement("onset", {"lead": presenting[0], "span": spans(rng.randint(2, 6), unit)})
    )
    if facts.negatives:
        found.append(Statement("denial", {"absent": [symptom(key) for key in facts.negatives[:3]]}))
    vital = facts.arrival_vitals
    found.append(
        Statement(
            "vitals",
            {
                "temp": forms(
                    f"{vital.temp:.1f}",
                    f"{vital.temp:.1f} F",
                    f"{(vital.temp - 32) / 1.8:.1f} C",
                    f"{vital.temp:.1f}°F",
                    held=(
                        f"{vital.temp:.1f} degrees Fahrenheit",
                        f"{(vital.temp - 32) / 1.8:.1f}°C",
                    ),
                ),
                "hr": forms(
                    f"{vital.hr}",
                    f"{vital.hr} bpm",
                    f"{vital.hr} beats per minute",
                    held=(f"{vital.hr} beats/min", f"{vital.hr}/min"),
                ),
                "bp": forms(
                    f"{vital.sbp}/{vital.dbp}",
                    f"{vital.sbp} over {vital.dbp}",
                    f"{vital.sbp}/{vital.dbp} mmHg",
                    held=(f"{vital.sbp} / {vital.dbp}", f"{vital.sbp}/{vital.dbp} mm Hg"),
                ),
                "rr": forms(f"{vital.rr}", f"{vital.rr}/min", held=(f"{vital.rr} per minute",)),
                "spo2": forms(
                    f"{vital.spo2}%",
                    f"{vital.spo2} percent",
                    f"{vital.spo2} %",
                    held=(f"{vital.spo2} per cent",),
                ),
            },
        )
    )
    labs = []
    for lab in rng.sample(facts.labs, min(3, len(facts.labs))):
        names, unit, *_ = LABS[lab.name]
        values = [lab.value] + ([f"{lab.value} {unit}"] if unit else [])
        made, kept = wordings(names)
        labs.append(("lab", (made, words.labs.get(lab.name, kept)), values))
    found.append(Statement("labs", {"labs": [labelled(*lab[1:]) for lab in labs]}))
    found.append(
        Statement("recheck", {"lab": wordings(LABS[facts.labs[0].name][0]), "range": ranges(rng)})
    )
    drugs = [drug for drug in facts.discharge_drugs if len(drug.order.split()) > 3]
    for drug in drugs[:2]:
        found.append(ordered(drug.name, drug.order))
    names = [
        drug
        for drug in (
            words.invented if held and rng.random() < 0.3 else [n for p in words.pairs for n in p]
        )
    ]
    one, two = rng.sample(names, 2)
    first = ordered(one, f"{rng.choice(DOSES)} PO {rng.choice(('daily', 'BID', 'TID', 'QHS'))}")
    second = ordered(two, f"{rng.choice(DOSES)} PO {rng.choice(('daily', 'BID', 'QID', 'weekly'))}")
    found.append(
        Statement("orders", {**first.slots, **{f"{k}2": v for k, v in second.slots.items()}})
    )
    if facts.allergy:
        allergen = rng.choice(words.allergens) if words.allergens else facts.allergy.allergen
        found.append(Statement("allergy", {"allergen": wordings([allergen])}))
    else:
        found.append(Statement("no_allergy", {}))
    who = rng.choice(("mother", "father", "sister", "brother"))
    found.append(
        Statement("family", {"who": forms(who), "inherited": forms(*rng.choice(words.inherited))})
    )
    found.append(
        Statement(
            "surgery",
            {
                "procedure": forms(*rng.choice(words.surgery)),
                "span": spans(rng.randint(2, 20), "year"),
            },
        )
    )
    test = rng.choice(words.tests)
    problem = rng.choice(words.ruled)
    kind = rng.choice(("excluded", "doubtful", "certain"))
    found.append(Statement(kind, {"problem": forms(*problem), "test": forms(*test)}))
    part, part2 = rng.sample(words.parts, 2)
    side = rng.choice(("left", "right"))
    other = "right" if side == "left" else "left"
    found.append(
        Statement(
            "side",
            {
                "test": forms(*rng.choice(words.tests)),
                "side": forms(side),
                "part": forms(part),
                "lesion": forms(rng.choice(words.lesions)),
            },
        )
    )
    found.append(
        Statement(
            "sides",
            {
                "side": forms(side),
                "other": forms(other),
                "part": forms(part),
                "part2": forms(part2),
            },
        )
    )
    found.append(
        Statement("stay", {"first": dates(facts.admitted), "last": dates(facts.discharged)})
    )
    found.append(
        Statement(
            "course",
            {
                "drug": forms(rng.choice(words.courses)),
                "span": spans(rng.randint(2, 9), rng.choice(("day", "week"))),
            },
        )
    )
    one, two = rng.sample(words.procedures, 2)
    found.append(Statement("sequence", {"procedure": forms(*one), "procedure2": forms(*two)}))
    size = rng.randint(11, 62) / 10
    found.append(
        Statement(
            "size",
            {
                "size": forms(
                    f"{size} cm",
                    f"{size * 10:.0f} mm",
                    f"{size} centimeters",
                    held=(f"{size}cm", f"{size * 10:.0f} millimeters"),
                )
            },
        )
    )
    found.append(Statement("smoking", {"pack": forms(str(rng.randint(10, 50)))}))
    found.append(
        Statement(
            rng.choice(("fever_bound", "below_bound")),
            {"bound": forms(rng.choice(("100.4", "101.5", "97.2")))},
        )
    )
    return found


def ranges(rng: Random) -> Any:
    low = rng.randint(2, 6)
    high = low + rng.randint(1, 4)
    return forms(
        f"{low}-{high}",
        f"{low} to {high}",
        f"{spelled(low)} to {spelled(high)}",
        held=(f"{low} - {high}", f"{low} or {high}" if high == low + 1 else f"{low}–{high}"),
    )


def labelled(names: Any, values: list[str]) -> Any:
    joined = lambda some, link: tuple(f"{n}{link}{v}" for n in some for v in values)  # noqa: E731
    return joined(names[0], " "), (*joined(names[1] or names[0], " of "), *joined(names[1], " "))


def ordered(name: str, order: str) -> Statement:
    amount, unit, route, *often = order.split()
    code = " ".join(often)
    return Statement(
        "order",
        {
            "drug": forms(name),
            "dose": doses(f"{amount} {unit}"),
            "route": ROUTES.get(route, ((route,), ())),
            "often": OFTEN.get(code, ((code,), ())),
        },
    )


def passage_of(told: list[Statement], renderer: Renderer, shuffled: bool) -> str:
    """Statements as running text; their order says nothing."""
    listed = renderer.rng.sample(told, len(told)) if shuffled else told
    return " ".join(renderer.text(statement) for statement in listed)
