"""Draw the medications on admission and at discharge."""

from collections.abc import Iterable
from dataclasses import dataclass

from synthetic_notes.admissions.schema import Admission
from synthetic_notes.dementia.facts import DEMENTIA_CODES
from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.lexicon import DRUG_CLASSES
from synthetic_notes.markup import listing, mark_treatment
from synthetic_notes.vocabulary import Disease, orders

# drugs that a disease or another class makes unwise at home
_UNWISE = {
    "NSAID": ("N18.9", "I50.9", "K74.60", "I48.91", "I25.10"),
    "beta blocker": ("J45.909",),
    "metformin": ("N18.9", "K74.60"),
    "bladder": DEMENTIA_CODES,
    "benzodiazepine": DEMENTIA_CODES,
}
_SEVERAL = {"I25.10": 3, "I50.9": 3, "E11.9": 2, "J44.9": 2, "K74.60": 2}
_ANYONE = ("multivitamin", "docusate sodium", "senna", "acetaminophen", "polyethylene glycol")


@dataclass(frozen=True)
class Medication:
    """A drug as ordered.

    order: strength, route and frequency in one string; code: the comorbidity that it treats, None
    if it treats none; status: "home", "changed" or "new".
    """

    name: str
    order: str
    code: str | None
    status: str = "home"


def drug_class(drug: str) -> str:
    """The class that may hold one drug at a time; a drug outside all classes is its own."""
    return next((name for name, drugs in DRUG_CLASSES.items() if drug in drugs), drug)


def drug_list(drugs: Iterable[Medication], sign: str = "") -> str:
    """Markup of the drugs' names in one list; sign: of their assertion."""
    return listing([mark_treatment(drug.name, sign) for drug in drugs])


def draw_medications(
    rng: HoldoutRandom, admission: Admission, comorbidities: tuple[Disease, ...], age: int
) -> tuple[tuple[Medication, ...], tuple[Medication, ...], tuple[Medication, ...]]:
    """Medications on admission, at discharge, and those that the stay ended."""
    home = _home(rng, comorbidities, age)
    fresh = []
    for entry in admission.new_drugs:
        name, _, order = entry.partition("=")
        fresh.append(Medication(name, order or _order(rng, name), None, "new"))
    new_classes = {drug_class(drug.name) for drug in fresh}
    new_names = {drug.name for drug in fresh}
    kept = [d for d in home if drug_class(d.name) not in new_classes.union(admission.stops)]
    stopped = [d for d in home if d not in kept and d.name not in new_names]
    before = {drug.name: drug for drug in home}
    final = []
    for drug in fresh:
        old = before.get(drug.name)
        if old is None:
            final.append(drug)
        elif old.order == drug.order:
            final.append(old)
        else:
            final.append(Medication(drug.name, drug.order, old.code, "changed"))
    return tuple(home), (*kept, *final), tuple(stopped)


def _home(rng: HoldoutRandom, comorbidities: tuple[Disease, ...], age: int) -> list[Medication]:
    codes = [disease.code for disease in comorbidities]
    taken: list[Medication] = []
    classes: list[str] = []

    def fits(drug: str) -> bool:
        group = drug_class(drug)
        return group not in classes and not any(c in codes for c in _UNWISE.get(group, ()))

    def take(drug: str, code: str | None) -> None:
        classes.append(drug_class(drug))
        taken.append(Medication(drug, _order(rng, drug), code))

    for disease in comorbidities:
        pool = rng.allowed([drug for drug in disease.drugs if fits(drug)])
        for drug in rng.sample(pool, len(pool))[: _SEVERAL.get(disease.code, 1)]:
            if fits(drug):
                take(drug, disease.code)
    for drug in rng.sample(_ANYONE, rng.choice((0, 1, 1, 2) if age >= 50 else (0, 0, 1))):
        if fits(drug):
            take(drug, None)
    return taken


def _order(rng: HoldoutRandom, drug: str) -> str:
    strengths, route, frequencies = orders(drug)
    return f"{rng.choice(strengths)} {route} {rng.choice(frequencies)}"
