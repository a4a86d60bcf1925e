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


@pytest.mark.parametrize(
    ("passage", "rephrase", "found"),
    [
        # The sentence that tells the rest has a word that is neither read nor ordinary.
        ("Knee x-ray ruled out gout.", "Knee x-ray ruled out zipperlein.", {"unread"}),
        ("Knee x-ray ruled out gout.", "Knee x-ray was obtained.", {"omitted"}),
        # Such a word in another sentence, which tells something else, says nothing.
        ("Gout of the knee. Lives at home.", "Knee. Lives at home with her zebras.", {"omitted"}),
        # Nothing tells the rest: a sentence of which nothing else is told.
        ("Denies fever. Has gout.", "Denies fever. Zipperlein noted.", {"unread"}),
        ("Denies fever. Has gout.", "Denies fever.", {"omitted"}),
    ],
)
def test_a_word_that_could_be_the_name_must_stand_where_it_is_missed(passage, rephrase, found):
    assert statuses(passage, rephrase) == found


def test_initials_are_a_name_of_three_words():
    assert not statuses("History of chronic granulomatous disease.", "History of CGD.")
    assert statuses("History of gout.", "History of CGD.") == {"unread"}


@pytest.mark.parametrize("word", ["ileostomy", "pyeloplasty", "salpingectomy", "venography"])
def test_names_of_procedures_are_known_by_how_they_are_formed(word):
    found = findings(f"She had a {word} in May.", "She had a stay in May.")
    assert ("procedure", "omitted") in {(one.type, one.status) for one in found}


def test_words_that_are_formed_alike_name_no_procedure():
    found = findings("He liked photography.", "He liked geography.")
    assert not {one.type for one in found} & {"procedure", "problem"}


@pytest.mark.parametrize(
    ("order", "status"),
    [("metformin 500 mg qfortnite.", "unread"), ("metformin 500 mg.", "omitted"),
     ("metformin 500 mg and a new qfortnite.", "unread"),
     ("metformin 500 mg, lisinopril qfortnite.", "omitted")],
)  # fmt: skip
def test_an_unknown_word_behind_a_drug_may_say_how_often(order, status):
    passage = "Takes metformin 500 mg twice daily."
    for one, other in ((passage, f"Takes {order}"), (f"Takes {order}", passage)):
        found = {f.status for f in findings(one, other) if f.type == "frequency"}
        assert found == {status if one == passage else status.replace("omitted", "added")}


def test_a_dose_is_of_the_drug_before_its_frequency_and_route():
    passage = "Zyltorin is taken by mouth every night at a dose of 5 mg, brelamide daily at 20 mg."
    swapped = "Zyltorin 20 mg every night, brelamide 5 mg daily."
    assert ("dose", "changed") in {(f.type, f.status) for f in findings(passage, swapped)}
    same = "Zyltorin 5 mg every night, brelamide 20 mg daily."
    assert {f.status for f in findings(passage, same)} == {"kept"}


def test_allergies_in_unknown_words_are_unread():
    found = findings("No known drug allergies.", "As to allergies: zilch.")
    assert {f.status for f in found if f.type == "allergy"} == {"unread"}
    found = findings("No known drug allergies. Denies fever.", "Denies fever.")
    assert {f.status for f in found if f.type == "allergy"} == {"omitted"}


def test_an_allergen_that_no_lexicon_has_is_one():
    for passage in ("Allergic to lichens.", "Known lichen allergy."):
        found = {(f.type, f.status) for f in findings(passage, "NKDA.")}
        assert ("allergy", "changed") in found
        found = {(f.type, f.status) for f in findings(passage, "She is allergic to lichen.")}
        assert found == {("medication", "kept"), ("allergy", "kept")}
    found = findings("Allergic to lichens.", "Allergic to mosses.")  # which may be the same
    assert {f.status for f in found if f.type in ("allergy", "medication")} == {"unread"}


def test_a_value_of_an_unknown_test_is_not_of_the_one_before():
    assert not statuses("K 4.1, zeb of 12.9.", "Zeb of 12.9, K 4.1.")
    found = findings("K 4.1, zeb of 12.9 and Na 140.", "Na 140, zeb of 12.9 and K 4.1.")
    assert {f.status for f in found} == {"kept"}


def test_a_kind_of_what_is_there_besides_is_added():
    passage = "Swelling of the left leg."
    assert statuses(passage, "Swelling of the left leg. Pulmonary edema.") == {"added"}
    assert not statuses("Diabetes.", "Type 2 diabetes.")
    assert not statuses("Bipolar disorder.", "Bipolar affective disorder.")


def test_a_relative_s_disease_besides_the_patient_s_own_is_a_fact_of_its_own():
    passage, rephrase = "Has asthma. Mother with asthma.", "Has asthma. The patient has asthma."
    found = {(f.type, f.status) for f in findings(passage, rephrase)}
    assert ("experiencer", "changed") in found
