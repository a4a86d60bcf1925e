"""Write the measured half of a discharge summary: vital signs, examination, results, imaging."""

from synthetic_notes.dementia.sentences import SectionSentences
from synthetic_notes.facts import Vitals
from synthetic_notes.imaging import MODALITIES
from synthetic_notes.markup import capital, mark_test, sentences, stretch
from synthetic_notes.note_context import NoteContext

_NORMAL_EXAM: dict[str, tuple[str, ...]] = {
    "Gen": ("NAD, pleasant", "alert, in no [acute distress|p-]", "comfortable, lying in bed"),
    "HEENT": ("MMM, anicteric", "PERRL, oropharynx clear", "NC/AT, no [scleral icterus|p-]"),
    "Neck": ("supple, no [JVD|p-]", "no [lymphadenopathy|p-]", "supple, JVP not elevated"),
    "CV": ("RRR, no [m/r/g|p-]", "regular, normal S1/S2, no [murmurs|p-]", "RRR, nl S1 S2"),
    "Lungs": ("CTAB, no [wheezes|p-]", "clear bilaterally, no [crackles|p-]", "breathing easily"),
    "Abd": ("soft, NT/ND, +BS", "soft, nondistended, no [rebound|p-] or [guarding|p-]"),
    "Ext": ("WWP, no [edema|p-]", "no [cyanosis|p-] or [clubbing|p-]", "warm, 2+ pulses"),
    "Skin": ("warm and dry, no [rashes|p-]", "intact, no [lesions|p-]"),
    "Neuro": ("A&Ox3, no [focal deficits|p-]", "CN II-XII intact, moving all extremities"),
}


def vital_signs(note: NoteContext, v: Vitals) -> str:
    """One line of vital signs, each name a test."""
    names = note.rng.choice((("T", "HR", "BP", "RR", "SpO2"), ("Temp", "HR", "BP", "RR", "O2 sat")))
    values = (f"{v.temp}", f"{v.hr}", f"{v.sbp}/{v.dbp}", f"{v.rr}", f"{v.spo2}% RA")
    return ", ".join(
        f"{mark_test(name)} {value}" for name, value in zip(names, values, strict=True)
    )


def _normal_exam(note: NoteContext) -> dict[str, tuple[str, ...]]:
    """What is normal for this patient, whose chronic diseases show too."""
    exam = dict(_NORMAL_EXAM)
    if note.facts.has("I48.91"):
        exam["CV"] = ("[irregularly irregular|p], no [murmurs|p-]", "[irregular rhythm|p]")
    if note.facts.has("L40.9"):
        exam["Skin"] = ("[psoriatic plaques|p] over the elbows",)
    if note.facts.dementia is not None:
        exam["Neuro"] = ("CN II-XII intact", "no [focal deficits|p-]", "moving all extremities")
    return exam


def examination(note: NoteContext, by_section: SectionSentences) -> str:
    """Examination on arrival and at discharge, one line per region."""
    facts = note.facts
    lines = [f"ADMISSION EXAM: {vital_signs(note, facts.arrival_vitals)}"]
    normal = _normal_exam(note)
    special = facts.admission.exam
    if facts.dementia is not None and any("oriented" in line for line in special.get("Neuro", ())):
        # the dementia's own lines say how far the patient is oriented
        special = {region: lines for region, lines in special.items() if region != "Neuro"}
    regions = normal | special
    for region, options in regions.items():
        if region in special:
            found = facts.fill(note.rng.wording(options))
        elif region in ("Gen", "CV", "Lungs", "Abd") or note.rng.random() < 0.5:
            found = note.rng.template(options)
        else:
            continue
        note.said[region] = found
        lines.append(_region(region, found))
    lines += [f"Mental status: {line}" for line in by_section.exam]
    lines.append(f"DISCHARGE EXAM: {vital_signs(note, facts.discharge_vitals)}")
    for region in ("Gen", "Lungs", "Abd"):
        # what was normal on arrival is often pasted in again
        before = None if region in special else note.said.get(region)
        again = before is not None and note.rng.random() < 0.5
        lines.append(_region(region, before if again else note.rng.template(normal[region])))
    return "\n".join(lines)


def _region(name: str, findings: str) -> str:
    """A line of the examination, which counts as a sentence without its stop."""
    return f"{name}: {stretch('sentence', '', findings)}"


def results(note: NoteContext) -> str:
    """Laboratory lines of the first and the last day, abnormal values starred."""
    facts = note.facts
    lines = []
    for heading, day, labs in (
        ("ADMISSION LABS", facts.admitted, facts.labs),
        ("DISCHARGE LABS", facts.discharged, facts.last_labs),
    ):
        values = [f"{mark_test(x.name)}-{x.value}{'*' if x.abnormal else ''}" for x in labs]
        lines.append(heading)
        clock = f"{note.rng.randint(4, 9):02}:{note.rng.randint(0, 59):02}AM"
        for first in range(0, len(values), 6):
            lines.append(f"{note.date(day)} {clock} BLOOD {' '.join(values[first : first + 6])}")
    return "\n".join(lines)


def imaging(note: NoteContext) -> str:
    """The impressions of every examination, one line each."""
    lines = []
    for study in note.facts.imaging:
        name = capital(mark_test(MODALITIES[study.modality].names[0]))
        lines.append(f"{name} {note.date(study.day)}: {sentences(study.all_impressions)}")
    return "\n".join(lines)
