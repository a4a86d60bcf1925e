"""Draw what a patient brings along: comorbidities, operations, allergies, family."""

from dataclasses import dataclass
from functools import cache

from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.admissions.schema import Admission
from synthetic_notes.data_files import load
from synthetic_notes.dementia.facts import DEMENTIA_CODES, Dementia
from synthetic_notes.holdout import COMORBIDITY_CODES, HoldoutRandom
from synthetic_notes.medications import Medication
from synthetic_notes.vocabulary import Disease, catalogue_names, chronic_diseases, procedures

_RELATIVES = {"mother": "F", "father": "M", "sister": "F", "brother": "M"}


@dataclass(frozen=True)
class Operation:
    """What an operation is called and whom it fits.

    ages: inclusive range in years at the operation; sex: "F" or "M" if only one sex has it.
    needs: the comorbidity that it needs; not_with: codes of the admissions that it excludes.
    """

    names: tuple[str, ...]
    ages: tuple[int, int]
    sex: str | None = None
    needs: str | None = None
    not_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """How common what a patient brings along is, and what fits together; diseases by code."""

    common: dict[str, int]
    from_age: dict[str, int]
    exclusive: tuple[tuple[str, ...], ...]
    not_with_dementia: tuple[str, ...]
    surgeries: dict[str, Operation]
    allergens: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    reactions: tuple[str, ...]
    familial: tuple[str, ...]


HISTORY = load("history.yaml", History)
_ALTERNATIVES = {
    code: frozenset(other for group in HISTORY.exclusive if code in group for other in group)
    for codes in HISTORY.exclusive
    for code in codes
}


@dataclass(frozen=True)
class Surgery:
    """A past operation: its wording, and how many years ago it was."""

    name: str
    years_ago: int


@dataclass(frozen=True)
class Allergy:
    """An allergen and the reaction that it causes, None if unknown."""

    allergen: str
    reaction: str | None


@dataclass(frozen=True)
class Relative:
    """A relative, a disease, and the age at which it was found, in years, or None."""

    who: str
    disease: str
    age: int | None


def draw_comorbidities(
    rng: HoldoutRandom, admission: Admission, age: int, sex: str, dementia: Dementia | None
) -> tuple[Disease, ...]:
    """Chronic diseases, those that the admission implies first, then the dementia."""
    diseases = dict(chronic_diseases())
    chosen = [code for code in admission.patients.implies if code in diseases]
    if dementia is not None:
        diseases[dementia.disease.code] = dementia.disease
        chosen.append(dementia.disease.code)

    def allowed(disease: Disease) -> bool:
        if disease.code in (*chosen, *admission.patients.excludes, *DEMENTIA_CODES):
            return False
        if dementia is not None and disease.code in HISTORY.not_with_dementia:
            return False
        return _ALTERNATIVES.get(disease.code, frozenset()).isdisjoint(chosen)

    candidates = [d for d in _plausible(age, sex) if allowed(d)]
    low, high = (0, 2) if age < 40 else (1, 3) if age < 60 else (2, 5)
    for _ in range(rng.randint(low, high)):
        pool = rng.allowed(candidates, lambda d: d.code in COMORBIDITY_CODES)
        weights = [
            HISTORY.common.get(d.code, 1)
            * (4 if d.code in admission.patients.likely else 1)
            * d.share(sex)
            for d in pool
        ]
        new = rng.choices(pool, weights)[0].code
        chosen.append(new)
        candidates = [d for d in candidates if new not in _ALTERNATIVES.get(d.code, (d.code,))]
    return tuple(diseases[code] for code in chosen)


@cache
def _plausible(age: int, sex: str) -> tuple[Disease, ...]:
    """Chronic diseases that fit an age in years and a sex, in the catalogue's order."""

    def fits(disease: Disease) -> bool:
        if disease.sex not in (None, sex) or age < HISTORY.from_age.get(disease.code, 18):
            return False
        # a share of one per cent or less reads as an error in a demo, not as a rarity
        return disease.share(sex) >= 0.05 and disease.ages[0] <= age <= disease.ages[1]

    return tuple(disease for disease in chronic_diseases().values() if fits(disease))


def draw_surgeries(
    rng: HoldoutRandom, admission: Admission, comorbidities: tuple[Disease, ...], age: int, sex: str
) -> tuple[Surgery, ...]:
    """Up to two past operations that fit the patient."""
    carried = [disease.code for disease in comorbidities]
    pool = [
        operation
        for key, operation in HISTORY.surgeries.items()
        if key in procedures()
        and operation.sex in (None, sex)
        and age > operation.ages[0]
        and (operation.needs is None or operation.needs in carried)
        and admission.code not in operation.not_with
    ]
    pool = [(names, o.ages) for o in pool if (names := rng.allowed(o.names))]
    drawn = rng.sample(pool, min(len(pool), rng.choice((0, 0, 1, 1, 2))))
    return tuple(
        Surgery(rng.choice(names), age - rng.randint(first, min(last, age - 1)))
        for names, (first, last) in drawn
    )


def draw_allergy(
    rng: HoldoutRandom, admission: Admission, drugs: tuple[Medication, ...]
) -> Allergy | None:
    """A drug allergy that nothing else in the patient's stay contradicts, or None."""
    used = " ".join((_words(admission.code), *(drug.name for drug in drugs))).lower()
    pool = [
        names
        for names, traces in HISTORY.allergens.values()
        if not any(trace in used for trace in traces)
    ]
    if not pool or rng.random() < 0.5:
        return None
    return Allergy(rng.wording(rng.choice(pool)), rng.choice((*HISTORY.reactions, None)))


@cache
def _words(code: str) -> str:
    """All that is written about a reason for admission."""
    return next(repr(admission) for admission in ADMISSIONS if admission.code == code)


def draw_family(rng: HoldoutRandom, age: int) -> tuple[Relative, ...]:
    """Up to three relatives with a disease that runs in families."""
    names, diseases = catalogue_names(), chronic_diseases()
    found = []
    for who in rng.sample(list(_RELATIVES), rng.choice((0, 1, 2, 2, 3))):
        sex = _RELATIVES[who]
        pool = [
            code
            for code in HISTORY.familial
            if code not in diseases
            or (diseases[code].sex in (None, sex) and diseases[code].share(sex) > 0.05)
        ]
        code = rng.wording(pool, lambda code: code in COMORBIDITY_CODES)
        name = rng.wording(diseases[code].names) if code in diseases else names[code]
        onset = rng.randint(44, 79)
        if onset > age + (8 if who in ("sister", "brother") else 36):
            onset = None
        found.append(Relative(who, name, onset))
    return tuple(found)
