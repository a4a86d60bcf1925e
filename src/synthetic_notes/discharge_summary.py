"""Write a discharge summary from facts, as markup.

Every function returns markup (see `markup`); fixed text names no problem, treatment or test outside
a mention. The choice of a frame comes from the pen's own stream: new frames do not change facts.

Conventions, after i2b2 2010: a mention is the noun phrase with its modifiers; dose, route,
frequency and values stay outside; an allergen is a treatment and its reaction a conditional
problem; a stopped drug is an absent treatment; generic words (labs, vitals, imaging) and section
titles are not mentions.
"""

from __future__ import annotations

from synthetic_notes.course import hospital_course
from synthetic_notes.dementia.sentences import Passages, lives_in, passages
from synthetic_notes.discharge import condition, diagnoses, followup, instructions
from synthetic_notes.exam import examination, imaging, results, vital_signs
from synthetic_notes.facts import Facts
from synthetic_notes.holdout import Draw
from synthetic_notes.imaging import MODALITIES
from synthetic_notes.letterhead import (
    arrival,
    residence,
    summary_foot,
    summary_head,
)
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
)
from synthetic_notes.medications import Medication
from synthetic_notes.note_context import Pen

# (symptom key, clause, its mention, earliest age): problems that appear under a condition only
_CONDITIONAL_HABITS = (
    ("exertional dyspnea", "{p} only when climbing stairs", "[dyspnea|p&]", 45),
    ("exertional dyspnea", "{p} with walking uphill", "[shortness of breath|p&]", 45),
    ("lightheadedness", "{p} when standing quickly", "[lightheadedness|p&]", 18),
    ("leg pain", "{p} after walking two blocks", "[calf cramping|p&]", 58),
    ("fatigue", "{p} when skipping meals", "[weakness|p&]", 18),
    ("cough", "{p} when lying flat after dinner", "[cough|p&]", 18),
    ("numbness", "{p} of the hands with cold exposure", "[numbness|p&]", 18),
)
_ROS_FRAMES = (
    "ROS otherwise negative for {}",
    "no recent {}",
    "a 10 point ROS was negative, including for {}",
    "also denies {}",
    "review of systems negative for {}",
)


def discharge_summary(facts: Facts, rng: Draw) -> str:
    """The whole summary as markup, sections separated by one empty line."""
    pen = Pen(facts, rng)
    about = passages(pen)
    sections = [
        summary_head(pen, _allergy(pen)),
        f"Chief Complaint:\n{_chief_complaint(pen)}",
        f"Major Surgical or Invasive Procedure:\n{_procedures(pen)}",
        f"History of Present Illness:\n{_history(pen, about)}",
        f"Past Medical History:\n{_past_history(pen)}",
        f"Medications on Admission:\n{_medications(pen, facts.home_drugs)}",
        f"Family History:\n{_family(pen)}",
        f"Social History:\n{_social(pen, about)}",
        f"Physical Exam:\n{examination(pen, about)}",
        f"Pertinent Results:\n{results(pen)}",
        f"Imaging:\n{imaging(pen)}",
        f"Brief Hospital Course:\n{hospital_course(pen, about)}",
        f"Discharge Medications:\n{_medications(pen, facts.discharge_drugs, discharge=True)}",
        premise("disposition", f"Discharge Disposition:\n{facts.disposition}"),
        f"Discharge Diagnosis:\n{diagnoses(pen)}",
        f"Discharge Condition:\n{condition(pen)}",
        f"Discharge Instructions:\n{instructions(pen, about)}",
        f"Followup Instructions:\n{followup(pen)}",
        summary_foot(pen),
    ]
    return "\n\n".join(sections) + "\n"


def _allergy(pen: Pen) -> str:
    allergy = pen.facts.allergy
    if allergy is None:
        return pen.pick("NKDA", "No Known Drug Allergies", "No known allergies to medications")
    drug = capital(mark_treatment(allergy.allergen))
    if allergy.reaction is None:
        return pen.pick(f"{drug} (reaction unknown)", drug, f"{drug}, unknown reaction")
    reaction = mark_problem(allergy.reaction, "&")
    return pen.pick(
        f"{drug} ({reaction})",
        f"{drug} - {reaction}",
        f"{drug} (develops {reaction} on exposure)",
        f"{drug}, causes {reaction}",
    )


def _chief_complaint(pen: Pen) -> str:
    return capital(", ".join(pen.symptom(s) for s in pen.facts.symptoms[: pen.rng.choice((1, 2))]))


def _procedures(pen: Pen) -> str:
    done = [capital(pen.facts.fill(p)) for p in pen.facts.admission.procedures]
    return "\n".join(done) or pen.pick("no procedures this admission", "not applicable", "n/a")


def _history(pen: Pen, about: Passages) -> str:
    facts = pen.facts
    opening = pen.said["opening"] = _opening(pen)
    parts = [
        premise("opening", sentence(opening)),
        premise("onset", sentence(_onset(pen))),
        *arrival(pen),
    ]
    if facts.negatives:
        denied = [pen.symptom(s, "-") for s in facts.negatives[:3]]
        parts.append(premise("denial", sentence(pen.denial(denied))))
    taken = (*facts.symptoms, *facts.negatives)
    habits = [
        (clause, phrase)
        for key, clause, phrase, first_age in _CONDITIONAL_HABITS
        if facts.age >= first_age and not pen.related(key, taken)
    ]
    if habits and pen.rng.random() < 0.75:
        clause, phrase = pen.rng.frame(habits)
        clause = clause.replace("{p}", phrase)
        parts.append(
            pen.pick(
                f"at baseline gets {clause}",
                f"reports {clause} for the past few months",
                f"{pen.patient} gets {clause} at baseline",
                f"notes {clause}, unchanged from baseline",
            )
        )
    review = [mark_problem(s, "-") for s in facts.review_negatives]
    parts.append(pen.pick(*_ROS_FRAMES).format(listing(review, "or")))
    paragraphs = [sentences(parts), sentences(about.history), sentences(_emergency(pen))]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _opening(pen: Pen) -> str:
    facts = pen.facts
    history = pen.history_list(3)
    age, an_age = pen.age, pen.an_age
    noun = "man" if facts.sex == "M" else "woman"
    long_sex = "male" if facts.sex == "M" else "female"
    symptoms = listing([pen.symptom(s) for s in facts.symptoms])
    having = pen.pick("w/ h/o", "with a history of", "with PMH of", "with PMHx notable for")
    past = f" {having} {history}" if history else " with no significant past medical history"
    arrival = pen.pick("who presents with", "presenting w/", "who p/w", "admitted with", "c/o")
    return pen.pick(
        f"{pen.name} is {an_age} year old {noun}{past} {arrival} {symptoms}",
        f"{age}{facts.sex}{past} {arrival} {symptoms}",
        f"pt is {an_age} y/o {long_sex}{past} {arrival} {symptoms}",
        f"this is {an_age} yo {facts.sex}{past} {arrival} {symptoms}",
        f"{age} year old {noun}{past}, {arrival} {symptoms}",
        f"{an_age}-year-old {long_sex}{past} {arrival} {symptoms}",
    )


def _onset(pen: Pen) -> str:
    facts = pen.facts
    lead = pen.symptom(facts.symptoms[0])
    context = "" if facts.context is None else f" in the setting of {facts.context}"
    after = "" if facts.context is None else f", following {facts.context}"
    if facts.admission.sudden:
        return pen.pick(
            f"symptoms began abruptly {facts.onset} prior to admission{context}",
            f"was in {pen.his} usual state of health until {facts.onset} ago{context}",
            f"{lead} occurred {facts.onset} PTA{after}",
            f"per pt, sudden onset {facts.onset} ago{context}",
        )
    return pen.pick(
        f"symptoms began {facts.onset} prior to admission{context}",
        f"was in {pen.his} usual state of health until {facts.onset} ago{context}",
        f"{lead} started {facts.onset} PTA{after} and gradually worsened",
        f"over the past {facts.onset.removeprefix('1 ')} {pen.he} noted more {lead}{context}",
        f"reports {facts.onset} of worsening {lead}{context}",
        f"per pt, onset was {facts.onset} ago{context}",
    )


def _emergency(pen: Pen) -> list[str]:
    facts = pen.facts
    abnormal = facts.telling_labs()[:4]
    vitals = pen.pick(
        f"in the ED, initial vitals were {vital_signs(pen, facts.arrival)}",
        f"ED vitals: {vital_signs(pen, facts.arrival)}",
        f"on arrival to the ED: {vital_signs(pen, facts.arrival)}",
        f"VS in the ED were {vital_signs(pen, facts.arrival)}",
    )
    parts = [premise("vitals", sentence(vitals))]
    if abnormal:
        values = listing(
            [f"{mark_test(pen.rng.wording(LABS[x.name][0]))} {pen.result(x)}" for x in abnormal]
        )
        labs = pen.pick(
            f"labs were notable for {values}",
            f"labs significant for {values}",
            f"initial studies showed {values}",
            f"labs: {values}",
        )
        parts.append(premise("labs", sentence(labs)))
    if facts.imaging:
        study = facts.imaging[0]
        name = mark_test(pen.rng.wording(MODALITIES[study.modality].names))
        parts.append(
            pen.pick(
                f"{name} showed {study.impressions[0]}",
                f"{name} with {study.impressions[0]}",
                f"{name} was read as {study.impressions[0]}",
                f"{name} demonstrated {study.impressions[0]}",
            )
        )
    parts.append(
        pen.pick(
            "admitted to the floor for further management",
            f"{pen.he} was admitted to {facts.admission.service} for further care",
            "on arrival to the floor, pt was resting comfortably",
            f"on the floor, {pen.he} felt slightly better",
        )
    )
    return parts


def _past_history(pen: Pen) -> str:
    facts = pen.facts
    lines = [capital(mark_problem(pen.rng.wording(d.names))) for d in facts.comorbidities]
    for surgery in facts.surgeries:
        name, years = mark_treatment(surgery.name), surgery.years_ago
        since = "last year" if years == 1 else f"{years} years ago"
        lines.append(pen.pick(f"s/p {name}", f"s/p {name} {since}", capital(f"{name} ({since})")))
    if not lines:
        return pen.pick(
            "No significant past medical history.", "Noncontributory.", "Otherwise healthy."
        )
    if pen.rng.random() < 0.5:
        return "\n".join(f"{i}. {line}" for i, line in enumerate(lines, 1))
    return "\n".join(f"- {line}" for line in lines)


def _medications(pen: Pen, drugs: tuple[Medication, ...], discharge: bool = False) -> str:
    if not drugs:
        return pen.pick("No regular medications.", "Takes no medications at home.")
    lines = []
    for i, drug in enumerate(drugs, 1):
        line = f"{i}. {capital(mark_treatment(drug.name))} {drug.order}"
        lines.append(premise(f"drug {drug.name}", line) if discharge else line)
    return "\n".join(lines)


def _family(pen: Pen) -> str:
    parts = []
    for relative in pen.facts.family:
        disease = mark_problem(relative.disease, "~")
        parts.append(
            pen.pick(
                f"{relative.who} with {disease}",
                f"{relative.who} had {disease}",
                f"{disease} in {pen.his} {relative.who}",
                f"{relative.who}: {disease}",
            )
            + (
                f", diagnosed at age {relative.age}"
                if relative.age and pen.rng.random() < 0.4
                else ""
            )
        )
    absent = mark_problem(
        pen.pick(
            "sudden cardiac death",
            "premature coronary disease",
            "bleeding disorders",
            "clotting disorders",
        ),
        "-",
    )
    if not parts or pen.rng.random() < 0.4:
        parts.append(pen.pick(f"no family history of {absent}", f"no FH of {absent}"))
    return sentences(parts)


def _social(pen: Pen, about: Passages) -> str:
    facts = pen.facts
    old = facts.age >= 67
    home = pen.pick(
        "lives alone", "lives with family", "lives with spouse", "lives with a roommate"
    )
    work = (
        "retired"
        if old
        else pen.pick("works full time", "works part time", "currently not working")
    )
    pack = pen.rng.randint(10, 50)
    lung = facts.admission.code == "J44.1" or facts.has("J44.9")
    smoke = pen.pick(
        f"former smoker, {pack} pack years",
        f"{pack} pack year history, quit" if not lung else f"{pack} pack years, still smokes",
        *(() if lung else ("never smoker", "no tobacco")),
    )
    drink = (
        pen.pick("drinks several beers daily", "drinks a pint of vodka daily")
        if facts.admission.code == "K70.31"
        else pen.pick("rare alcohol", "no alcohol", "drinks socially", "1-2 glasses of wine a week")
    )
    if facts.dementia is not None:
        home = facts.dementia.home
    if pen.rng.random() < 0.3:
        home = f"{residence(pen)}, {home}"
    parts = [lives_in(pen, f"{home}, {work}"), smoke, f"{drink}, no illicits", *about.social]
    return sentences(parts)
