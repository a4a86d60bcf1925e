"""Write a discharge summary from facts, as markup.

Every function returns markup (see `markup`); fixed text names no problem, treatment or test outside
a mention. Templates are drawn from the note's own stream: a new one changes no fact.

Conventions, after i2b2 2010: a mention is the noun phrase with its modifiers; dose, route,
frequency and values stay outside; an allergen is a treatment and its reaction a conditional
problem; a stopped drug is an absent treatment; generic words (labs, vitals, imaging) and section
titles are not mentions.
"""

from synthetic_notes.course import hospital_course
from synthetic_notes.dementia.sentences import SectionSentences, draw_section_sentences, lives_in
from synthetic_notes.discharge import condition, diagnoses, followup, instructions
from synthetic_notes.exam import examination, imaging, results, vital_signs
from synthetic_notes.facts import Facts
from synthetic_notes.holdout import HoldoutRandom
from synthetic_notes.imaging import MODALITIES
from synthetic_notes.letterhead import history_source, residence, summary_foot, summary_head
from synthetic_notes.lexicon import LABS, same_symptom
from synthetic_notes.markup import (
    bulleted,
    capital,
    listing,
    mark_problem,
    mark_test,
    mark_treatment,
    numbered,
    premise,
    sentence,
    sentences,
)
from synthetic_notes.medications import Medication
from synthetic_notes.note_context import NoteContext

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
_ROS_TEMPLATES = (
    "ROS otherwise negative for {}",
    "no recent {}",
    "a 10 point ROS was negative, including for {}",
    "also denies {}",
    "review of systems negative for {}",
)


def discharge_summary(facts: Facts, rng: HoldoutRandom) -> str:
    """The whole summary as markup, sections separated by one empty line."""
    note = NoteContext(facts, rng)
    by_section = draw_section_sentences(note)
    sections = [
        summary_head(note, _allergy(note)),
        f"Chief Complaint:\n{_chief_complaint(note)}",
        f"Major Surgical or Invasive Procedure:\n{_procedures(note)}",
        f"History of Present Illness:\n{_history(note, by_section)}",
        f"Past Medical History:\n{_past_history(note)}",
        f"Medications on Admission:\n{_medications(note, facts.home_drugs)}",
        f"Family History:\n{_family(note)}",
        f"Social History:\n{_social(note, by_section)}",
        f"Physical Exam:\n{examination(note, by_section)}",
        f"Pertinent Results:\n{results(note)}",
        f"Imaging:\n{imaging(note)}",
        f"Brief Hospital Course:\n{hospital_course(note, by_section)}",
        f"Discharge Medications:\n{_medications(note, facts.discharge_drugs, discharge=True)}",
        premise("disposition", f"Discharge Disposition:\n{facts.disposition}"),
        f"Discharge Diagnosis:\n{diagnoses(note)}",
        f"Discharge Condition:\n{condition(note)}",
        f"Discharge Instructions:\n{instructions(note, by_section)}",
        f"Followup Instructions:\n{followup(note)}",
        summary_foot(note),
    ]
    return "\n\n".join(sections) + "\n"


def _allergy(note: NoteContext) -> str:
    allergy = note.facts.allergy
    if allergy is None:
        return note.pick("NKDA", "No Known Drug Allergies", "No known allergies to medications")
    drug = capital(mark_treatment(allergy.allergen))
    if allergy.reaction is None:
        return note.pick(f"{drug} (reaction unknown)", drug, f"{drug}, unknown reaction")
    reaction = mark_problem(allergy.reaction, "&")
    return note.pick(
        f"{drug} ({reaction})",
        f"{drug} - {reaction}",
        f"{drug} (develops {reaction} on exposure)",
        f"{drug}, causes {reaction}",
    )


def _chief_complaint(note: NoteContext) -> str:
    return capital(
        ", ".join(note.symptom(s) for s in note.facts.symptoms[: note.rng.choice((1, 2))])
    )


def _procedures(note: NoteContext) -> str:
    done = [capital(note.facts.fill(p)) for p in note.facts.admission.procedures]
    return "\n".join(done) or note.pick("no procedures this admission", "not applicable", "n/a")


def _history(note: NoteContext, by_section: SectionSentences) -> str:
    facts = note.facts
    opening = note.said["opening"] = _opening(note)
    parts = [
        premise("opening", sentence(opening)),
        premise("onset", sentence(_onset(note))),
        *history_source(note),
    ]
    if facts.negatives:
        denied = [note.symptom(s, "-") for s in facts.negatives[:3]]
        parts.append(premise("denial", sentence(note.denial(denied))))
    taken = (*facts.symptoms, *facts.negatives)
    habits = [
        (clause, phrase)
        for key, clause, phrase, first_age in _CONDITIONAL_HABITS
        if facts.age >= first_age and not same_symptom(key, taken)
    ]
    if habits and note.rng.random() < 0.75:
        clause, phrase = note.rng.template(habits)
        clause = clause.replace("{p}", phrase)
        parts.append(
            note.pick(
                f"at baseline gets {clause}",
                f"reports {clause} for the past few months",
                f"{note.patient} gets {clause} at baseline",
                f"notes {clause}, unchanged from baseline",
            )
        )
    review = [mark_problem(s, "-") for s in facts.review_negatives]
    parts.append(note.pick(*_ROS_TEMPLATES).format(listing(review, "or")))
    paragraphs = [sentences(parts), sentences(by_section.history), sentences(_emergency(note))]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _opening(note: NoteContext) -> str:
    facts = note.facts
    history = note.history_list(3)
    age, an_age = note.age, note.an_age
    long_sex = "male" if facts.sex == "M" else "female"
    symptoms = listing([note.symptom(s) for s in facts.symptoms])
    having = note.pick("w/ h/o", "with a history of", "with PMH of", "with PMHx notable for")
    past = f" {having} {history}" if history else " with no significant past medical history"
    arrival = note.pick("who presents with", "presenting w/", "who p/w", "admitted with", "c/o")
    return note.pick(
        f"{note.name} is {an_age} year old {note.noun}{past} {arrival} {symptoms}",
        f"{age}{facts.sex}{past} {arrival} {symptoms}",
        f"pt is {an_age} y/o {long_sex}{past} {arrival} {symptoms}",
        f"this is {an_age} yo {facts.sex}{past} {arrival} {symptoms}",
        f"{age} year old {note.noun}{past}, {arrival} {symptoms}",
        f"{an_age}-year-old {long_sex}{past} {arrival} {symptoms}",
    )


def _onset(note: NoteContext) -> str:
    facts = note.facts
    lead = note.symptom(facts.symptoms[0])
    context = "" if facts.trigger is None else f" in the setting of {facts.trigger}"
    after = "" if facts.trigger is None else f", following {facts.trigger}"
    if facts.admission.sudden:
        return note.pick(
            f"symptoms began abruptly {facts.onset} prior to admission{context}",
            f"was in {note.his} usual state of health until {facts.onset} ago{context}",
            f"{lead} occurred {facts.onset} PTA{after}",
            f"per pt, sudden onset {facts.onset} ago{context}",
        )
    return note.pick(
        f"symptoms began {facts.onset} prior to admission{context}",
        f"was in {note.his} usual state of health until {facts.onset} ago{context}",
        f"{lead} started {facts.onset} PTA{after} and gradually worsened",
        f"over the past {facts.onset.removeprefix('1 ')} {note.he} noted more {lead}{context}",
        f"reports {facts.onset} of worsening {lead}{context}",
        f"per pt, onset was {facts.onset} ago{context}",
    )


def _emergency(note: NoteContext) -> list[str]:
    facts = note.facts
    abnormal = facts.notable_labs()[:4]
    vitals = note.pick(
        f"in the ED, initial vitals were {vital_signs(note, facts.arrival_vitals)}",
        f"ED vitals: {vital_signs(note, facts.arrival_vitals)}",
        f"on arrival to the ED: {vital_signs(note, facts.arrival_vitals)}",
        f"VS in the ED were {vital_signs(note, facts.arrival_vitals)}",
    )
    parts = [premise("vitals", sentence(vitals))]
    if abnormal:
        values = listing(
            [f"{mark_test(note.rng.wording(LABS[x.name][0]))} {note.result(x)}" for x in abnormal]
        )
        labs = note.pick(
            f"labs were notable for {values}",
            f"labs significant for {values}",
            f"initial studies showed {values}",
            f"labs: {values}",
        )
        parts.append(premise("labs", sentence(labs)))
    if facts.imaging:
        study = facts.imaging[0]
        name = mark_test(note.rng.wording(MODALITIES[study.modality].names))
        parts.append(
            note.pick(
                f"{name} showed {study.impressions[0]}",
                f"{name} with {study.impressions[0]}",
                f"{name} was read as {study.impressions[0]}",
                f"{name} demonstrated {study.impressions[0]}",
            )
        )
    parts.append(
        note.pick(
            "admitted to the floor for further management",
            f"{note.he} was admitted to {facts.admission.stay.service} for further care",
            "on arrival to the floor, pt was resting comfortably",
            f"on the floor, {note.he} felt slightly better",
        )
    )
    return parts


def _past_history(note: NoteContext) -> str:
    lines = [capital(disease) for disease in note.wordings(note.facts.comorbidities)]
    for surgery in note.facts.surgeries:
        name, years = mark_treatment(surgery.name), surgery.years_ago
        since = "last year" if years == 1 else f"{years} years ago"
        lines.append(note.pick(f"s/p {name}", f"s/p {name} {since}", capital(f"{name} ({since})")))
    if not lines:
        return note.pick(
            "No significant past medical history.", "Noncontributory.", "Otherwise healthy."
        )
    return numbered(lines) if note.rng.random() < 0.5 else bulleted(lines)


def _medications(note: NoteContext, drugs: tuple[Medication, ...], discharge: bool = False) -> str:
    if not drugs:
        return note.pick("No regular medications.", "Takes no medications at home.")
    lines = []
    for i, drug in enumerate(drugs, 1):
        line = f"{i}. {capital(mark_treatment(drug.name))} {drug.order}"
        lines.append(premise(f"drug {drug.name}", line) if discharge else line)
    return "\n".join(lines)


def _family(note: NoteContext) -> str:
    parts = []
    for relative in note.facts.family:
        disease = mark_problem(relative.disease, "~")
        told = note.pick(
            f"{relative.who} with {disease}",
            f"{relative.who} had {disease}",
            f"{disease} in {note.his} {relative.who}",
            f"{relative.who}: {disease}",
        )
        if relative.age and note.rng.random() < 0.4:
            told += f", diagnosed at age {relative.age}"
        parts.append(told)
    disease = note.pick(
        "sudden cardiac death",
        "premature coronary disease",
        "bleeding disorders",
        "clotting disorders",
    )
    absent = mark_problem(disease, "-")
    if not parts or note.rng.random() < 0.4:
        parts.append(note.pick(f"no family history of {absent}", f"no FH of {absent}"))
    return sentences(parts)


def _social(note: NoteContext, by_section: SectionSentences) -> str:
    facts = note.facts
    home = note.pick(
        "lives alone", "lives with family", "lives with spouse", "lives with a roommate"
    )
    work = (
        "retired"
        if facts.age >= 67
        else note.pick("works full time", "works part time", "currently not working")
    )
    pack = note.rng.randint(10, 50)
    lung = facts.admission.code == "J44.1" or facts.has("J44.9")
    smoke = note.pick(
        f"former smoker, {pack} pack years",
        f"{pack} pack year history, quit" if not lung else f"{pack} pack years, still smokes",
        *(() if lung else ("never smoker", "no tobacco")),
    )
    drink = (
        note.pick("drinks several beers daily", "drinks a pint of vodka daily")
        if facts.admission.code == "K70.31"
        else note.pick(
            "rare alcohol", "no alcohol", "drinks socially", "1-2 glasses of wine a week"
        )
    )
    if facts.dementia is not None:
        home = facts.dementia.home
    if note.rng.random() < 0.3:
        home = f"{residence(note)}, {home}"
    parts = [lives_in(note, f"{home}, {work}"), smoke, f"{drink}, no illicits", *by_section.social]
    return sentences(parts)
