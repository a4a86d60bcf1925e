"""Draw what is true of one patient and one stay, before any sentence is written."""

from dataclasses import dataclass
from datetime import date, timedelta

from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.admissions.schema import Admission
from synthetic_notes.complications import COMPLICATIONS
from synthetic_notes.dementia.facts import Dementia, draw_dementia
from synthetic_notes.history import (
    Allergy,
    Relative,
    Surgery,
    draw_allergy,
    draw_comorbidities,
    draw_family,
    draw_surgeries,
)
from synthetic_notes.holdout import ADMISSION_CODES, HoldoutRandom
from synthetic_notes.imaging import MODALITIES
from synthetic_notes.lexicon import BASIC_PANEL, CHRONIC_LABS, LABS, same_symptom
from synthetic_notes.medications import Medication, draw_medications
from synthetic_notes.phi import Identity, draw_identity
from synthetic_notes.vocabulary import Disease, common_symptoms

# repeated every morning, so that a discharge value exists
_REPEATED = (*BASIC_PANEL, "INR(PT)", "TotBili", "AST", "ALT", "AlkPhos", "Lactate")

# of admission: all drugs, tests and diseases of the tables were known then
_YEARS = (2021, 2025)


@dataclass(frozen=True)
class Vitals:
    """temp °F, hr and rr per minute, sbp and dbp mmHg, spo2 % on room air."""

    temp: float
    hr: int
    rr: int
    sbp: int
    dbp: int
    spo2: int


@dataclass(frozen=True)
class Lab:
    """One result: a key of lexicon.LABS, the value as printed, and whether it is out of range."""

    name: str
    value: str
    abnormal: bool


@dataclass(frozen=True)
class Imaging:
    """One examination of this patient. Sentences are filled markup.

    incidental: (finding, impression) without acute meaning, or None.
    """

    modality: str
    day: date
    findings: tuple[str, ...]
    impressions: tuple[str, ...]
    incidental: tuple[str, str] | None
    prior: date | None

    @property
    def all_impressions(self) -> list[str]:
        """The impressions with the incidental one, which comes last."""
        return [*self.impressions, *(self.incidental[1:] if self.incidental else ())]


@dataclass(frozen=True)
class Facts:
    """Everything that the notes of one patient agree on."""

    identity: Identity
    age: int
    sex: str
    admission: Admission
    diagnosis: str
    slots: dict[str, str]
    comorbidities: tuple[Disease, ...]
    dementia: Dementia | None
    surgeries: tuple[Surgery, ...]
    allergy: Allergy | None
    family: tuple[Relative, ...]
    symptoms: tuple[str, ...]
    negatives: tuple[str, ...]
    review_negatives: tuple[str, ...]
    onset: str
    trigger: str | None
    arrival_vitals: Vitals
    discharge_vitals: Vitals
    labs: tuple[Lab, ...]
    last_labs: tuple[Lab, ...]
    imaging: tuple[Imaging, ...]
    complications: tuple[str, ...]
    home_drugs: tuple[Medication, ...]
    discharge_drugs: tuple[Medication, ...]
    stopped_drugs: tuple[Medication, ...]
    admitted: date
    discharged: date
    mobility: str
    mental_status: str
    disposition: str

    def fill(self, markup: str) -> str:
        """The markup with this patient's side, lobe, sizes and amounts in its slots."""
        return markup.format_map(self.slots)

    def notable_labs(self) -> list[Lab]:
        """Abnormal results on arrival, those of the reason for admission first."""
        order = list(self.admission.labs)
        abnormal = [lab for lab in self.labs if lab.abnormal and lab.name != "Cl"]
        return sorted(abnormal, key=lambda x: order.index(x.name) if x.name in order else 99)

    def has(self, code: str) -> bool:
        """Whether the patient carries the comorbidity with this catalogue code."""
        return any(disease.code == code for disease in self.comorbidities)


def draw_facts(rng: HoldoutRandom) -> Facts:
    """The facts of one patient; all randomness comes from `rng`."""
    admissions = rng.allowed(ADMISSIONS, lambda a: a.code in ADMISSION_CODES)
    admission = rng.choices(admissions, [a.patients.weight for a in admissions])[0]
    low, high = admission.patients.ages
    # the mean of two draws: few patients at the ends of the range
    age = low + round((high - low) * (rng.random() + rng.random()) / 2)
    sex = admission.patients.sex or rng.choice("FM")
    slots = _slots(rng, admission)
    symptoms = _symptoms(rng, admission)
    negatives = tuple(
        n
        for n in rng.sample(admission.negatives, len(admission.negatives))
        if not same_symptom(n, symptoms)
    )
    dementia = draw_dementia(rng, admission, age, sex, (*symptoms, *negatives))
    comorbidities = draw_comorbidities(rng, admission, age, sex, dementia)
    carried = {symptom for disease in comorbidities for symptom in disease.symptoms}
    review = [s for s in common_symptoms() if s not in carried]
    admitted = date(rng.randint(*_YEARS), 1, 1) + timedelta(days=rng.randrange(365))
    stay = rng.randint(*admission.stay.days)
    home, discharge, stopped = draw_medications(rng, admission, comorbidities, age)
    labs, last_labs = _labs(rng, admission, comorbidities, sex)
    advanced = dementia is not None and dementia.stage != "mild"
    frail = age >= 78 or advanced or admission.code in ("S72.002A", "I63.412")
    return Facts(
        identity=draw_identity(rng, sex, age, admitted),
        age=age,
        sex=sex,
        admission=admission,
        diagnosis=rng.wording(admission.names).format_map(slots),
        slots=slots,
        comorbidities=comorbidities,
        dementia=dementia,
        surgeries=draw_surgeries(rng, admission, comorbidities, age, sex),
        allergy=draw_allergy(rng, admission, home + discharge),
        family=draw_family(rng, age),
        symptoms=symptoms,
        negatives=negatives,
        review_negatives=tuple(rng.sample(review, 3)),
        onset=rng.choice(admission.onset),
        trigger=rng.choice((*rng.allowed(admission.trigger), None)),
        arrival_vitals=_vitals(rng, admission.vitals),
        discharge_vitals=_vitals(rng, {}),
        labs=labs,
        last_labs=last_labs,
        imaging=_imaging(rng, admission, slots, admitted),
        complications=tuple(_complications(rng, admission, comorbidities, age)),
        home_drugs=home,
        discharge_drugs=discharge,
        stopped_drugs=stopped,
        admitted=admitted,
        discharged=admitted + timedelta(days=stay),
        mobility=rng.choice(("walker", "assist")) if frail else "independent",
        mental_status="confused" if advanced else "clear",
        disposition=_disposition(rng, frail, age),
    )


def _slots(rng: HoldoutRandom, admission: Admission) -> dict[str, str]:
    side = admission.side or rng.choice(("left", "right"))
    level = rng.choice(
        ("lower", "lower", "upper") if side == "left" else ("lower", "middle", "upper")
    )
    return {
        "side": side,
        "SIDE": side.upper(),
        "other": "right" if side == "left" else "left",
        "lobe": f"{side} {level} lobe",
        "size": rng.choice(("small", "moderate", "trace")),
        "nodule": str(rng.randint(4, 7)),
        "cyst": f"{rng.randint(11, 38) / 10:.1f}",
        "ef": str(rng.choice((20, 25, 30, 35, 40))),
        "ef_ok": str(rng.choice((45, 50, 55, 60))),
        "liters": f"{rng.randint(15, 42) / 10:.1f}",
        "large_liters": f"{rng.randint(50, 88) / 10:.1f}",
        "units": str(rng.randint(2, 4)),
        "stenosis": str(rng.choice((70, 80, 90, 95))),
        "bowel": f"{rng.randint(32, 48) / 10:.1f}",
    }


def _symptoms(rng: HoldoutRandom, admission: Admission) -> tuple[str, ...]:
    core, others = admission.symptoms[:2], admission.symptoms[2:]
    return (*core, *rng.sample(others, min(len(others), rng.randint(1, 2))))


def _vitals(rng: HoldoutRandom, ranges: dict[str, tuple[float, float]]) -> Vitals:
    def draw(name: str, low: float, high: float) -> int:
        low, high = ranges.get(name, (low, high))
        return rng.randint(round(low), round(high))

    low, high = ranges.get("temp", (97.4, 98.8))
    sbp = draw("sbp", 112, 144)
    return Vitals(
        temp=rng.randint(round(low * 10), round(high * 10)) / 10,
        hr=draw("hr", 62, 90),
        rr=draw("rr", 14, 18),
        sbp=sbp,
        dbp=round(sbp * rng.randint(50, 62) / 100),
        spo2=draw("spo2", 95, 99),
    )


def _labs(
    rng: HoldoutRandom, admission: Admission, comorbidities: tuple[Disease, ...], sex: str
) -> tuple[tuple[Lab, ...], tuple[Lab, ...]]:
    """Results on arrival and on the last day; what the stay treats moves towards normal."""
    chronic: dict[str, tuple[float, float]] = {}
    for disease in comorbidities:
        chronic |= CHRONIC_LABS.get(disease.code, {})
    ranges = chronic | admission.labs
    # chloride closes the anion gap, which only ketones or lactate widen
    gap = (21, 27) if "BetaHydr" in ranges else (9, 13)
    first: list[Lab] = []
    last: list[Lab] = []
    for name, (_, _, low, high, decimals) in LABS.items():
        if name == "Cl" or name not in {*ranges, *BASIC_PANEL}:
            continue
        normal = (13.7, 17.5) if name == "Hgb" and sex == "M" else (low, high)
        start = _value(rng, ranges.get(name, normal), decimals)
        goal = _value(rng, chronic.get(name, normal), decimals)
        # what was normal or chronic on arrival wanders a little, it is not drawn afresh
        pull = rng.randint(60, 100) if name in admission.labs else rng.randint(0, 25)
        first.append(_lab(name, start, normal, decimals))
        if name in _REPEATED:
            last.append(_lab(name, start + (goal - start) * pull / 100, normal, decimals))
        if name == "HCO3":
            for panel, (low_gap, high_gap) in ((first, gap), (last, (9, 13))):
                value = {lab.name: float(lab.value) for lab in panel}
                chloride = value["Na"] - value["HCO3"] - rng.randint(low_gap, high_gap)
                panel.insert(-1, Lab("Cl", f"{chloride:.0f}", not 97 <= chloride <= 106))
    return tuple(first), tuple(last)


def _value(rng: HoldoutRandom, bounds: tuple[float, float], decimals: int) -> float:
    low, high = (round(bound * 10**decimals) for bound in bounds)
    return rng.randint(low, high) / 10**decimals


def _lab(name: str, value: float, normal: tuple[float, float], decimals: int) -> Lab:
    low, high = normal
    return Lab(name, f"{value:.{decimals}f}", not low <= round(value, decimals) <= high)


def _imaging(
    rng: HoldoutRandom, admission: Admission, slots: dict[str, str], admitted: date
) -> tuple[Imaging, ...]:
    done = []
    for study in admission.studies:
        modality = MODALITIES[study.modality]
        incidental = None
        if modality.incidentals and rng.random() < 0.4:
            finding, impression = rng.template(modality.incidentals)
            incidental = (finding.format_map(slots), impression.format_map(slots))
        prior = admitted - timedelta(days=rng.randint(40, 900)) if rng.random() < 0.55 else None
        # the first examination is the one that the emergency department asked for
        day = admitted + timedelta(days=rng.randint(0, 1) if done else 0)
        done.append(
            Imaging(
                modality=study.modality,
                day=day,
                findings=tuple(f.format_map(slots) for f in study.findings),
                impressions=tuple(i.format_map(slots) for i in study.impressions),
                incidental=incidental,
                prior=prior,
            )
        )
    return tuple(done)


def _complications(
    rng: HoldoutRandom, admission: Admission, comorbidities: tuple[Disease, ...], age: int
) -> list[str]:
    carried = [disease.code for disease in comorbidities]
    candidates = [
        key
        for key in admission.complications
        if not any(code in carried for code in COMPLICATIONS[key].excludes)
        and (key != "delirium" or age >= 65)
    ]
    drawn = rng.sample(candidates, min(len(candidates), rng.choice((0, 1, 1, 2))))
    # potassium cannot be a problem in both directions in the same short stay
    return [k for k in drawn if not (k == "hyperkalemia" and "hypokalemia" in drawn)]


def _disposition(rng: HoldoutRandom, frail: bool, age: int) -> str:
    if frail:
        return rng.choice(("Extended Care", "Home With Service"))
    return "Home" if age < 65 else rng.choice(("Home", "Home", "Home With Service"))
