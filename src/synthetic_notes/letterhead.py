"""Write what identifies people and places: letterheads, signatures and mentions in running text.

All of it is markup, with protected health information marked as such (see `phi`).
"""

from __future__ import annotations

from datetime import timedelta

from synthetic_notes.facts import Imaging
from synthetic_notes.markup import premise
from synthetic_notes.note_context import Pen
from synthetic_notes.phi import mark_phi


def summary_head(pen: Pen, allergies: str) -> str:
    """The lines above the first section of a discharge summary."""
    facts, who = pen.facts, pen.facts.identity
    patient = pen.pick(who.patient.listed, who.patient.full)
    record = mark_phi("ID", who.record)
    admitted, discharged = pen.date(facts.admitted), pen.date(facts.discharged)
    lines = [
        pen.pick(f"Name: {patient} Unit No: {record}", f"Patient: {patient}\nMRN: {record}"),
        pen.pick(
            f"Admission Date: {admitted}\nDischarge Date: {discharged}",
            f"Date of Admission: {admitted} Date of Discharge: {discharged}",
            f"Admitted: {admitted}, Discharged: {discharged}",
        ),
        f"Date of Birth: {pen.date(who.born)}. Sex: {facts.sex}",
        *_residence(pen),
        f"Service: {facts.admission.service.upper()}",
        premise("allergy", f"Allergies: {allergies}"),
        pen.pick(f"Attending: {who.attending.full}, MD", f"Attending: Dr. {who.attending.full}"),
    ]
    return "\n".join([*_institution(pen), *lines])


def _institution(pen: Pen) -> list[str]:
    who = pen.facts.identity
    hospital, phone = mark_phi("LOCATION", who.hospital), pen.phone(who.numbers[0])
    town = mark_phi("ADDRESS", f"{who.town}, {who.state} {who.code}")
    draw = pen.rng.random()
    if draw < 0.4:
        return []
    if draw < 0.7:
        return [hospital, f"{town} - Tel. {phone}"]
    return [f"{hospital}, Department of {pen.facts.admission.service}", f"Phone: {phone}"]


def _residence(pen: Pen) -> list[str]:
    who = pen.facts.identity
    lines = [
        f"Address: {who.address}",
        f"Account: {mark_phi('ID', who.account)}",
        f"Emergency contact: {who.contact.full} ({who.relation}), {pen.phone(who.numbers[2])}",
    ]
    return [line for line in lines if pen.rng.random() < 0.3]


def summary_foot(pen: Pen) -> str:
    """Who wrote and who receives a discharge summary."""
    facts, who = pen.facts, pen.facts.identity
    day = pen.date(facts.discharged)
    later = pen.date(facts.discharged + timedelta(days=pen.rng.randint(1, 3)))
    copy = pen.pick(
        f"cc: Dr. {who.family_doctor.full}, PCP",
        f"PCP: {who.family_doctor.listed}, {pen.phone(who.numbers[1])}",
        f"CC: {who.family_doctor.full}, MD (fax {pen.phone(who.numbers[1])})",
    )
    signature = pen.pick(
        f"Dictated by: {who.author.full}, MD\nDictated {day}, transcribed {later}",
        f"Electronically signed by {who.author.full}, MD on {day} at {clock(pen)}",
        f"{who.author.full}, MD\nPager {pen.phone(who.numbers[3])}",
        f"Discharging physician: {who.author.full}, MD, {day}",
        f"Completed by: {who.author.full}, PGY-2, reviewed by {who.attending.last} on {later}",
        f"Signed: Dr. {who.author.last}, {day}, {clock(pen)}",
    )
    return "\n".join((signature, copy) if pen.rng.random() < 0.6 else (signature,))


def report_head(pen: Pen, study: Imaging) -> str:
    """The lines above a radiology report."""
    who = pen.facts.identity
    patient, record, day = who.patient.listed, mark_phi("ID", who.record), pen.date(study.day)
    accession = mark_phi("ID", f"{pen.rng.randint(10**7, 10**8 - 1)}")
    return pen.pick(
        f"Patient: {patient} MRN: {record}\nExam date: {day}",
        f"{mark_phi('LOCATION', who.hospital)}\nName: {patient}\nDOB: {pen.date(who.born)}\n"
        f"Date of exam: {day} Accession: {accession}",
        f"{patient} ({record})\n{day}, Accession No. {accession}",
        f"Exam performed {day}\nOrdering physician: Dr. {who.attending.full}\nPatient: {patient}",
    )


def report_foot(pen: Pen, study: Imaging) -> str:
    """Who read an examination, and who was told."""
    who = pen.facts.identity
    day = pen.date(study.day)
    told = [
        pen.pick(
            f"NOTIFICATION: The findings were discussed with Dr. {who.attending.last} by telephone "
            f"on {day} at {clock(pen)}.",
            f"NOTIFICATION: Communicated to Dr. {who.author.full} at {clock(pen)} on {day}.",
            f"Results were called to {who.author.full}, MD at {pen.phone(who.numbers[3])}.",
        )
    ]
    signature = pen.pick(
        f"Read by: {who.radiologist.full}, MD",
        f"Electronically signed by: {who.radiologist.full}, MD {day}",
        f"Dictated by Dr. {who.radiologist.last} on {day} at {clock(pen)}",
        f"Radiologist: {who.radiologist.listed}",
    )
    return "\n".join([*(told if pen.rng.random() < 0.35 else ()), signature])


def clock(pen: Pen) -> str:
    """A time of day, which identifies nobody."""
    hour, minute = pen.rng.randint(1, 12), pen.rng.randint(0, 59)
    return f"{hour}:{minute:02} {pen.rng.choice(('AM', 'PM'))}"


def arrival(pen: Pen) -> list[str]:
    """Where the patient came from and who told the story; often nothing."""
    who = pen.facts.identity
    if pen.rng.random() > 0.4:
        return []
    contact, phone = who.contact, pen.phone(who.numbers[2])
    other = mark_phi("LOCATION", who.transferred_from)
    day = pen.short_date(pen.facts.admitted)
    return [
        pen.pick(
            f"transferred from {other} on {day}",
            f"history obtained in part from {pen.his} {who.relation} {contact.full} ({phone})",
            f"{pen.his} {who.relation}, {contact.full}, drove {pen.him} in on {day}",
            f"was seen by PCP Dr. {who.family_doctor.last} the day before",
            f"called the office of Dr. {who.family_doctor.full} and was told to come to "
            f"{mark_phi('LOCATION', who.hospital)}",
            f"outside records from {other} were requested on {day}",
        )
    ]


def residence(pen: Pen) -> str:
    """A clause on where the patient lives."""
    who = pen.facts.identity
    town = mark_phi("ADDRESS", who.town)
    return pen.pick(
        f"lives in {town}",
        f"lives near {town}, {who.relation} {who.contact.full} is involved",
        f"originally from {town}",
    )


def handover(pen: Pen) -> list[str]:
    """Lines on who was informed at the end of a stay; often none."""
    facts, who = pen.facts, pen.facts.identity
    if pen.rng.random() > 0.5:
        return []
    day = pen.short_date(facts.discharged)
    return [
        pen.pick(
            f"Dr. {who.family_doctor.last} was updated by phone on {day}",
            f"{who.relation} {who.contact.full} ({pen.phone(who.numbers[2])}) aware of the plan",
            f"contact: {who.relation} {who.contact.full}, {pen.phone(who.numbers[2])}",
            f"discussed with Dr. {who.specialist.full} ({facts.admission.clinics[0]}) on {day}",
            f"{pen.name} was given the number of the ward, {pen.phone(who.numbers[0])}",
            f"{who.contact.full} will drive {pen.him} home on {day}",
        )
    ]


def questions(pen: Pen) -> str:
    """A sentence for the patient on whom to call."""
    who = pen.facts.identity
    return pen.pick(
        f"if you have questions, call {pen.phone(who.numbers[0])}",
        f"your doctors were Dr. {who.attending.last} and Dr. {who.author.last}",
        f"it was a pleasure to care for you at {mark_phi('LOCATION', who.hospital)}",
        f"Dr. {who.family_doctor.last} can be reached at {pen.phone(who.numbers[1])}",
    )
