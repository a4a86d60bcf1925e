"""HoldoutRandom what a patient brings along: comorbidities, operations, allergies, family."""

from dataclasses import dataclass
from functools import cache

from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.admissions.schema import Admission
from synthetic_notes.dementia.facts import DEMENTIA_CODES, Dementia
from synthetic_notes.holdout import COMORBIDITY_CODES, HoldoutRandom
from synthetic_notes.medications import Medication
from synthetic_notes.vocabulary import Disease, catalogue_names, chronic_diseases, procedures

# how common a comorbidity is among inpatients, relative to 1 for every other chronic disease
_COMMON = {
    **{"I10": 60, "E78.5": 42, "E11.9": 26, "K21.9": 24, "I25.10": 20, "M17.9": 16, "F32.9": 16},
    **{"E03.9": 14, "N18.9": 14, "N40.0": 14, "E66.9": 12, "F41.9": 12, "I48.91": 10, "G47.30": 10},
    **{"J45.909": 9, "J44.9": 8, "M81.0": 8, "I50.9": 6, "D50.9": 6, "M10.9": 6},
    **{"I73.9": 5, "G62.9": 5, "G43.909": 4, "J30.9": 4},
}
# below this age a comorbidity is implausible
_FROM_AGE = {
    **{"I10": 30, "E78.5": 32, "E11.9": 32, "I25.10": 45, "M17.9": 48, "N18.9": 40, "I48.91": 50},
    **{"I50.9": 50, "J44.9": 45, "G20": 58, "I73.9": 50, "H35.30": 60, "H26.9": 60},
    **{"C61": 55, "C18.9": 45, "C34.90": 50, "C64.9": 45, "C67.9": 50, "C50.919": 38, "K74.60": 35},
    **{"I20.9": 45, "I38": 45, "I42.9": 35, "J43.9": 50, "G62.9": 35, "I27.20": 40, "J84.9": 50},
    **{"H40.9": 50, "E11.319": 40, "N32.81": 40, "N39.3": 35, "N39.41": 45, "H91.90": 55},
    **{"K22.70": 40, "C85.90": 30, "M10.9": 35, "Q61.3": 25, "C43.9": 35, "I71.9": 60},
}
# at most one of each group: alternatives, or names of the same disease
_EXCLUSIVE = (
    ("E11.9", "E10.9"),
    ("E10.9", "E11.319"),
    ("J44.9", "J45.909", "J43.9"),
    ("D64.9", "D50.9", "D51.0"),
    ("E03.9", "E05.90", "C73"),
    ("F32.9", "F20.9"),
    ("K50.90", "K51.90", "K58.9", "K90.0"),
    ("N32.81", "N39.41", "N39.3", "N30.10", "N40.0"),
    ("I42.9", "I50.9"),
    ("I25.10", "I20.9"),
    ("I48.91", "K74.60"),
    ("K74.60", "K76.0"),
    ("M06.9", "M32.9", "M34.9", "M35.00", "L40.9", "D86.9", "J84.9"),
    ("C50.919", "C61", "C34.90", "C43.9", "C85.90", "C18.9", "C64.9", "C67.9", "C54.1", "C73"),
    ("K21.9", "K22.70"),
    ("G20", "F20.9"),
)
# whose signs cannot be told from those of dementia
_NOT_WITH_DEMENTIA = ("F90.9", "F20.9")
_ALTERNATIVES = {
    code: frozenset(other for group in _EXCLUSIVE if code in group for other in group)
    for codes in _EXCLUSIVE
    for code in codes
}

_Operation = tuple[tuple[str, ...], str | None, tuple[int, int], str | None, tuple[str, ...]]
# catalogue procedure -> (wordings, sex, ages at operation, comorbidity that it needs, admissions
# that it excludes)
_SURGERIES: dict[str, _Operation] = {
    "appendectomy": (("appendectomy",), None, (18, 95), None, ()),
    "cholecystectomy": (("cholecystectomy", "CCY"), None, (30, 95), None, ("K81.0", "K85.90")),
    "hysterectomy": (("hysterectomy", "TAH"), "F", (42, 95), None, ()),
    "c-section": (("C-section", "cesarean section x2"), "F", (24, 42), None, ()),
    "knee replacement": (("right total knee replacement", "left TKR"), None, (58, 95), "M17.9", ()),
    "cataract surgery": (("cataract surgery",), None, (62, 95), "H26.9", ()),
    "hernia repair": (
        ("inguinal hernia repair", "ventral hernia repair"),
        None,
        (32, 95),
        None,
        (),
    ),
    "tonsillectomy": (("tonsillectomy",), None, (18, 95), None, ()),
    "coronary artery bypass graft": (("CABG",), None, (55, 95), "I25.10", ()),
    "angioplasty": (("PCI", "coronary stent placement"), None, (50, 95), "I25.10", ()),
    "pacemaker insertion": (("pacemaker placement", "PPM"), None, (62, 95), "I48.91", ()),
    "thyroidectomy": (("thyroidectomy",), None, (30, 95), "E03.9", ()),
    "lumpectomy": (("lumpectomy",), "F", (38, 95), "C50.919", ()),
    "prostatectomy": (("radical prostatectomy",), "M", (55, 95), "C61", ()),
    "colectomy": (("partial colectomy",), None, (45, 95), "C18.9", ()),
    "nephrectomy": (("nephrectomy",), None, (45, 95), "C64.9", ()),
}

# allergen of the catalogue -> (wordings, words that betray its use elsewhere in the patient)
_ALLERGENS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Penicillin": (("penicillin", "penicillins", "PCN"), ("cillin", "ceph", "cef", "clavulanate")),
    "Sulfa Drugs": (("sulfa drugs", "Bactrim"), ("furosemide", "thiazide", "torsemide", "sulfa")),
    "Codeine": (("codeine",), ("oxycodone", "hydromorphone", "tramadol", "morphine")),
    "Morphine": (("morphine",), ("oxycodone", "hydromorphone", "tramadol", "codeine")),
    "Aspirin": (("aspirin",), ("aspirin", "naproxen", "ibuprofen")),
    "Ibuprofen": (("ibuprofen", "NSAIDs"), ("aspirin", "naproxen", "ibuprofen", "nsaid")),
    "Contrast Dye": (("IV contrast",), ("contrast", "ct abd", "cta", "catheter", "angiogra")),
}
_REACTIONS = ("rash", "hives", "anaphylaxis", "itching", "angioedema")

_RELATIVES = {"mother": "F", "father": "M", "sister": "F", "brother": "M"}
_FAMILIAL = (
    *("I25.10", "I25.10", "I10", "I10", "E11.9", "E11.9", "I63.9", "I21.9", "C50.919", "C18.9"),
    *("C34.90", "C61", "G30.9", "E03.9", "M06.9", "E78.5", "C25.9", "F32.9", "C43.9"),
)


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
        if dementia is not None and disease.code in _NOT_WITH_DEMENTIA:
            return False
        return _ALTERNATIVES.get(disease.code, frozenset()).isdisjoint(chosen)

    candidates = [d for d in _plausible(age, sex) if allowed(d)]
    low, high = (0, 2) if age < 40 else (1, 3) if age < 60 else (2, 5)
    for _ in range(rng.randint(low, high)):
        pool = rng.allowed(candidates, lambda d: d.code in COMORBIDITY_CODES)
        weights = [
            _COMMON.get(d.code, 1)
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
        if disease.sex not in (None, sex) or age < _FROM_AGE.get(disease.code, 18):
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
        (names, ages)
        for key, (names, only, ages, needs, not_with) in _SURGERIES.items()
        if key in procedures()
        and only in (None, sex)
        and age > ages[0]
        and (needs is None or needs in carried)
        and admission.code not in not_with
    ]
    pool = [(candidates, ages) for names, ages in pool if (candidates := rng.allowed(names))]
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
        names for names, traces in _ALLERGENS.values() if not any(trace in used for trace in traces)
    ]
    if not pool or rng.random() < 0.5:
        return None
    return Allergy(rng.wording(rng.choice(pool)), rng.choice((*_REACTIONS, None)))


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
            for code in _FAMILIAL
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
