"""Write a radiology report from one examination of a patient's facts, as markup."""

from __future__ import annotations

import re

from synthetic_notes.copy_forward import carried
from synthetic_notes.facts import Facts, Imaging
from synthetic_notes.holdout import Draw, is_held_out
from synthetic_notes.imaging import MODALITIES, Modality
from synthetic_notes.letterhead import report_foot, report_head
from synthetic_notes.markup import capital, listing, mark_problem, mark_test, sentences
from synthetic_notes.note_context import Pen

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


def radiology_report(facts: Facts, study: Imaging, rng: Draw, said: dict[str, str]) -> str:
    """The whole report as markup, sections separated by one empty line.

    said: what earlier reports of the same patient say; this one adds to it.
    """
    pen = Pen(facts, rng, said)
    modality = MODALITIES[study.modality]
    sections = [
        report_head(pen, study),
        f"EXAMINATION: {mark_test(facts.fill(modality.heading))}",
        f"INDICATION: {_indication(pen, study)}",
        f"TECHNIQUE: {_technique(pen, modality)}",
        f"COMPARISON: {_comparison(pen, study)}",
        f"FINDINGS: {_findings(pen, study)}",
        f"IMPRESSION:\n{_impression(pen, study)}",
        report_foot(pen, study),
    ]
    return "\n\n".join(sections) + "\n"


def _technique(pen: Pen, modality: Modality) -> str:
    return f"{pen.facts.fill(pen.rng.wording(modality.techniques))} {pen.pick(*_QUALITY)}"


def _indication(pen: Pen, study: Imaging) -> str:
    facts = pen.facts
    symptoms = listing([pen.symptom(s) for s in facts.symptoms[:2]])
    noun = "man" if facts.sex == "M" else "woman"
    names = MODALITIES[study.modality].names
    excluded = [disease for disease, how in facts.admission.ruled_out if how in names]
    excluded = pen.rng.allowed(excluded) or [_QUESTIONS.get(study.modality, facts.diagnosis)]
    asked = mark_problem(pen.rng.choice(excluded), "?")
    history = pen.history_list(1)
    past = f"h/o {history}, now with" if history else "presenting with"
    if "indication" in pen.said and pen.rng.random() < 0.5:
        told = carried(pen.said["indication"], pen.rng)
    else:
        told = pen.pick(
            f"{pen.age} year old {noun} with {symptoms}",
            f"{pen.age}{facts.sex} {past} {symptoms}",
            f"History: {pen.age}{facts.sex} with {symptoms}",
            f"{pen.age} year old {noun} {past} {symptoms}",
            symptoms,
        )
    pen.said["indication"] = told
    question = pen.pick(
        f"evaluate for {asked}",
        f"concern for {asked}",
        f"assess for {asked}",
        f"rule out {asked}",
        f"?{asked}",
        f"query {asked}",
    )
    return sentences([told, question])


def _comparison(pen: Pen, study: Imaging) -> str:
    if study.prior is None:
        return pen.pick("No prior studies available.", "Not available.", "No relevant priors.")
    name = mark_test(MODALITIES[study.modality].names[0])
    return capital(
        pen.pick(
            f"{name} from {pen.date(study.prior)}.",
            f"prior {name} dated {pen.date(study.prior)}.",
            f"{name} {pen.date(study.prior)}.",
        )
    )


def _findings(pen: Pen, study: Imaging) -> str:
    facts = pen.facts
    told = " ".join((*study.findings, *study.impressions, *(study.incidental or ()))).lower()
    normals = [
        sentence
        for word, sentence in MODALITIES[study.modality].normals
        if not re.search(word, told) and (pen.rng.held_out or not is_held_out(sentence))
    ]
    drawn = sorted(pen.rng.sample(range(len(normals)), min(len(normals), pen.rng.randint(4, 6))))
    extra = study.incidental[:1] if study.incidental else ()
    change = []
    if study.prior is not None and "|p]" in study.findings[0]:
        old = any(word in told for word in _CHRONIC)
        change.append(pen.pick(*(_UNCHANGED if old else _NEW)))
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
