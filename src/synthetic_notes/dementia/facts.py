"""Draw the facts of a patient's dementia: kind, stage, score, carer, behaviour, home."""

from dataclasses import dataclass, replace

from synthetic_notes.admissions.schema import Admission
from synthetic_notes.data_files import load
from synthetic_notes.dementia.phrases import STAGES, WORDS
from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.lexicon import same_symptom
from synthetic_notes.vocabulary import Disease, chronic_diseases

# weight among dementias, wordings, drugs
_KINDS = load("dementia/kinds.yaml", dict[str, tuple[int, tuple[str, ...], tuple[str, ...]]])
DEMENTIA_CODES = tuple(_KINDS)
# symptoms of the catalogue that a patient with any dementia cannot deny
_SYMPTOMS = (
    *("memory loss", "confusion", "anxiety", "depression", "difficulty swallowing"),
    *("insomnia", "tremor"),
)
# (first age, share of inpatients of that age who have a dementia)
_SHARES = ((85, 0.30), (75, 0.17), (65, 0.08))
_TREATED = 0.7

# stage -> inclusive scores out of 30, which do not overlap within one scale
SCORES: dict[str, dict[str, tuple[int, int]]] = {
    "MMSE": {"mild": (20, 25), "moderate": (10, 19), "severe": (3, 9)},
    "MoCA": {"mild": (18, 24), "moderate": (10, 17), "severe": (2, 9)},
}
_YEARS = {"mild": (2, 3), "moderate": (3, 6), "severe": (6, 11)}
_HOMES: dict[str, tuple[str, ...]] = {
    "mild": ("lives with {carer}", "lives near {carer}", "lives with family"),
    "moderate": ("lives with {carer}", "lives in assisted living", "lives with family"),
    "severe": ("lives in a memory care unit", "lives with {carer}", "lives in a nursing home"),
}
CARE_HOMES = ("lives in assisted living", "lives in a memory care unit", "lives in a nursing home")


@dataclass(frozen=True)
class Dementia:
    """A dementia that the patient brings along.

    stage: "mild", "moderate" or "severe"; years: since the diagnosis.
    scale: "MMSE" or "MoCA"; score, before: points out of 30, now and at the diagnosis;
    months: since the score.
    carer: the relative who cares; home: where the patient lives, after "lives".
    behaviours, changes: what the notes may mention; atrophy: what the scan at diagnosis showed.
    visits: days a week on which an aide comes.
    """

    disease: Disease
    stage: str
    years: int
    scale: str
    score: int
    before: int
    months: int
    carer: str
    home: str
    behaviours: tuple[str, ...]
    changes: tuple[str, ...]
    atrophy: str
    visits: int


def draw_dementia(
    rng: HoldoutRandom, admission: Admission, age: int, sex: str, said: tuple[str, ...]
) -> Dementia | None:
    """A dementia, or None, which is what most patients have.

    said: keys of lexicon.SYMPTOMS that the stay explains or denies.
    """
    share = next((share for first, share in _SHARES if age >= first), 0.0)
    if "G30.9" in admission.patients.likely:
        share *= 1.5
    if rng.random() >= share:
        return None
    code = rng.choices(DEMENTIA_CODES, [weight for weight, _, _ in _KINDS.values()])[0]
    stage = rng.choices(STAGES, (4, 4, 2))[0]
    scale = rng.choice(tuple(SCORES))
    score = rng.randint(*SCORES[scale][stage])
    spouse = "wife" if sex == "M" else "husband"
    carer = rng.choice(("daughter", "daughter", "son", spouse, spouse, "niece"))
    home = rng.choice(_HOMES[stage]).format(carer=carer)
    if home == f"lives near {spouse}":
        home = f"lives with {spouse}"
    years = rng.randint(*_YEARS[stage])
    bodily = tuple(
        change
        for change, keys in WORDS.body.items()
        if not any(same_symptom(key, said) for key in keys)
    )
    return Dementia(
        disease=_disease(rng, code),
        stage=stage,
        years=years,
        scale=scale,
        score=score,
        before=min(28, score + years + rng.randint(1, 3)),
        months=rng.randint(2, 11),
        carer=carer,
        home=home,
        behaviours=_behaviours(rng, code),
        changes=_several(rng, bodily, 2),
        atrophy=rng.template(WORDS.atrophy),
        visits=rng.randint(2, 5),
    )


def _disease(rng: HoldoutRandom, code: str) -> Disease:
    _, names, drugs = _KINDS[code]
    catalogued = chronic_diseases()["G30.9"]
    treated = rng.random() < _TREATED
    return replace(
        catalogued, code=code, names=names, drugs=drugs if treated else (), symptoms=_SYMPTOMS
    )


def _behaviours(rng: HoldoutRandom, code: str) -> tuple[str, ...]:
    drawn = _several(rng, WORDS.behaviours, 3)
    # the core feature of Lewy body dementia
    return tuple(dict.fromkeys(("visual hallucinations", *drawn))) if code == "G31.83" else drawn


def _several(rng: HoldoutRandom, words: tuple[str, ...], count: int) -> tuple[str, ...]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[rng.template(words)] = None
    return tuple(found)
