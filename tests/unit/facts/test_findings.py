"""Errors of each type are found, under their type, where both texts show them."""

import sys

import pytest

from palimpsest.facts.compare import findings
from palimpsest.facts.extract import facts_of
from palimpsest.facts.model import STATUSES, TYPES
from palimpsest.facts.tokens import tokens_of


def wrong(passage: str, rephrase: str) -> set[tuple[str, str]]:
    return {(one.type, one.status) for one in findings(passage, rephrase) if one.status != "kept"}


ERRORS = [
    ("HR 88, RR 18.", "Heart rate 98, respiratory rate 18.", {("number", "changed")}),
    ("Na 138, K 4.1.", "Sodium 4.1, potassium 138.", {("number", "changed")}),
    ("WBC 12.3.", "White count 123.", {("number", "changed")}),
    ("Base excess of -5.", "Base excess of 5.", {("number", "changed")}),
    ("Call if temperature > 100.4.", "Call if temperature < 100.4.", {("number", "changed")}),
    ("Pain 7/10.", "Pain 9/10.", {("number", "changed")}),
    ("Digoxin 125 mcg daily.", "Digoxin 125 mg daily.", {("unit", "changed")}),
    ("A 12 mm nodule.", "A 12 cm nodule.", {("unit", "changed")}),
    ("Metformin 500 mg BID.", "Metformin 850 mg BID.", {("dose", "changed")}),
    (
        "Aspirin 81 mg and metoprolol 25 mg.",
        "Aspirin 25 mg and metoprolol 81 mg.",
        {("dose", "changed")},
    ),
    ("Metformin 500 mg BID.", "Metformin 500 mg TID.", {("frequency", "changed")}),
    ("Senna QHS PRN.", "Senna at bedtime.", {("frequency", "omitted")}),
    ("Seen on 3/14/2024.", "Seen on March 15, 2024.", {("date", "changed")}),
    ("Fell at 14:30.", "Fell at 3:30 pm.", {("date", "changed")}),
    ("Cough for 2 weeks.", "Cough for 2 months.", {("duration", "changed")}),
    ("Cough for 3 days.", "Cough for one week.", {("duration", "changed")}),
    ("Biopsy before colectomy.", "Colectomy before biopsy.", {("order", "changed")}),
    (
        "Admitted 3/1/2024, discharged 3/4/2024.",
        "Admitted 3/4/2024, discharged 3/1/2024.",
        {("order", "changed")},
    ),
    ("Pain started 2 days prior to admission.", "Pain started 2 days after admission.",
     {("order", "changed")}),
    ("Tracheostomy was done. Then laparoscopy was done.", "Laparoscopy before tracheostomy.",
     {("order", "changed")}),
    ("Biopsy came first and colectomy came after.", "After colectomy, biopsy was performed.",
     {("order", "changed")}),
    ("In hospital from 3/1/2024 to 3/4/2024.",
     "She entered the hospital on 3/4/2024 and was released on 3/1/2024.", {("order", "changed")}),
    ("She takes zyltorin (25 mg daily) and braxapine (5 mg daily).",
     "She takes zyltorin (5 mg daily) and braxapine (25 mg daily).", {("dose", "changed")}),
    ("Worse after reviewing the films.", "Worse before reviewing the films.",
     {("order", "changed")}),
    ("Her father was found to have gout.", "She was found to have gout.",
     {("experiencer", "changed")}),
    ("Gout (mother).", "She has gout.", {("experiencer", "changed")}),
    ("She cannot be given penicillin because of allergy.", "NKDA.", {("allergy", "changed")}),
    ("Left knee pain.", "Right knee pain.", {("laterality", "changed")}),
    ("Pain in the left arm and right leg.", "Pain in the right arm and left leg.",
     {("laterality", "changed")}),
    ("Denies chest pain.", "Has chest pain.", {("negation", "changed")}),
    ("No evidence of pneumonia on CT.", "CT showed pneumonia.", {("negation", "changed")}),
    ("ROS: (-) fever, (+) cough.", "Reports fever and cough.", {("negation", "changed")}),
    ("Cannot exclude pneumonia.", "CT confirmed pneumonia.", {("uncertainty", "changed")}),
    ("Possible pneumonia.", "No pneumonia.", {("uncertainty", "changed")}),
    ("Mother with breast cancer.", "The patient has breast cancer.", {("experiencer", "changed")}),
    ("Takes hydralazine.", "Takes hydroxyzine.", {("medication", "changed")}),
    ("Takes aspirin.", "Takes aspirin and warfarin.", {("medication", "added")}),
    ("Takes aspirin and warfarin.", "Takes aspirin.", {("medication", "omitted")}),
    ("Zyltorin 5 mg PO daily.", "Braxapine 5 mg PO daily.", {("medication", "changed")}),
    ("Allergic to penicillin.", "Allergic to codeine.", {("allergy", "changed")}),
    ("NKDA.", "Allergic to penicillin.", {("allergy", "changed")}),
    ("Allergic to penicillin.", "Takes penicillin.", {("allergy", "changed")}),
    ("History of asthma.", "History of gout.", {("problem", "changed")}),
    ("Fever and cough.", "Fever.", {("problem", "omitted")}),
    ("S/p appendectomy.", "S/p cholecystectomy.", {("procedure", "changed")}),
]  # fmt: skip


@pytest.mark.parametrize(("passage", "rephrase", "expected"), ERRORS, ids=lambda x: str(x)[:30])
def test_an_error_is_found_under_its_type(passage, rephrase, expected):
    assert expected <= wrong(passage, rephrase)


def test_every_type_has_an_error_here():
    met = {kind for _, _, expected in ERRORS for kind, _ in expected}
    assert met == set(TYPES) - {"passage"}


def test_a_rephrase_of_another_passage_is_called_so():
    passage = "Metformin 500 mg BID for diabetes. Denies chest pain. BP 120/80 at the clinic visit."
    other = "Left hip fracture after a fall, repaired by surgery on 3/4/2021. INR 2.4."
    assert ("passage", "changed") in wrong(passage, other)
    assert ("passage", "changed") not in wrong(passage, passage)


def test_every_text_says_the_same_as_itself():
    text = "62M w/ HTN, denies CP. Lasix 40 mg b.i.d. K 4.1. Mother: asthma. ? PE on CT 3/4/24."
    assert not wrong(text, text)


def test_offsets_are_those_of_the_texts():
    passage, rephrase = "Took 5 mg of warfarin.", "He took 7 mg of warfarin."
    (dose,) = [one for one in findings(passage, rephrase) if one.type == "dose"]
    assert passage[dose.passage_start : dose.passage_end] == "5 mg"
    assert rephrase[dose.start : dose.end] == "7 mg"


def test_types_and_statuses_are_the_declared_ones():
    for passage, rephrase, _ in ERRORS:
        for one in findings(passage, rephrase):
            assert one.type in TYPES and one.status in STATUSES


@pytest.mark.parametrize("text", ["", " ", "\n\n", "5", ".", "mg", "1/2/", "№ ½ ² ٣", "a" * 5000])
def test_odd_texts_are_read(text):
    facts_of(text)
    findings(text, "5 mg of aspirin")
    findings("5 mg of aspirin", text)


@pytest.mark.parametrize("text", ["İstanbul 5 mg", "37°C µg 5", "a\r\nb\t c", "x-ray\n of"])
def test_tokens_are_all_of_a_text(text):
    assert "".join(tokens_of(text)) == text


@pytest.mark.parametrize(
    "piece", ["no fever ", "5 mg ", "5-", "left ", "a ", "1 ", "(", "\n ", "before "]
)
def test_work_grows_with_the_text_alone(piece):
    """Counted in lines that are run, as times say little on a busy machine."""
    lines = 0

    def line(frame, event, arg):
        nonlocal lines
        lines += event == "line"
        return line

    spent = []
    for times in (400, 1600):
        lines = 0
        sys.settrace(line)
        try:
            facts_of(piece * times)
        finally:
            sys.settrace(None)
        spent.append(lines)
    assert spent[1] < 6 * spent[0]
