"""Generate the notes of synthetic patients, each with the gold spans of its mentions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from palimpsest.generator.facts import Facts, draw_facts
from palimpsest.generator.markup import Span, render
from palimpsest.generator.radiology import radiology_report
from palimpsest.generator.vocabulary import VOCABULARY_PACKAGES
from palimpsest.generator.writer import discharge_summary

__all__ = ["VOCABULARY_PACKAGES", "GeneratedNote", "Span", "generate_notes"]

DISCHARGE_SUMMARY = "Discharge summary"
RADIOLOGY_REPORT = "Radiology report"


@dataclass(frozen=True)
class GeneratedNote:
    """One note and its gold.

    note_id: such as N000012-DS or N000012-RR1; patient_id: such as P000012.
    category: "Discharge summary" or "Radiology report".
    spans: sorted and disjoint, offsets in characters of `text`.
    """

    note_id: str
    patient_id: str
    category: str
    text: str
    spans: tuple[Span, ...]


def generate_notes(patients: int, seed: int) -> Iterator[GeneratedNote]:
    """One discharge summary and up to two radiology reports of each patient, in patient order.

    The notes of a patient depend on `seed` and the patient's number only, so asking for more
    patients adds notes and changes none.
    Raises ValueError if `patients` is negative.
    """
    if patients < 0:
        raise ValueError(f"patients: {patients} found, expected 0 or more")
    # yield from a second function, so that the check above runs before the first note is asked for
    return _notes(patients, seed)


def _notes(patients: int, seed: int) -> Iterator[GeneratedNote]:
    for i in range(patients):
        facts = draw_facts(_stream(seed, i, "facts"))
        markup = discharge_summary(facts, _stream(seed, i, "summary"))
        yield _note(i, "DS", DISCHARGE_SUMMARY, markup)
        rng = _stream(seed, i, "reports")
        for n, study in enumerate(_reported(facts, rng), 1):
            yield _note(i, f"RR{n}", RADIOLOGY_REPORT, radiology_report(facts, study, rng))


def _reported(facts: Facts, rng: Random) -> list:
    # an echocardiogram is a cardiologist's examination, not a radiologist's
    studies = [study for study in facts.imaging if study.modality != "tte"]
    return studies[: rng.choices((0, 1, 2), (1, 2, 2))[0]]


def _note(patient: int, suffix: str, category: str, markup: str) -> GeneratedNote:
    text, spans = render(markup)
    return GeneratedNote(f"N{patient:06}-{suffix}", f"P{patient:06}", category, text, spans)


def _stream(seed: int, patient: int, purpose: str) -> Random:
    key = hashlib.sha256(str(seed).encode()).digest()
    message = f"{patient}/{purpose}".encode()
    return Random(int.from_bytes(hashlib.blake2b(message, key=key, digest_size=16).digest(), "big"))
