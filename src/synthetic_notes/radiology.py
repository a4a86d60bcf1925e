"""Write a radiology report from one examination of a patient's facts, as markup."""

import re

from synthetic_notes.copy_forward import copied_forward
from synthetic_notes.facts import Facts, Imaging
from synthetic_notes.holdout import HoldoutRandom, is_held_out
from synthetic_notes.imaging import MODALITIES, Modality
from synthetic_notes.letterhead import report_foot, report_head
from synthetic_notes.markup import capital, listing, mark_problem, mark_test, numbered, sentences
from synthetic_notes.note_context import NoteContext

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


def radiology_report(facts: Facts, study: Imaging, rng: HoldoutRandom, said: dict[str, str]) -> str:
    """The whole report as markup, sections separated by one empty line.

    said: what earlier reports of the same patient say; this one adds to it.
    """
    note = NoteContext(facts, rng, said)
    modality = MODALITIES[study.modality]
    sections = [
        report_head(note, study),
        f"EXAMINATION: {mark_test(facts.fill(modality.heading))}",
        f"INDICATION: {_indication(note, study)}",
        f"TECHNIQUE: {_technique(note, modality)}",
        f"COMPARISON: {_comparison(note, study)}",
        f"FINDINGS: {_findings(note, study)}",
        f"IMPRESSION:\n{_impression(note, study)}",
        report_foot(note, study),
    ]
    return "\n\n".join(sections) + "\n"


def _technique(note: NoteContext, modality: Modality) -> str:
    return f"{note.facts.fill(note.rng.wording(modality.techniques))} {note.pick(*_QUALITY)}"


def _indication(note: NoteContext, study: Imaging) -> str:
    facts = note.facts
    symptoms = listing([note.symptom(s) for s in facts.symptoms[:2]])
    names = MODALITIES[study.modality].names
    excluded = [disease for disease, how in facts.admission.ruled_out if how in names]
    excluded = note.rng.allowed(excluded) or [_QUESTIONS.get(study.modality, facts.diagnosis)]
    asked = mark_problem(note.rng.choice(excluded), "?")
    history = note.history_list(1)
    past = f"h/o {history}, now with" if history else "presenting with"
    if "indication" in note.said and note.rng.random() < 0.5:
        told = copied_forward(note.said["indication"], note.rng)
    else:
        told = note.pick(
            f"{note.age} year old {note.noun} with {symptoms}",
            f"{note.age}{facts.sex} {past} {symptoms}",
            f"History: {note.age}{facts.sex} with {symptoms}",
            f"{note.age} year old {note.noun} {past} {symptoms}",
            symptoms,
        )
    note.said["indication"] = told
    question = note.pick(
        f"evaluate for {asked}",
        f"concern for {asked}",
        f"assess for {asked}",
        f"rule out {asked}",
        f"?{asked}",
        f"query {asked}",
    )
    return sentences([told, question])


def _comparison(note: NoteContext, study: Imaging) -> str:
    if study.prior is None:
        return note.pick("No prior studies available.", "Not available.", "No relevant priors.")
    name = mark_test(MODALITIES[study.modality].names[0])
    return capital(
        note.pick(
            f"{name} from {note.date(study.prior)}.",
            f"prior {name} dated {note.date(study.prior)}.",
            f"{name} {note.date(study.prior)}.",
        )
    )


def _findings(note: NoteContext, study: Imaging) -> str:
    facts = note.facts
    told = " ".join((*study.findings, *study.impressions, *(study.incidental or ()))).lower()
    normals = [
        sentence
        for word, sentence in MODALITIES[study.modality].normals.items()
        if not re.search(word, told) and (note.rng.held_out or not is_held_out(sentence))
    ]
    drawn = sorted(note.rng.sample(range(len(normals)), min(len(normals), note.rng.randint(4, 6))))
    extra = study.incidental[:1] if study.incidental else ()
    change = []
    if study.prior is not None and "|p]" in study.findings[0]:
        old = any(word in told for word in _CHRONIC)
        change.append(note.pick(*(_UNCHANGED if old else _NEW)))
    parts = [
        study.findings[0],
        *change,
        *study.findings[1:],
        *(facts.fill(normals[i]) for i in drawn),
    ]
    return sentences([*parts, *extra])


def _impression(note: NoteContext, study: Imaging) -> str:
    parts = study.all_impressions
    return sentences(parts) if len(parts) == 1 else numbered(sentences([part]) for part in parts)
