"""Write the last sections of a discharge summary, as markup: diagnoses, condition, advice."""

from datetime import timedelta

from synthetic_notes.dementia.sentences import SectionSentences
from synthetic_notes.letterhead import contact_advice
from synthetic_notes.lexicon import SYMPTOMS
from synthetic_notes.markup import (
    capital,
    listing,
    mark_problem,
    mark_treatment,
    premise,
    sentences,
)
from synthetic_notes.note_context import NoteContext
from synthetic_notes.phi import mark_phi


def diagnoses(note: NoteContext) -> str:
    """The diagnosis of the stay, and up to three others."""
    facts = note.facts
    lines = ["Primary:", capital(mark_problem(facts.diagnosis))]
    others = [d for d in facts.comorbidities if d.code not in facts.admission.patients.implies]
    if others:
        lines += ["Secondary:", *map(capital, note.wordings(others)[:3])]
    return "\n".join(lines)


def condition(note: NoteContext) -> str:
    """The form on how the patient leaves."""
    facts = note.facts
    mind = {"clear": "Clear and coherent.", "confused": "At baseline, needs redirection."}
    walks = {
        "independent": "Ambulatory - Independent.",
        "walker": "Ambulatory - requires a walker.",
        "assist": "Out of bed with assistance to chair.",
    }
    alert = "Alert and interactive."
    return (
        f"Mental Status: {mind[facts.mental_status]}\nLevel of Consciousness: {alert}\n"
        + premise("walks", f"Activity Status: {walks[facts.mobility]}")
    )


def instructions(note: NoteContext, by_section: SectionSentences) -> str:
    """What the patient is told."""
    facts = note.facts
    diagnosis = note.a_diagnosis
    new = [mark_treatment(drug.name) for drug in facts.discharge_drugs if drug.status == "new"]
    held = [mark_treatment(drug.name, "-") for drug in facts.stopped_drugs]
    warnings = list(dict.fromkeys(SYMPTOMS[key][1] for key in facts.admission.warnings))
    signs = listing([mark_problem(sign, ">") for sign in warnings], "or")
    parts = [
        note.pick(
            f"you were admitted to the hospital with {diagnosis}",
            f"you came to the hospital and were found to have {diagnosis}",
            f"it was a pleasure taking care of you; you were treated for {diagnosis}",
            f"dear {note.name}, you were hospitalized because of {diagnosis}",
        )
    ]
    if new:
        parts.append(
            note.pick(
                f"we started you on {listing(new)}",
                f"please take {listing(new)} as prescribed",
                f"new medications: {listing(new)}",
            )
        )
    if held:
        parts.append(
            note.pick(
                f"please stop taking {listing(held)} until you see your doctor",
                f"do not take {listing(held, 'or')} for now",
                f"we stopped your {listing(held)}",
            )
        )
    parts += by_section.advice
    parts.append(
        note.pick(
            f"return to the ED if you develop {signs}",
            f"call your doctor or return if you experience {signs}",
            f"please seek care right away for {signs}",
            f"if you notice {signs}, go to the nearest emergency room",
            f"call 911 or come back if you have {signs}",
        )
    )
    if note.rng.random() < 0.5:
        parts.append(contact_advice(note))
    return sentences(parts)


def followup(note: NoteContext) -> str:
    """Appointments, one line each."""
    facts, who = note.facts, note.facts.identity
    lines = []
    for clinic in facts.admission.stay.clinics:
        days = note.rng.randint(5, 28)
        when = note.date(facts.discharged + timedelta(days=days))
        lines.append(
            note.pick(
                f"{clinic} on {when}",
                f"Follow up with {clinic} in {max(1, round(days / 7))} wk",
                f"{clinic}, Dr. {who.specialist.full}, {when}",
                f"Please see {clinic} within {days} days",
                f"{clinic} at {mark_phi('LOCATION', who.hospital)}, {note.phone(who.numbers[0])}",
            ).replace("in 1 wk", "in 1 week")
        )
    return "\n".join(lines)
