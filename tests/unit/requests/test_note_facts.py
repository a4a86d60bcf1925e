"""What notes say of their patient is found in many wordings, and never somebody else's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.requests.note_facts import NoteFacts


def told(text: str, kind: str) -> list[str]:
    facts = NoteFacts(text)
    return [" ".join(text[slice(*span)].split()) for span in getattr(facts, kind)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is a 64-year-old woman with asthma.", "64-year-old woman"),
        ("Pt is a 53 y/o female with COPD", "53 y/o female"),
        ("78M w/ h/o AF who presents with palpitations", "78M"),
        ("64 F with chest pain", "64 F"),
        ("82 y/o M", "82 y/o M"),
        ("INDICATION: History: 64M with melena", "64M"),
        ("75 y.o. female here for follow-up", "75 y.o. female"),
        ("a 61-year-old, right-handed male", "61-year-old, right-handed male"),
        ("A 62-year-old pleasant African-American gentleman was seen.",
         "62-year-old pleasant African-American gentleman"),
        ("Sixty-four-year-old man admitted with fever", "Sixty-four-year-old man"),
        ("a 3-week-old boy with fever", "3-week-old boy"),
        ("72yo M with dyspnea", "72yo M"),
        ("This 45 year old patient presented", "45 year old"),
        ("31 yo F p/w flank pain", "31 yo F"),
    ],
)  # fmt: skip
def test_age_and_sex_are_found_in_one_statement(text, expected):
    assert told(text, "demographics") == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Age: 72\nSex: F\n", ["Age: 72", "Sex: F"]),
        ("Gender: Male\nShe is 60 years old.", ["Gender: Male", "60 years old"]),
        ("Age/Sex: 72/F", ["Age/Sex: 72/F"]),
        ("Ms. Stone is here today. No age is said.", ["Ms."]),
        ("Date of Birth: [**2101-2-3**]     Sex:  M", ["Sex: M"]),
    ],
)
def test_age_and_sex_may_stand_apart(text, expected):
    assert told(text, "demographics") == expected


@pytest.mark.parametrize(
    "text",
    [
        "FH: mother died at 64, a 70-year-old sister with stroke.",
        "Lives with his 34-year-old wife.",
        "Kidney from a 35-year-old female donor.",
        "The infant was born to a 34-year-old woman.",
        "Family History:\nA 44-year-old male with colon cancer.\n",
        "Gestational age: 34 weeks",
        "CT shows a 3-week-old infarct and a 10-day-old fracture.",
        "The 20-year-old scar is well healed.",
        "Temp 98.6F, HR 90. Smoked for 20 years.",
        "A 250-year-old man.",
        "Emergency contact: Kelli Graham (niece)",
    ],
)
def test_what_is_nobody_or_somebody_else_is_not_told(text):
    assert told(text, "demographics") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Admission Date:  [**2187-3-4**]   Discharge Date: [**2187-3-9**]",
         ["Admission Date: [**2187-3-4**]", "Discharge Date: [**2187-3-9**]"]),
        ("Admitted: 4/8/21, Discharged: 4/11/21", ["Admitted: 4/8/21", "Discharged: 4/11/21"]),
        ("She was admitted to the ward on March 3, 2021 and was discharged home on 3/9/2021.",
         ["was admitted to the ward on March 3, 2021", "was discharged home on 3/9/2021"]),
        ("Date of Operation: 2021-03-04", ["Date of Operation: 2021-03-04"]),
        ("He underwent an aortic valve replacement on 01/22/2013.",
         ["underwent an aortic valve replacement on 01/22/2013"]),
        ("DATE OF ADMISSION : MM/DD/YYYY\nAdmission Date: ___", []),
        ("Her mother was admitted on 3/4/2021.", []),
    ],
)  # fmt: skip
def test_key_dates_are_found_with_their_labels(text, expected):
    assert told(text, "dates") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Imp: gastroenteritis \n\nPlan:\nRest", "gastroenteritis"),
        ("ASSESSMENT\n\nAsthma.\n\nPLAN\n\nAlbuterol.\n", "Asthma."),
        (
            "DISCHARGE DIAGNOSES :\n1 . Syncope .\n2 . COPD .\nCONSULTANTS : None .",
            "1 . Syncope . 2 . COPD .",
        ),
        ("Problem List:\n- CHF\n- CKD\n\nAssessment:\nStable.", "- CHF - CKD"),
        ("Assessment: ___\nDiagnosis: pneumonia", "pneumonia"),
        ("IMPRESSION:\n1. No acute process.\n2. Nodule.\n", "1. No acute process. 2. Nodule."),
        ("No such thing here.", ""),
    ],
)
def test_problems_are_the_list_or_else_the_diagnosis_or_else_the_assessment(text, expected):
    assert " ".join(told(text, "problems")) == expected


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("aF1 .,:;/-\n\t4Mo[*]é"), max_size=200), st.integers(0, 200))
def test_every_stretch_lies_in_its_note(text, start):
    facts = NoteFacts(text)
    start = min(start, len(text))
    spans = [*facts.demographics, *facts.dates, *facts.problems, *facts.before(start, 50)]
    spans += [span for span in [facts.section(start)] if span]
    assert all(0 <= first < last <= len(text) for first, last in spans)
