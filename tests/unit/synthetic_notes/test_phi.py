"""Made-up protected health information: labelled wherever it stands, consistent, and synthetic."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthetic_notes import GeneratedNote, generate_notes
from synthetic_notes.facts import draw_facts
from synthetic_notes.holdout import random_stream
from synthetic_notes.phi import LABELS

DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d\d(\d\d)?|\d\d-[A-Z][a-z]{2}-\d{4}"
    r"|(January|February|March|April|May|June|July|August|September|October|November|December)"
    r" \d{1,2}, \d{4}"
)
PHONE = re.compile(r"\d{3}\W{1,2}555\W\d{4}")


@pytest.fixture(scope="module")
def notes() -> list[GeneratedNote]:
    return list(generate_notes(150, 11, lambda who: "test" if int(who[1:]) % 5 == 0 else "train"))


def marked(note: GeneratedNote, label: str) -> list[str]:
    return [note.text[p.start : p.end] for p in note.phi if p.label == label]


def masked(note: GeneratedNote) -> str:
    """The text with protected health information blotted out, its length kept."""
    text = list(note.text)
    for p in note.phi:
        text[p.start : p.end] = "#" * (p.end - p.start)
    return "".join(text)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), noise=st.sampled_from([0.0, 0.2]))
def test_phi_is_sorted_disjoint_and_apart_from_entities(seed, noise):
    for note in generate_notes(2, seed, lambda who: "train", noise):
        end = 0
        for p in note.phi:
            assert end <= p.start < p.end <= len(note.text) and p.label in LABELS
            assert note.text[p.start : p.end].strip() == note.text[p.start : p.end]
            end = p.end
        taken = {offset for span in note.spans for offset in range(span.start, span.end)}
        assert taken.isdisjoint(offset for p in note.phi for offset in range(p.start, p.end))


def test_every_kind_occurs_and_every_note_has_some(notes):
    counts = Counter(p.label for note in notes for p in note.phi)
    assert set(counts) == set(LABELS)
    assert min(counts.values()) >= 3  # few patients are 90 or more
    assert all({"NAME", "DATE"} <= {p.label for p in note.phi} for note in notes)


def test_nothing_identifying_stands_outside_of_its_marks(notes):
    for note in notes:
        rest = masked(note)
        facts = draw_facts(
            random_stream(11, int(note.patient_id[1:]), "facts", int(note.patient_id[1:]) % 5 == 0)
        )
        who = facts.identity
        for text in (who.record, who.account, who.street, who.hospital, who.transferred_from):
            assert text not in rest
        people = (who.patient, who.attending, who.author, who.family_doctor, who.specialist)
        for person in (*people, who.radiologist, who.contact):
            for name in (f"{person.given} {person.surname}", f"{person.surname}, {person.given}"):
                assert name not in rest
            assert not re.search(rf"(Mr|Ms|Dr)\. {person.surname}\b", rest)
        assert not DATE.search(rest), (note.note_id, DATE.search(rest))
        assert not PHONE.search(rest)
        assert not re.search(r"\b9\d(F|M)\b|\b9\d[ -](yo|y/o|year)", rest)
        assert "___" not in note.text


def test_marks_hold_what_their_label_says(notes):
    for note in notes:
        assert all(PHONE.fullmatch(text.lstrip("(")) for text in marked(note, "PHONE"))
        assert all(text.isdigit() for text in marked(note, "ID"))
        assert all(90 <= int(text) < 110 for text in marked(note, "AGE"))
        for text in marked(note, "DATE"):
            short = re.fullmatch(r"\d\d?/\d\d?|[A-Z][a-z]{2} \d{1,2}", text)
            assert short or DATE.fullmatch(text), text
        for text in marked(note, "NAME"):
            assert re.fullmatch(r"[A-Z]\w+(,? [A-Z]\w+)?", text), text


def test_telephone_numbers_are_of_the_range_kept_for_fiction(notes):
    numbers = [text for note in notes for text in marked(note, "PHONE")]
    assert numbers
    assert all(re.search(r"555\W01\d\d$", text) for text in numbers)


def test_one_note_writes_its_dates_in_one_way(notes):
    for note in notes:
        full = [text for text in marked(note, "DATE") if DATE.fullmatch(text)]
        # letters and digits are alike, only the length of a number and the month differ
        shapes = {re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "0", text)) for text in full}
        assert len(shapes) == 1, (note.note_id, full)


@settings(max_examples=200, deadline=None)
@given(patient=st.integers(0, 10**6))
def test_the_date_of_birth_gives_the_age(patient):
    facts = draw_facts(random_stream(0, patient, "facts"))
    born, admitted = facts.identity.born, facts.admitted
    age = admitted.year - born.year - ((admitted.month, admitted.day) < (born.month, born.day))
    assert age == facts.age
    assert born < date(2026, 1, 1) - timedelta(days=18 * 365)


def test_names_of_test_patients_are_no_one_elses(notes):
    words: dict[bool, set[str]] = {False: set(), True: set()}
    for note in notes:
        test = int(note.patient_id[1:]) % 5 == 0
        for text in marked(note, "NAME"):
            words[test].update(re.findall(r"\w+", text))
    assert words[True] and words[False]
    assert not words[True] & words[False]


def test_the_notes_of_one_patient_name_the_same_person(notes):
    people: dict[str, set[str]] = {}
    for note in notes:
        found = re.search(r"^(?:Name|Patient): (.+?)(?: Unit No| MRN|$)", note.text, re.MULTILINE)
        if found:
            people.setdefault(note.patient_id, set()).add(
                " ".join(sorted(re.findall(r"\w+", found.group(1))))
            )
    assert len(people) > 100
    assert all(len(names) == 1 for names in people.values())
