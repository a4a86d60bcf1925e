"""Write the hospital course, problem by problem."""

from __future__ import annotations

from synthetic_notes.complications import COMPLICATIONS
from synthetic_notes.copy_forward import carried
from synthetic_notes.dementia.facts import DEMENTIA_CODES
from synthetic_notes.dementia.sentences import Passages
from synthetic_notes.holdout import is_held_out
from synthetic_notes.letterhead import handover
from synthetic_notes.lexicon import LABS
from synthetic_notes.markup import (
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
from synthetic_notes.medications import Medication, drug_class
from synthetic_notes.note_context import Pen

_REPEATS = {
    "Creat": "BMP",
    "Na": "sodium",
    "K": "potassium",
    "Hgb": "CBC",
    "WBC": "CBC",
    "Plt Ct": "platelets",
}


def hospital_course(pen: Pen, about: Passages) -> str:
    """Opening line, acute problems, chronic problems and transitional issues, as markup."""
    blocks = [_summary(pen), "ACUTE ISSUES:", _primary(pen)]
    blocks += [_complication(pen, key) for key in pen.facts.complications]
    blocks += about.course
    chronic = _chronic(pen, about)
    if chronic:
        blocks += ["CHRONIC ISSUES:", "\n".join(chronic)]
    blocks += ["TRANSITIONAL ISSUES:", "\n".join(f"- {line}" for line in _transitional(pen, about))]
    return "\n".join(blocks)


def _summary(pen: Pen) -> str:
    facts = pen.facts
    history = pen.history_list(2)
    past = f" with {history}" if history else ""
    noun = "man" if facts.sex == "M" else "woman"
    diagnosis = pen.a_diagnosis
    if pen.rng.random() < 0.3:
        found = pen.pick("found to have", "admitted with", "treated for", "diagnosed with")
        again = carried(pen.said["opening"], pen.rng)
        told = sentence(f"{pen.he} was {found} {diagnosis}")
        return sentences([again, premise("summary", told)])
    summary = pen.pick(
        f"{pen.age} y/o {noun}{past} admitted with {diagnosis}",
        f"{pen.age}{facts.sex}{past} who presented with {diagnosis}",
        f"{pen.name} is a {noun}{past} hospitalized for {diagnosis}",
        f"pt is {pen.an_age} yo {facts.sex}{past} found to have {diagnosis}",
    )
    return premise("summary", sentence(summary))


def _primary(pen: Pen) -> str:
    facts = pen.facts
    symptoms = listing([pen.symptom(s) for s in facts.symptoms[:2]])
    lab = next((x for x in facts.telling_labs() if x.name in facts.admission.labs), None)
    evidence = [pen.pick(f"presented with {symptoms}", f"p/w {symptoms}", f"pt had {symptoms}")]
    if lab is not None:
        name = mark_test(pen.rng.wording(LABS[lab.name][0]))
        evidence.append(
            pen.pick(
                f"{name} was {pen.result(lab)} on arrival",
                f"initial {name} {pen.result(lab)}",
                f"admission {name} was {pen.result(lab)}",
            )
        )
    steps = [facts.fill(pen.rng.wording(options)) for options in facts.admission.course]
    doubt = [_ruled_out(pen), _concern(pen)] if pen.rng.random() < 0.7 else [_ruled_out(pen)]
    closing = pen.pick(
        "improved steadily and was medically cleared for discharge",
        "clinically improved by the day of discharge",
        f"{pen.he} felt back to baseline at discharge",
        "tolerated this well",
        "remained stable for 24 h before discharge",
    )
    heading = f"# {capital(mark_problem(facts.diagnosis))}"
    return f"{heading}: {sentences([*evidence, steps[0], *doubt, *steps[1:], closing])}"


def _ruled_out(pen: Pen) -> str:
    disease, how = pen.rng.wording(pen.facts.admission.ruled_out, lambda x: is_held_out(x[0]))
    absent, test = mark_problem(disease, "-"), mark_test(how)
    return pen.pick(
        f"{absent} was ruled out by {test}",
        f"no evidence of {absent} on {test}",
        f"{test} was negative for {absent}",
        f"{test} not suggestive of {absent}",
        f"{absent} was considered but excluded by {test}",
        f"low suspicion for {absent} given {test}",
    )


def _concern(pen: Pen) -> str:
    possible = mark_problem(pen.rng.wording(pen.facts.admission.concern), "?")
    return pen.pick(
        f"there was initial concern for {possible}",
        f"possible {possible}",
        f"could not exclude {possible}",
        f"{possible} remained on the differential",
        f"? {possible}, to be followed as an outpatient",
        f"may represent {possible}",
        f"{possible} was felt to be possible but less likely",
    )


def _complication(pen: Pen, key: str) -> str:
    what = COMPLICATIONS[key]
    heading = capital(mark_problem(pen.rng.wording(what.names)))
    last = min(3, (pen.facts.discharged - pen.facts.admitted).days)
    day = pen.rng.randint(2, max(2, last))
    when = pen.pick(
        "developed during admission",
        f"noted on hospital day {day}",
        f"developed on hospital day {day}",
        "new this admission",
    )
    return f"# {heading}: {sentences([when, pen.facts.fill(pen.rng.wording(what.course))])}"


def _chronic(pen: Pen, about: Passages) -> list[str]:
    facts = pen.facts
    lines = []
    for disease in facts.comorbidities:
        if disease.code in facts.admission.implies:
            continue
        heading = f"# {capital(mark_problem(pen.rng.wording(disease.names)))}"
        if disease.code in DEMENTIA_CODES:
            lines.append(f"{heading}: {sentences(about.chronic)}")
            continue
        kept = [d for d in facts.discharge_drugs if d.code == disease.code]
        held = [d for d in facts.stopped_drugs if d.code == disease.code]
        same = listing([mark_treatment(d.name) for d in kept if d.status == "home"])
        parts = []
        if same:
            parts.append(
                pen.pick(
                    f"continued home {same}",
                    f"home {same} was continued" if "and" not in same else f"continued {same}",
                    f"stable on {same}",
                    f"left {same} as it was",
                )
            )
        adjusted = listing([mark_treatment(d.name) for d in kept if d.status == "changed"])
        if adjusted:
            parts.append(pen.pick(f"dose of {adjusted} was adjusted", f"changed {adjusted} dose"))
        for old in held:
            new = _successor(pen, old)
            if new:
                names = f"{mark_treatment(old.name, '-')} to {mark_treatment(new)}"
                parts.append(pen.pick(f"switched from {names}", f"changed home {names}"))
        held = [d for d in held if not _successor(pen, d)]
        if held:
            names = listing([mark_treatment(d.name, "-") for d in held])
            reason = mark_problem(facts.diagnosis)
            parts.append(
                pen.pick(
                    f"home {names} held in the setting of {reason}",
                    f"held {names} given {reason}",
                    f"stopped {names} iso {reason}",
                )
            )
        shared = [d.name for d in facts.discharge_drugs if d.name in disease.drugs]
        if not parts and shared:
            parts.append(f"stable on {listing([mark_treatment(name) for name in shared])}")
        if not parts:
            parts.append(
                pen.pick(
                    "stable, not on treatment",
                    "no acute issues this admission",
                    "stable, outpatient follow up",
                    "not active during this stay",
                )
            )
        lines.append(f"{heading}: {sentences(parts)}")
    return lines


def _successor(pen: Pen, old: Medication) -> str | None:
    """The drug of the same class that the stay put in the place of a stopped one."""
    return next(
        (d.name for d in pen.facts.discharge_drugs if drug_class(d.name) == drug_class(old.name)),
        None,
    )


def _transitional(pen: Pen, about: Passages) -> list[str]:
    facts = pen.facts
    lines = []
    repeat = next(
        (_REPEATS[x.name] for x in facts.last_labs if x.abnormal and x.name in _REPEATS), "BMP"
    )
    test = mark_test(repeat, ">")
    lines.append(
        pen.pick(
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
    warning = pen.symptom(facts.admission.warnings[0], ">")
    lines.append(
        pen.pick(
            f"consider early readmission for {warning}",
            f"low threshold to re-evaluate for {warning}",
            f"should be seen urgently for {warning}",
            f"monitor for {warning}",
        )
    )
    changed = [mark_treatment(d.name) for d in facts.discharge_drugs if d.status == "changed"]
    if changed:
        lines.append(f"dose change: {listing(changed)}")
    lines += handover(pen)
    return [*(stretch("sentence", "", capital(line)) for line in lines), *about.pending]
