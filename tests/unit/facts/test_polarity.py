"""Whether a sentence says that something is present, absent or possible, in words of any kind."""

import pytest

from palimpsest.facts.compare import findings
from palimpsest.facts.extract import facts_of

ABSENT = """
At no point did the patient have fever or cough.
Neither complains of fever nor of cough.
Fever and cough did not occur.
Fever: denied. Cough: no.
Symptoms not present: fever, cough.
Fever was never much of a problem, and neither was cough.
He was never found to have fever or cough.
CT came back clear of pneumonia.
CT failed to show pneumonia.
CT ruled pneumonia out.
Pneumonia has been effectively excluded by CT.
There was no suspicion of pneumonia.
She has yet to develop pneumonia.
The patient is afebrile.
Pneumonia ruled out by CT.
CT allowed us to exclude pneumonia.
Cough and HAs were denied.
CT looked for pneumonia and found none.
Pneumonia on CT was not seen.
""".strip().split("\n")
POSSIBLE = """
Pneumonia could not be entirely excluded by CT.
CT failed to exclude pneumonia.
CT did not definitively show pneumonia.
Whether pneumonia was present could not be determined by CT.
On the basis of CT, pneumonia is thought to be likely.
CT findings may be due to pneumonia.
Pneumonia could not be definitively excluded by CT.
She was evaluated for pneumonia.
""".strip().split("\n")
PRESENT = """
The cough did not improve.
Pneumonia with no oxygen requirement.
She could not walk and had a fever.
CT left no doubt about pneumonia.
Pneumonia was clearly visible on CT.
She was evaluated for chest pain and cough.
Against a background of gout she came to us.
""".strip().split("\n")
UNREAD = """
Asked about fever, she answered in the negative.
Imaging was not without pneumonia.
""".strip().split("\n")


def said(text: str) -> set[str]:
    return {one.said for one in facts_of(text).mentions if one.concept[0] == "problem"}


@pytest.mark.parametrize("text", ABSENT)
def test_what_is_denied_is_absent(text):
    assert said(text) == {"absent"}


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_is_doubted_is_possible(text):
    assert said(text) == {"possible"}


@pytest.mark.parametrize("text", PRESENT)
def test_a_not_of_something_else_leaves_what_is_there(text):
    assert said(text) == {"present"}


@pytest.mark.parametrize("text", UNREAD)
def test_a_cue_that_reaches_nothing_leaves_names_near_it_unread(text):
    assert said(text) == {"unread"}


def test_a_cue_ends_where_another_clause_begins():
    text = "No fever but cough; CT shows ascites."
    told = {m.concept[1]: m.said for m in facts_of(text).mentions}
    assert told["fever"] == "absent" and told["cough"] == told["ascites"] == "present"
    told = {m.concept[1]: m.said for m in facts_of("Fever not seen, cough present.").mentions}
    assert told == {"fever": "absent", "cough": "present"}


def test_what_cannot_be_read_is_no_finding_and_is_told_apart():
    (one,) = [f for f in findings("Denies fever.", UNREAD[0]) if f.type == "negation"]
    assert one.status == "unread"
    (one,) = [f for f in findings("Denies fever.", "She has fever.") if f.type == "negation"]
    assert one.status == "changed"


@pytest.mark.parametrize(
    "text",
    [
        "Allergic to penicillin.",
        "She cannot take penicillin because of an allergy.",
        "Her only drug allergy is penicillin.",
        "Penicillin must be avoided owing to allergy.",
        "The chart lists penicillin under allergies.",
        "She reacted badly to penicillin in the past.",
    ],
)
def test_a_drug_in_a_sentence_of_allergies_is_an_allergen(text):
    assert [one.allergy for one in facts_of(text).mentions] == [True]


@pytest.mark.parametrize(
    "text", ["Penicillin causes hives.", "Hives: she should avoid penicillin."]
)
def test_a_drug_beside_signs_of_an_allergy_may_be_an_allergen(text):
    assert facts_of(text).mentions[0].allergy is None or facts_of(text).mentions[1].allergy is None
    statuses = {f.status for f in findings("Allergic to penicillin.", text) if f.type == "allergy"}
    assert statuses == {"unread"}


def test_a_drug_that_is_taken_instead_is_no_allergen():
    told = facts_of("Given her penicillin allergy she received vancomycin.").mentions
    assert [one.allergy for one in told] == [True, None]


@pytest.mark.parametrize(
    "text",
    [
        "NKDA.",
        "She is not known to have any drug allergies.",
        "Allergies: none.",
        "Drug allergies were denied.",
        "Has never reacted to a drug.",
        "She is unaware of any drug allergies.",
    ],
)
def test_a_denial_of_allergies_is_read_in_any_words(text):
    assert facts_of(text).no_allergy
