"""Write a published case report from facts, as markup: prose, without names, dates and numbers."""

from synthetic_notes.complications import COMPLICATIONS
from synthetic_notes.facts import Facts
from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.imaging import MODALITIES
from synthetic_notes.lexicon import LABS
from synthetic_notes.markup import listing, mark_problem, mark_test, mark_treatment, sentences
from synthetic_notes.note_context import NoteContext

_LEAVING = {
    "Home": "home",
    "Home With Service": "home with nursing services",
    "Extended Care": "to a rehabilitation facility",
}


def case_report(facts: Facts, rng: HoldoutRandom) -> str:
    """The whole report as markup: presentation, findings, course and outcome, a paragraph each."""
    note = NoteContext(facts, rng)
    paragraphs = (_presentation(note), _findings(note), _course(note), _outcome(note))
    return "\n\n".join(map(sentences, paragraphs)) + "\n"


def _presentation(note: NoteContext) -> list[str]:
    facts = note.facts
    who = f"{note.an_age}-year-old {note.noun}"
    history = note.history_list(3)
    past = f" with a history of {history}" if history else " without relevant past medical history"
    symptoms = listing([note.symptom(key) for key in facts.symptoms])
    parts = [
        note.pick(
            f"{who}{past} presented with {symptoms}, which had begun {facts.onset} earlier",
            f"we report the case of {who}{past} who presented after {facts.onset} of {symptoms}",
            f"{who}{past} was admitted to our hospital because of {symptoms} for {facts.onset}",
        )
    ]
    if facts.negatives:
        denied = listing([note.symptom(key, "-") for key in facts.negatives[:3]], "or")
        parts.append(note.pick(f"there was no {denied}", f"{note.he} did not report {denied}"))
    if facts.home_drugs:
        drugs = listing([mark_treatment(drug.name) for drug in facts.home_drugs[:4]])
        parts.append(
            note.pick(
                f"{note.his} regular medications were {drugs}",
                f"{note.he} had been taking {drugs}",
            )
        )
    return parts


def _findings(note: NoteContext) -> list[str]:
    facts, vitals = note.facts, note.facts.arrival_vitals
    parts = [
        f"on admission, {note.his} {mark_test('temperature')} was {vitals.temp} °F, "
        f"{mark_test('heart rate')} {vitals.hr} per minute, {mark_test('blood pressure')} "
        f"{vitals.sbp}/{vitals.dbp} mmHg and {mark_test('oxygen saturation')} {vitals.spo2}%"
    ]
    exam = list(facts.admission.exam.values())[:2]
    if found := "; ".join(facts.fill(note.rng.wording(options)) for options in exam):
        parts.append(note.pick(f"examination showed {found}", f"findings were {found}"))
    if abnormal := facts.notable_labs()[:4]:
        values = listing(
            [f"{mark_test(note.rng.wording(LABS[x.name][0]))} {note.result(x)}" for x in abnormal]
        )
        parts.append(
            note.pick(
                f"laboratory tests showed {values}",
                f"abnormal laboratory values were {values}",
            )
        )
    for study in facts.imaging[:2]:
        name = mark_test(note.rng.wording(MODALITIES[study.modality].names))
        parts.append(
            note.pick(
                f"{name} revealed {listing(study.impressions)}",
                f"{name} showed {listing(study.impressions)}",
            )
        )
    return parts


def _course(note: NoteContext) -> list[str]:
    facts = note.facts
    parts = [
        note.pick(
            f"{note.a_diagnosis} was diagnosed",
            f"the diagnosis of {mark_problem(facts.diagnosis)} was made",
            f"these findings were consistent with {mark_problem(facts.diagnosis)}",
        )
    ]
    parts += [facts.fill(note.rng.wording(options)) for options in facts.admission.course]
    for key in facts.complications:
        complication = COMPLICATIONS[key]
        name = mark_problem(note.rng.wording(complication.names))
        course = facts.fill(note.rng.wording(complication.course))
        parts += [f"the stay was complicated by {name}", course]
    return parts


def _outcome(note: NoteContext) -> list[str]:
    facts = note.facts
    days = (facts.discharged - facts.admitted).days
    after = "1 day" if days == 1 else f"{days} days"
    leaving = _LEAVING[facts.disposition]
    parts = [
        note.pick(
            f"{note.he} was discharged {leaving} after {after}",
            f"after {after}, {note.he} left the hospital and went {leaving}",
        )
    ]
    fresh = [mark_treatment(drug.name) for drug in facts.discharge_drugs if drug.status == "new"]
    if fresh:
        parts.append(f"{note.he} was started on {listing(fresh)}")
    if stopped := [mark_treatment(drug.name, "-") for drug in facts.stopped_drugs]:
        parts.append(f"{listing(stopped)} {'was' if len(stopped) == 1 else 'were'} discontinued")
    return parts
