"""Write what identifies people and places: letterheads, signatures and mentions in running text.

All of it is markup, with protected health information marked as such (see `phi`).
"""

from datetime import timedelta

from synthetic_notes.facts import Imaging
from synthetic_notes.markup import premise
from synthetic_notes.note_context import NoteContext
from synthetic_notes.phi import mark_phi


def summary_head(note: NoteContext, allergies: str) -> str:
    """The lines above the first section of a discharge summary."""
    facts, who = note.facts, note.facts.identity
    patient = note.pick(who.patient.listed, who.patient.full)
    record = mark_phi("ID", who.record)
    admitted, discharged = note.date(facts.admitted), note.date(facts.discharged)
    lines = [
        note.pick(f"Name: {patient} Unit No: {record}", f"Patient: {patient}\nMRN: {record}"),
        note.pick(
            f"Admission Date: {admitted}\nDischarge Date: {discharged}",
            f"Date of Admission: {admitted} Date of Discharge: {discharged}",
            f"Admitted: {admitted}, Discharged: {discharged}",
        ),
        f"Date of Birth: {note.date(who.born)}. Sex: {facts.sex}",
        *_residence(note),
        f"Service: {facts.admission.stay.service.upper()}",
        premise("allergy", f"Allergies: {allergies}"),
        note.pick(f"Attending: {who.attending.full}, MD", f"Attending: Dr. {who.attending.full}"),
    ]
    return "\n".join([*_institution(note), *lines])


def _institution(note: NoteContext) -> list[str]:
    who = note.facts.identity
    hospital, phone = mark_phi("LOCATION", who.hospital), note.phone(who.numbers[0])
    town = mark_phi("ADDRESS", f"{who.town}, {who.state} {who.code}")
    draw = note.rng.random()
    if draw < 0.4:
        return []
    if draw < 0.7:
        return [hospital, f"{town} - Tel. {phone}"]
    return [f"{hospital}, Department of {note.facts.admission.stay.service}", f"Phone: {phone}"]


def _residence(note: NoteContext) -> list[str]:
    who = note.facts.identity
    lines = [
        f"Address: {who.address}",
        f"Account: {mark_phi('ID', who.account)}",
        f"Emergency contact: {who.contact.full} ({who.relation}), {note.phone(who.numbers[2])}",
    ]
    return [line for line in lines if note.rng.random() < 0.3]


def summary_foot(note: NoteContext) -> str:
    """Who wrote and who receives a discharge summary."""
    facts, who = note.facts, note.facts.identity
    day = note.date(facts.discharged)
    later = note.date(facts.discharged + timedelta(days=note.rng.randint(1, 3)))
    copy = note.pick(
        f"cc: Dr. {who.family_doctor.full}, PCP",
        f"PCP: {who.family_doctor.listed}, {note.phone(who.numbers[1])}",
        f"CC: {who.family_doctor.full}, MD (fax {note.phone(who.numbers[1])})",
    )
    signature = note.pick(
        f"Dictated by: {who.author.full}, MD\nDictated {day}, transcribed {later}",
        f"Electronically signed by {who.author.full}, MD on {day} at {clock(note)}",
        f"{who.author.full}, MD\nPager {note.phone(who.numbers[3])}",
        f"Discharging physician: {who.author.full}, MD, {day}",
        f"Completed by: {who.author.full}, PGY-2, reviewed by {who.attending.last} on {later}",
        f"Signed: Dr. {who.author.last}, {day}, {clock(note)}",
    )
    return "\n".join((signature, copy) if note.rng.random() < 0.6 else (signature,))


def report_head(note: NoteContext, study: Imaging) -> str:
    """The lines above a radiology report."""
    who = note.facts.identity
    patient, record, day = who.patient.listed, mark_phi("ID", who.record), note.date(study.day)
    accession = mark_phi("ID", f"{note.rng.randint(10**7, 10**8 - 1)}")
    return note.pick(
        f"Patient: {patient} MRN: {record}\nExam date: {day}",
        f"{mark_phi('LOCATION', who.hospital)}\nName: {patient}\nDOB: {note.date(who.born)}\n"
        f"Date of exam: {day} Accession: {accession}",
        f"{patient} ({record})\n{day}, Accession No. {accession}",
        f"Exam performed {day}\nOrdering physician: Dr. {who.attending.full}\nPatient: {patient}",
    )


def report_foot(note: NoteContext, study: Imaging) -> str:
    """Who read an examination, and who was told."""
    who = note.facts.identity
    day = note.date(study.day)
    told = [
        note.pick(
            f"NOTIFICATION: The findings were discussed with Dr. {who.attending.last} by telephone "
            f"on {day} at {clock(note)}.",
            f"NOTIFICATION: Communicated to Dr. {who.author.full} at {clock(note)} on {day}.",
            f"Results were called to {who.author.full}, MD at {note.phone(who.numbers[3])}.",
        )
    ]
    signature = note.pick(
        f"Read by: {who.radiologist.full}, MD",
        f"Electronically signed by: {who.radiologist.full}, MD {day}",
        f"Dictated by Dr. {who.radiologist.last} on {day} at {clock(note)}",
        f"Radiologist: {who.radiologist.listed}",
    )
    return "\n".join([*(told if note.rng.random() < 0.35 else ()), signature])


def clock(note: NoteContext) -> str:
    """A time of day, which identifies nobody."""
    hour, minute = note.rng.randint(1, 12), note.rng.randint(0, 59)
    return f"{hour}:{minute:02} {note.rng.choice(('AM', 'PM'))}"


def history_source(note: NoteContext) -> list[str]:
    """Where the patient came from and who told the story; often nothing."""
    who = note.facts.identity
    if note.rng.random() > 0.4:
        return []
    contact, phone = who.contact, note.phone(who.numbers[2])
    other = mark_phi("LOCATION", who.transferred_from)
    day = note.short_date(note.facts.admitted)
    return [
        note.pick(
            f"transferred from {other} on {day}",
            f"history obtained in part from {note.his} {who.relation} {contact.full} ({phone})",
            f"{note.his} {who.relation}, {contact.full}, drove {note.him} in on {day}",
            f"was seen by PCP Dr. {who.family_doctor.last} the day before",
            f"called the office of Dr. {who.family_doctor.full} and was told to come to "
            f"{mark_phi('LOCATION', who.hospital)}",
            f"outside records from {other} were requested on {day}",
        )
    ]


def residence(note: NoteContext) -> str:
    """A clause on where the patient lives."""
    who = note.facts.identity
    town = mark_phi("ADDRESS", who.town)
    return note.pick(
        f"lives in {town}",
        f"lives near {town}, {who.relation} {who.contact.full} is involved",
        f"originally from {town}",
    )


def handover(note: NoteContext) -> list[str]:
    """Lines on who was informed at the end of a stay; often none."""
    facts, who = note.facts, note.facts.identity
    if note.rng.random() > 0.5:
        return []
    day, clinic = note.short_date(facts.discharged), facts.admission.stay.clinics[0]
    return [
        note.pick(
            f"Dr. {who.family_doctor.last} was updated by phone on {day}",
            f"{who.relation} {who.contact.full} ({note.phone(who.numbers[2])}) aware of the plan",
            f"contact: {who.relation} {who.contact.full}, {note.phone(who.numbers[2])}",
            f"discussed with Dr. {who.specialist.full} ({clinic}) on {day}",
            f"{note.name} was given the number of the ward, {note.phone(who.numbers[0])}",
            f"{who.contact.full} will drive {note.him} home on {day}",
        )
    ]


def contact_advice(note: NoteContext) -> str:
    """A sentence for the patient on whom to call."""
    who = note.facts.identity
    return note.pick(
        f"if you have questions, call {note.phone(who.numbers[0])}",
        f"your doctors were Dr. {who.attending.last} and Dr. {who.author.last}",
        f"it was a pleasure to care for you at {mark_phi('LOCATION', who.hospital)}",
        f"Dr. {who.family_doctor.last} can be reached at {note.phone(who.numbers[1])}",
    )
