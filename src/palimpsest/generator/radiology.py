"""Write a radiology report from one examination of a patient's facts, as markup."""

from __future__ import annotations

import re
from random import Random

from palimpsest.generator.facts import Facts, Imaging
from palimpsest.generator.imaging import MODALITIES
from palimpsest.generator.markup import capital, listing, mark_problem, mark_test, sentences
from palimpsest.generator.pen import Pen

_QUALITY = (
    "The study is of diagnostic quality.",
    "Evaluation is mildly limited by patient motion.",
    "Evaluation is slightly limited by body habitus.",
    "There are no technical limitations.",
)
_CHRONIC = ("hyperinflat", "cardiomegaly", "cirrhosis", "prostatomegaly")
# what an examination is asked for when it did not rule anything out
_QUESTIONS = {"cxr": "pneumonia", "leg us": "DVT", "ct head": "intracranial hemorrhage"}
_NEW = (
    "this is new since the prior study",
    "this is new compared with the prior examination",
    "this was not present previously",
)
_UNCHANGED = (
    "this is similar to the prior study",
    "this is unchanged in comparison with the prior examination",
)


def radiology_report(facts: Facts, study: Imaging, rng: Random) -> str:
    """The whole report as markup, sections separated by one empty line."""
    pen = Pen(facts, rng)
    modality = MODALITIES[study.modality]
    sections = [
        f"EXAMINATION: {mark_test(facts.fill(modality.heading))}",
        f"INDICATION: {_indication(pen, study)}",
        f"TECHNIQUE: {facts.fill(pen.rng.choice(modality.techniques))} {pen.rng.choice(_QUALITY)}",
        f"COMPARISON: {_comparison(pen, study)}",
        f"FINDINGS: {_findings(pen, study)}",
        f"IMPRESSION:\n{_impression(pen, study)}",
    ]
    return "\n\n".join(sections) + "\n"


def _indication(pen: Pen, study: Imaging) -> str:
    facts = pen.facts
    symptoms = listing([pen.symptom(s) for s in facts.symptoms[:2]])
    noun = "man" if facts.sex == "M" else "woman"
    names = MODALITIES[study.modality].names
    excluded = [disease for disease, how in facts.admission.ruled_out if how in names]
    asked = mark_problem(
        pen.rng.choice(excluded or [_QUESTIONS.get(study.modality, facts.diagnosis)]), "?"
    )
    history = pen.history_list(1)
    past = f"h/o {history}, now with" if history else "presenting with"
    return pen.pick(
        f"{facts.age} year old {noun} with {symptoms}. Evaluate for {asked}.",
        f"{facts.age}{facts.sex} {past} {symptoms}. Concern for {asked}.",
        f"History: {facts.age}{facts.sex} with {symptoms}. ?{asked}",
        f"{facts.age} year old {noun} {past} {symptoms}, assess for {asked}.",
        f"{capital(symptoms)}. Rule out {asked}.",
    )


def _comparison(pen: Pen, study: Imaging) -> str:
    if study.prior is None:
        return pen.pick("No prior studies available.", "Not available.", "No relevant priors.")
    name = mark_test(MODALITIES[study.modality].names[0])
    return capital(
        pen.pick(
            f"{name} from {study.prior.isoformat()}.",
            f"prior {name} dated {study.prior.isoformat()}.",
            f"{name} {study.prior.isoformat()}.",
        )
    )


def _findings(pen: Pen, study: Imaging) -> str:
    facts = pen.facts
    told = " ".join((*study.findings, *study.impressions, *(study.incidental or ()))).lower()
    normals = [s for word, s in MODALITIES[study.modality].normals if not re.search(word, told)]
    drawn = sorted(pen.rng.sample(range(len(normals)), min(len(normals), pen.rng.randint(4, 6))))
    extra = study.incidental[:1] if study.incidental else ()
    change = []
    if study.prior is not None and "|p]" in study.findings[0]:
        old = any(word in told for word in _CHRONIC)
        change.append(pen.rng.choice(_UNCHANGED if old else _NEW))
    parts = [
        study.findings[0],
        *change,
        *study.findings[1:],
        *(facts.fill(normals[i]) for i in drawn),
    ]
    return sentences([*parts, *extra])


def _impression(pen: Pen, study: Imaging) -> str:
    parts = [*study.impressions, *(study.incidental[1:] if study.incidental else ())]
    if len(parts) == 1:
        return sentences(parts)
    return "\n".join(f"{i}. {sentences([part])}" for i, part in enumerate(parts, 1))
