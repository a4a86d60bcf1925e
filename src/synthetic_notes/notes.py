"""Generate the notes of synthetic patients, each with its gold."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from synthetic_notes.case_report import case_report
from synthetic_notes.dementia.sentences import labelled_sentences
from synthetic_notes.discharge_summary import discharge_summary
from synthetic_notes.facts import Facts, draw_facts
from synthetic_notes.gold import GeneratedNote, PhiSpan
from synthetic_notes.holdout import HoldoutRandom, random_stream
from synthetic_notes.markup import Rendered, render
from synthetic_notes.noise import MAX_NOISE, add_noise
from synthetic_notes.pairs import make_pairs
from synthetic_notes.radiology import radiology_report


def generate_notes(
    patients: int, seed: int, split_of: Callable[[str], str], noise: float = 0.0
) -> Iterator[GeneratedNote]:
    """One discharge summary and up to two radiology reports of each patient, in patient order.

    split_of: patient id -> "train", "valid" or "test". Patients of `test` have diseases, wordings
    and templates that no other patient has.
    noise: share of words that a slip of the writer touches, from 0 to 0.4.

    The notes of a patient depend on `seed`, the patient's number, its split and `noise` only, so
    asking for more patients adds notes and changes none.
    Raises ValueError if `patients` is negative or `noise` out of range.
    """
    return _notes(patients, seed, split_of, noise, "P", _patient)


def generate_case_reports(
    patients: int, seed: int, split_of: Callable[[str], str]
) -> Iterator[GeneratedNote]:
    """One case report of each patient, none of whom `generate_notes` writes of.

    Arguments and errors are those of `generate_notes`; a journal's editors let no slip pass. A
    report has `spans`, and nothing that tells who somebody is but ages of 90 and more.
    """
    return _notes(patients, seed, split_of, 0.0, "R", _case)


def _notes(
    patients: int,
    seed: int,
    split_of: Callable[[str], str],
    noise: float,
    letter: str,
    write: Callable[[int, int, bool], Iterator[GeneratedNote]],
) -> Iterator[GeneratedNote]:
    """The notes of patients of one kind. letter: their ids begin with it."""
    if patients < 0:
        raise ValueError(f"patients: {patients} found, expected 0 or more")
    if not 0 <= noise <= MAX_NOISE:
        raise ValueError(f"noise: {noise} found, expected a share from 0 to {MAX_NOISE}")

    # of an inner function, so that the checks above run before the first note is asked for
    def written() -> Iterator[GeneratedNote]:
        for i in range(patients):
            held_out = split_of(f"{letter}{i:06}") == "test"
            for note in write(i, seed, held_out):
                yield add_noise(note, noise, random_stream(seed, i, f"noise/{note.note_id}"))

    return written()


def _patient(i: int, seed: int, held_out: bool) -> Iterator[GeneratedNote]:
    facts = draw_facts(random_stream(seed, i, "facts", held_out))
    twin = draw_facts(random_stream(seed, i, "twin", held_out))
    summary = render(discharge_summary(facts, random_stream(seed, i, "summary", held_out)))
    yield replace(
        _note(i, "DS", "Discharge summary", facts.discharged, summary),
        sentences=labelled_sentences(summary, facts.dementia),
        pairs=make_pairs(facts, twin, summary, random_stream(seed, i, "pairs", held_out)),
    )
    rng = random_stream(seed, i, "reports", held_out)
    said: dict[str, str] = {}
    for n, study in enumerate(_reported(facts, rng), 1):
        report = render(radiology_report(facts, study, rng, said))
        yield _note(i, f"RR{n}", "Radiology report", study.day, report)


def _case(i: int, seed: int, held_out: bool) -> Iterator[GeneratedNote]:
    facts = draw_facts(random_stream(seed, i, "case facts", held_out))
    report = render(case_report(facts, random_stream(seed, i, "case report", held_out)))
    yield replace(
        _note(i, "CR", "Case report", facts.discharged, report),
        note_id=f"R{i:06}-CR",
        patient_id=f"R{i:06}",
    )


def _reported(facts: Facts, rng: HoldoutRandom) -> list:
    # an echocardiogram is a cardiologist's examination, not a radiologist's
    studies = [study for study in facts.imaging if study.modality != "tte"]
    return studies[: rng.choices((0, 1, 2), (1, 2, 2))[0]]


def _note(patient: int, suffix: str, category: str, day: date, note: Rendered) -> GeneratedNote:
    return GeneratedNote(
        note_id=f"N{patient:06}-{suffix}",
        patient_id=f"P{patient:06}",
        category=category,
        date=day.isoformat(),
        text=note.text,
        spans=note.spans,
        phi=tuple(PhiSpan(s.start, s.end, s.value) for s in note.stretches if s.kind == "phi"),
        sentences=(),
        pairs=(),
    )
