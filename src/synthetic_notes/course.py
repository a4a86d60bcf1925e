"""Write the hospital course, problem by problem."""

from synthetic_notes.complications import COMPLICATIONS
from synthetic_notes.copy_forward import copied_forward
from synthetic_notes.dementia.facts import DEMENTIA_CODES
from synthetic_notes.dementia.sentences import SectionSentences
from synthetic_notes.holdout import is_held_out
from synthetic_notes.letterhead import handover
from synthetic_notes.lexicon import LABS
from synthetic_notes.markup import (
    bulleted,
    capital,
    listing,
    mark_problem,
    mark_test,
    mark_treatment,
    premise,
    sentence,
    sentences,
    stretch,
)
from synthetic_notes.medications import Medication, drug_class, drug_list
from synthetic_notes.note_context import NoteContext

_REPEATS = {
    "Creat": "BMP",
    "Na": "sodium",
    "K": "potassium",
    "Hgb": "CBC",
    "WBC": "CBC",
    "Plt Ct": "platelets",
}


def hospital_course(note: NoteContext, by_section: SectionSentences) -> str:
    """Opening line, acute problems, chronic problems and transitional issues, as markup."""
    blocks = [_summary(note), "ACUTE ISSUES:", _primary(note)]
    blocks += [_complication(note, key) for key in note.facts.complications]
    blocks += by_section.course
    chronic = _chronic(note, by_section)
    if chronic:
        blocks += ["CHRONIC ISSUES:", "\n".join(chronic)]
    blocks += ["TRANSITIONAL ISSUES:", bulleted(_transitional(note, by_section))]
    return "\n".join(blocks)


def _summary(note: NoteContext) -> str:
    facts = note.facts
    history = note.history_list(2)
    past = f" with {history}" if history else ""
    diagnosis = note.a_diagnosis
    if note.rng.random() < 0.3:
        found = note.pick("found to have", "admitted with", "treated for", "diagnosed with")
        again = copied_forward(note.said["opening"], note.rng)
        told = sentence(f"{note.he} was {found} {diagnosis}")
        return sentences([again, premise("summary", told)])
    summary = note.pick(
        f"{note.age} y/o {note.noun}{past} admitted with {diagnosis}",
        f"{note.age}{facts.sex}{past} who presented with {diagnosis}",
        f"{note.name} is a {note.noun}{past} hospitalized for {diagnosis}",
        f"pt is {note.an_age} yo {facts.sex}{past} found to have {diagnosis}",
    )
    return premise("summary", sentence(summary))


def _primary(note: NoteContext) -> str:
    facts = note.facts
    symptoms = listing([note.symptom(s) for s in facts.symptoms[:2]])
    lab = next((x for x in facts.notable_labs() if x.name in facts.admission.labs), None)
    evidence = [note.pick(f"presented with {symptoms}", f"p/w {symptoms}", f"pt had {symptoms}")]
    if lab is not None:
        name = mark_test(note.rng.wording(LABS[lab.name][0]))
        evidence.append(
            note.pick(
                f"{name} was {note.result(lab)} on arrival",
                f"initial {name} {note.result(lab)}",
                f"admission {name} was {note.result(lab)}",
            )
        )
    steps = [facts.fill(note.rng.wording(options)) for options in facts.admission.course]
    doubt = [_ruled_out(note), _concern(note)] if note.rng.random() < 0.7 else [_ruled_out(note)]
    closing = note.pick(
        "improved steadily and was medically cleared for discharge",
        "clinically improved by the day of discharge",
        f"{note.he} felt back to baseline at discharge",
        "tolerated this well",
        "remained stable for 24 h before discharge",
    )
    heading = f"# {capital(mark_problem(facts.diagnosis))}"
    return f"{heading}: {sentences([*evidence, steps[0], *doubt, *steps[1:], closing])}"


def _ruled_out(note: NoteContext) -> str:
    disease, how = note.rng.wording(note.facts.admission.ruled_out, lambda x: is_held_out(x[0]))
    absent, test = mark_problem(disease, "-"), mark_test(how)
    return note.pick(
        f"{absent} was ruled out by {test}",
        f"no evidence of {absent} on {test}",
        f"{test} was negative for {absent}",
        f"{test} not suggestive of {absent}",
        f"{absent} was considered but excluded by {test}",
        f"low suspicion for {absent} given {test}",
    )


def _concern(note: NoteContext) -> str:
    possible = mark_problem(note.rng.wording(note.facts.admission.concern), "?")
    return note.pick(
        f"there was initial concern for {possible}",
        f"possible {possible}",
        f"could not exclude {possible}",
        f"{possible} remained on the differential",
        f"? {possible}, to be followed as an outpatient",
        f"may represent {possible}",
        f"{possible} was felt to be possible but less likely",
    )


def _complication(note: NoteContext, key: str) -> str:
    complication = COMPLICATIONS[key]
    heading = capital(mark_problem(note.rng.wording(complication.names)))
    last = min(3, (note.facts.discharged - note.facts.admitted).days)
    day = note.rng.randint(2, max(2, last))
    when = note.pick(
        "developed during admission",
        f"noted on hospital day {day}",
        f"developed on hospital day {day}",
        "new this admission",
    )
    course = note.facts.fill(note.rng.wording(complication.course))
    return f"# {heading}: {sentences([when, course])}"


def _chronic(note: NoteContext, by_section: SectionSentences) -> list[str]:
    facts = note.facts
    lines = []
    for disease in facts.comorbidities:
        if disease.code in facts.admission.patients.implies:
            continue
        heading = f"# {capital(mark_problem(note.rng.wording(disease.names)))}"
        if disease.code in DEMENTIA_CODES:
            lines.append(f"{heading}: {sentences(by_section.chronic)}")
            continue
        kept = [d for d in facts.discharge_drugs if d.code == disease.code]
        held = [d for d in facts.stopped_drugs if d.code == disease.code]
        same = drug_list(d for d in kept if d.status == "home")
        parts = []
        if same:
            parts.append(
                note.pick(
                    f"continued home {same}",
                    f"home {same} was continued" if "and" not in same else f"continued {same}",
                    f"stable on {same}",
                    f"left {same} as it was",
                )
            )
        adjusted = drug_list(d for d in kept if d.status == "changed")
        if adjusted:
            parts.append(note.pick(f"dose of {adjusted} was adjusted", f"changed {adjusted} dose"))
        for old in held:
            new = _successor(note, old)
            if new:
                names = f"{mark_treatment(old.name, '-')} to {mark_treatment(new)}"
                parts.append(note.pick(f"switched from {names}", f"changed home {names}"))
        held = [d for d in held if not _successor(note, d)]
        if held:
            names = drug_list(held, "-")
            reason = mark_problem(facts.diagnosis)
            parts.append(
                note.pick(
                    f"home {names} held in the setting of {reason}",
                    f"held {names} given {reason}",
                    f"stopped {names} iso {reason}",
                )
            )
        shared = drug_list(d for d in facts.discharge_drugs if d.name in disease.drugs)
        if not parts and shared:
            parts.append(f"stable on {shared}")
        if not parts:
            parts.append(
                note.pick(
                    "stable, not on treatment",
                    "no acute issues this admission",
                    "stable, outpatient follow up",
                    "not active during this stay",
                )
            )
        lines.append(f"{heading}: {sentences(parts)}")
    return lines


def _successor(note: NoteContext, old: Medication) -> str | None:
    """The drug of the same class that the stay put in the place of a stopped one."""
    return next(
        (d.name for d in note.facts.discharge_drugs if drug_class(d.name) == drug_class(old.name)),
        None,
    )


def _transitional(note: NoteContext, by_section: SectionSentences) -> list[str]:
    facts = note.facts
    lines = []
    repeat = next(
        (_REPEATS[x.name] for x in facts.last_labs if x.abnormal and x.name in _REPEATS), "BMP"
    )
    test = mark_test(repeat, ">")
    lines.append(
        note.pick(
            f"please repeat {test} at PCP visit within 1 week",
            f"recheck {test} in 5-7 days",
            f"will need {test} drawn at follow up",
            f"{test} should be checked at the next visit",
        )
    )
    for study in facts.imaging:
        if study.incidental:
            lines.append(f"incidental finding on imaging: {study.incidental[1]}")
            break
    warning = note.symptom(facts.admission.warnings[0], ">")
    lines.append(
        note.pick(
            f"consider early readmission for {warning}",
            f"low threshold to re-evaluate for {warning}",
            f"should be seen urgently for {warning}",
            f"monitor for {warning}",
        )
    )
    changed = drug_list(d for d in facts.discharge_drugs if d.status == "changed")
    if changed:
        lines.append(f"dose change: {changed}")
    lines += handover(note)
    return [*(stretch("sentence", "", capital(line)) for line in lines), *by_section.pending]
