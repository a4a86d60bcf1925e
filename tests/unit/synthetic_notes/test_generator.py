"""The demo's notes: deterministic, coherent, and with gold that points at what it says."""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import fields
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthetic_notes import VOCABULARY_PACKAGES, GeneratedNote, generate_notes
from synthetic_notes.admissions import ADMISSIONS
from synthetic_notes.complications import COMPLICATIONS
from synthetic_notes.facts import draw_facts
from synthetic_notes.history import HISTORY
from synthetic_notes.holdout import random_stream
from synthetic_notes.imaging import MODALITIES
from synthetic_notes.lexicon import CHRONIC_LABS, DRUG_CLASSES, LABS, SYMPTOMS
from synthetic_notes.markup import mark_problem, render, sentences
from synthetic_notes.medications import drug_class
from synthetic_notes.vocabulary import (
    catalogue_names,
    chronic_diseases,
    orders,
    procedures,
)

LABELS = {"problem", "treatment", "test"}
ASSERTIONS = {"present", "absent", "possible", "conditional", "hypothetical", "family"}
# (patients, seed, noise) -> what `notes_of` them must hash to; see `digest`
PINNED = {
    (20, 17, 0.02): "37e8d3548d8a325345899911bba065a3ddf9332a348a35634e1966a14dc4e5bc",
    (60, 0, 0.0): "1979e36ec3400cfe904720070a4683a7673670ae46aaa23bebbb1b6b946ed11c",
    (60, 1, 0.1): "2d7544335ca3639e06e5ddf5d621e696eb152db15512c09b898acf045ba8ea90",
    (60, 42, 0.4): "408dcc052da259a59c585559fded5ea6719bb5a3de45f5c16bced9830b86a214",
}


def notes_of(patients: int, seed: int, noise: float = 0.0) -> list[GeneratedNote]:
    """Notes of patients, every third for testing."""
    split = {0: "train", 1: "valid", 2: "test"}
    return list(generate_notes(patients, seed, lambda who: split[int(who[1:]) % 3], noise))


def digest(notes: list[GeneratedNote]) -> str:
    """sha256 of all fields of all notes, one field per line."""
    total = hashlib.sha256()
    for note in notes:
        for field in fields(note):
            total.update(f"{field.name} {getattr(note, field.name)!r}\n".encode())
    return total.hexdigest()


@pytest.fixture(scope="module")
def notes() -> list[GeneratedNote]:
    return notes_of(patients=150, seed=3)


def test_another_process_and_hash_seed_give_the_same_bytes():
    program = (
        "from __future__ import annotations\nimport hashlib\nfrom dataclasses import fields\n"
        "from synthetic_notes import generate_notes\n"
        f"{inspect.getsource(notes_of)}\n{inspect.getsource(digest)}\n"
        "print(digest(notes_of(15, 5, noise=0.1)))"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "4242")
    ]
    found = [run.communicate()[0].strip() for run in runs]
    assert found == [digest(notes_of(15, 5, noise=0.1))] * 2


@pytest.mark.parametrize("declared", PINNED)
def test_the_output_changes_only_on_purpose(declared):
    versions = {name: version(name) for name in VOCABULARY_PACKAGES}
    assert digest(notes_of(*declared)) == PINNED[declared], (
        f"the generated notes changed. Installed vocabularies: {versions}. If the change is "
        "meant, pin the new hash and say so in the CHANGELOG."
    )


def test_one_more_patient_only_adds_notes():
    fewer, more = notes_of(11, 8, noise=0.1), notes_of(12, 8, noise=0.1)
    assert more[: len(fewer)] == fewer
    assert {note.patient_id for note in more[len(fewer) :]} == {"P000011"}


def test_another_seed_gives_other_notes():
    first, second = notes_of(5, 1), notes_of(5, 2)
    assert not {note.text for note in first} & {note.text for note in second}


def test_the_split_of_others_changes_nothing():
    alone = list(generate_notes(4, 9, lambda who: "train"))
    beside = list(generate_notes(4, 9, lambda who: "test" if who == "P000002" else "train"))
    assert [n for n in alone if n.patient_id != "P000002"] == [
        n for n in beside if n.patient_id != "P000002"
    ]
    assert alone != beside


def test_no_patients_give_no_notes_and_wrong_numbers_are_refused_at_once():
    assert notes_of(0, 1) == []
    with pytest.raises(ValueError, match="patients: -1"):
        generate_notes(-1, 1, lambda who: "train")
    with pytest.raises(ValueError, match="noise: 0.5 found, expected a share from 0 to 0.4"):
        generate_notes(1, 1, lambda who: "train", noise=0.5)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(-(2**70), 2**70))
def test_spans_are_sorted_disjoint_trimmed_phrases(seed):
    for note in notes_of(3, seed):
        end = 0
        for span in note.spans:
            assert end <= span.start < span.end <= len(note.text)
            phrase = note.text[span.start : span.end]
            assert phrase == phrase.strip() and "\n" not in phrase
            before, after = (
                note.text[span.start - 1 : span.start],
                note.text[span.end : span.end + 1],
            )
            assert not before.isalnum() and not after.isalnum(), (note.note_id, phrase)
            assert span.label in LABELS and span.assertion in ASSERTIONS
            end = span.end


def test_every_patient_has_one_summary_and_up_to_two_reports(notes):
    kinds: dict[str, list[str]] = {}
    for note in notes:
        assert note.note_id == "N" + note.patient_id[1:] + note.note_id[7:]
        kinds.setdefault(note.patient_id, []).append(note.note_id[8:])
        assert date.fromisoformat(note.date).year >= 2021
        summary = note.note_id.endswith("-DS")
        assert note.category == ("Discharge summary" if summary else "Radiology report")
    assert len(kinds) == 150
    assert {tuple(k) for k in kinds.values()} == {("DS",), ("DS", "RR1"), ("DS", "RR1", "RR2")}


def test_every_label_and_assertion_occurs(notes):
    spans = Counter((s.label, s.assertion) for note in notes for s in note.spans)
    assert {label for label, _ in spans} == LABELS
    assert {assertion for label, assertion in spans if label == "problem"} == ASSERTIONS
    assert min(spans["problem", a] for a in ASSERTIONS) >= 50
    assert sum(n for (_, a), n in spans.items() if a != "present") >= 0.2 * spans.total()


def test_notes_have_the_length_of_their_kind(notes):
    for note in notes:
        words = len(note.text.split())
        low, high = (350, 1000) if note.category == "Discharge summary" else (70, 250)
        assert low <= words <= high, (note.note_id, words)


def test_no_template_residue_reaches_the_text(notes):
    residue = re.compile(
        r"[{}\[\]|]|None|\bnan\b|[^\n] {2}| [,;:]| \.(?!\d)|,,|\.\.|\(\)|\b[Aa] (?!uri)[aeiou]"
        r"|\ban [bcdfgjklmnpqrstvwxyz]|\b([a-zA-Z]+) \1\b"
    )
    for note in notes:
        assert not (match := residue.search(note.text)), (note.note_id, match)
        assert note.text.endswith("\n") and not note.text.endswith("\n\n")
        assert not re.search(r"[ \t]$", note.text, re.MULTILINE)


def test_a_labelled_phrase_is_labelled_wherever_it_stands(notes):
    """Fixed text hides no mention: what is gold in one note is not plain in another."""
    phrases, plain = set(), []
    for note in notes:
        masked = list(note.text)
        phrases |= {note.text[span.start : span.end].lower() for span in note.spans}
        for span in (*note.spans, *note.phi):
            masked[span.start : span.end] = "#" * (span.end - span.start)
        plain.append("".join(masked).lower())
    # section titles, the surgical service, and abbreviations with a second meaning (RA: rheumatoid
    # arthritis and room air, PT: physical therapy and patient, K: potassium and thousands)
    phrases -= {"physical exam", "mental status", "surgery", "ra", "pt", "k"}
    words = re.compile(
        r"(?<![\w#-])(" + "|".join(re.escape(p) for p in sorted(phrases, key=len)) + r")(?![\w#-])"
    )
    hidden = {match.group() for match in words.finditer("\n".join(plain))}
    assert not hidden


@settings(max_examples=150, deadline=None)
@given(patient=st.integers(0, 10**6))
def test_sex_and_age_fit_the_diseases(patient):
    facts = draw_facts(random_stream(0, patient, "facts"))
    low, high = facts.admission.patients.ages
    assert low <= facts.age <= high and facts.sex in "FM"
    assert facts.admission.patients.sex in (None, facts.sex)
    codes = [disease.code for disease in facts.comorbidities]
    assert len(codes) == len(set(codes)) and not set(codes) & set(facts.admission.patients.excludes)
    for disease in facts.comorbidities:
        assert disease.sex in (None, facts.sex)
        assert disease.ages[0] <= facts.age <= disease.ages[1]
    for group in HISTORY.exclusive:
        assert len(set(group) & set(codes)) <= 1, (group, codes)
    male_only, female_only = ("prostate", "prostatectomy"), ("hysterectomy", "c-section", "ovar")
    history = " ".join(
        [d.names[0] for d in facts.comorbidities] + [s.name for s in facts.surgeries]
    )
    for word in female_only if facts.sex == "M" else male_only:
        assert word not in history.lower()


@settings(max_examples=150, deadline=None)
@given(patient=st.integers(0, 10**6))
def test_medications_agree_with_each_other_and_with_the_allergy(patient):
    facts = draw_facts(random_stream(0, patient, "facts"))
    for drugs in (facts.home_drugs, facts.discharge_drugs):
        classes = [drug_class(drug.name) for drug in drugs]
        assert len(classes) == len(set(classes)), classes
    stopped = {drug.name for drug in facts.stopped_drugs}
    assert not stopped & {drug.name for drug in facts.discharge_drugs}
    if facts.allergy is not None:
        assert facts.allergy.allergen not in {d.name for d in facts.home_drugs}
    assert not set(facts.symptoms) & set(facts.negatives)
    assert facts.discharged > facts.admitted


def test_a_man_is_never_she(notes):
    for note in notes:
        if note.category == "Discharge summary":
            male = "Sex: M" in note.text
            wrong = (
                r"\b([Ss]he|[Hh]er|Ms\.|woman|female)\b"
                if male
                else r"\b([Hh]e|[Hh]is|Mr\.|man|male)\b"
            )
            assert not re.search(wrong, note.text), note.note_id


def test_the_tables_refer_only_to_things_that_exist():
    import simple_icd_10_cm as icd

    diseases = chronic_diseases()
    for admission in ADMISSIONS:
        assert icd.is_valid_item(admission.code), admission.code
        for key in (*admission.symptoms, *admission.negatives, *admission.warnings):
            assert key in SYMPTOMS, (admission.code, key)
        assert set(admission.labs) <= set(LABS)
        assert set(admission.complications) <= set(COMPLICATIONS)
        assert {study.modality for study in admission.studies} <= set(MODALITIES)
        assert set(admission.patients.implies) <= set(diseases), admission.code
        assert set(admission.patients.likely) <= set(diseases), admission.code
        for entry in admission.new_drugs:
            name, _, order = entry.partition("=")
            assert order or orders(name)
    for code in (*HISTORY.common, *HISTORY.from_age, *CHRONIC_LABS, *sum(HISTORY.exclusive, ())):
        assert code in diseases, code
    assert set(HISTORY.familial) <= set(catalogue_names())
    assert set(HISTORY.surgeries) <= procedures()
    assert len([d for ds in DRUG_CLASSES.values() for d in ds]) == len(
        {d for ds in DRUG_CLASSES.values() for d in ds}
    )


def test_what_the_packages_get_wrong_stays_out():
    drugs = {drug for disease in chronic_diseases().values() for drug in disease.drugs}
    assert not drugs & {"chemotherapy", "no medications", "diuretics", "cpap therapy", "surgery"}
    # no childhood, pregnancy or acute-event code may be a comorbidity
    assert not {"J05.0", "J21.9", "O14.90", "I63.9", "I21.9", "J18.9"} & set(chronic_diseases())


def test_the_documented_excerpt_is_what_is_generated():
    page = (Path(__file__).parents[3] / "docs" / "generator.md").read_text(encoding="utf-8")
    note = next(n for n in generate_notes(94, 4, lambda who: "train") if n.note_id == "N000093-DS")
    excerpt = re.search(r"```text\n(.*?)```", page, re.DOTALL).group(1)
    assert " ".join(excerpt.split()) in " ".join(note.text.split())
    gold = [(s.start, s.end, f"{s.label}, {s.assertion}") for s in note.spans]
    gold += [(s.start, s.end, s.label) for s in note.phi]
    gold += [(s.start, s.end, ", ".join(s.categories) or "none") for s in note.sentences]
    told = {f'"{note.text[start:end]}": {label}' for start, end, label in gold}
    told |= {f'"{note.text[p.start : p.end]}", "{p.hypothesis}": {p.label}' for p in note.pairs}
    rows = re.findall(r"^\|[^|]*\| (\".*) \|$", page, re.MULTILINE)
    assert len(rows) == 10
    for row in rows:
        pattern = re.compile(re.escape(row).replace("…", ".*"))
        assert any(pattern.fullmatch(line) for line in told), row


def test_render_gives_offsets_of_the_finished_text():
    note = render(sentences([f"denies {mark_problem('fever', '-')}", "[CXR|x] clear"]))
    text, spans = note.text, note.spans
    assert text == "Denies fever. CXR clear."
    assert [(text[s.start : s.end], s.label, s.assertion) for s in spans] == [
        ("fever", "problem", "absent"),
        ("CXR", "test", "present"),
    ]


def test_a_broken_mention_is_an_error_and_not_text():
    with pytest.raises(ValueError, match="stray"):
        render("has [fever|q] today")
