"""Names that stand in the other text in words that no lexicon has."""

import pytest

from palimpsest.facts.compare import findings


def statuses(passage: str, rephrase: str) -> set[str]:
    return {f.status for f in findings(passage, rephrase) if f.type == "problem"} - {"kept"}


@pytest.mark.parametrize(
    ("passage", "rephrase"),
    [
        ("Denies fever, abdominal pain and cough.", "Denies fever, tummy grumbles and cough."),
        ("Presents with abdominal pain and vomiting.", "Presents with gutrot and vomiting."),
        ("Abdominal pain began 3 weeks ago.", "Gutrot began 3 weeks ago."),
    ],
)
def test_a_name_in_unknown_words_is_unread(passage, rephrase):
    assert statuses(passage, rephrase) == {"unread"}
    assert statuses(rephrase, passage) == {"unread"}


def test_a_name_that_is_left_out_or_added_is_found():
    assert statuses("Denies fever, gout and cough.", "Denies fever and cough.") == {"omitted"}
    assert statuses("Fever, cough.", "Fever, cough, and rash.") == {"added"}
    told = "Presents with vomiting and the exam was soft."
    assert statuses("Presents with gout and vomiting.", told) == {"omitted"}


def test_a_kind_of_what_is_there_besides_is_added():
    passage = "Swelling of the left leg."
    assert statuses(passage, "Swelling of the left leg. Pulmonary edema.") == {"added"}
    assert not statuses("Diabetes.", "Type 2 diabetes.")
    assert not statuses("Bipolar disorder.", "Bipolar affective disorder.")


def test_a_relative_s_disease_besides_the_patient_s_own_is_a_fact_of_its_own():
    passage, rephrase = "Has asthma. Mother with asthma.", "Has asthma. The patient has asthma."
    found = {(f.type, f.status) for f in findings(passage, rephrase)}
    assert ("experiencer", "changed") in found
