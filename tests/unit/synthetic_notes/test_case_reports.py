"""Case reports: published prose of patients of whom no other note is written."""

import re

import pytest

from synthetic_notes import generate_case_reports, generate_notes

REPORTS = list(generate_case_reports(60, 5, lambda patient: "train"))
HELD_OUT = list(generate_case_reports(60, 5, lambda patient: "test"))
NOTES = list(generate_notes(60, 5, lambda patient: "train"))


def test_each_patient_has_one_report_and_no_other_note():
    patients = [note.patient_id for note in REPORTS]
    assert len(set(patients)) == len(REPORTS) == 60
    assert not set(patients) & {note.patient_id for note in NOTES}
    assert not {note.note_id for note in REPORTS} & {note.note_id for note in NOTES}


def test_a_report_is_of_other_facts_than_the_note_of_the_same_number():
    summaries = [note for note in NOTES if note.category == "Discharge summary"]
    for report, summary in zip(REPORTS, summaries, strict=True):
        told = [span for span in report.spans if span.assertion == "present"][:3]
        found = [report.text[span.start : span.end] in summary.text for span in told]
        age = re.search(r"(\d+)-year-old", report.text)[1]
        assert not (all(found) and re.search(rf"\b{age}\b", summary.text[:900]))


@pytest.mark.parametrize("report", REPORTS + HELD_OUT, ids=lambda report: report.note_id)
def test_a_report_names_nobody_and_is_prose(report):
    assert report.category == "Case report"
    assert {report.text[span.start : span.end] for span in report.phi} <= set(
        map(str, range(90, 120))
    )
    assert not re.search(r"\bM[rs]s?\. |\bDr\. |\d/\d+/\d|\b\d+-\d+-\d", report.text)
    lines = [line for line in report.text.splitlines() if line]
    assert len(lines) == 4 and all(line.endswith(".") for line in lines)
    for span in report.spans:
        assert report.text[span.start : span.end].strip() == report.text[span.start : span.end]


def test_more_reports_change_none():
    assert list(generate_case_reports(3, 5, lambda patient: "train")) == REPORTS[:3]


def test_a_negative_number_of_patients_is_refused_at_once():
    with pytest.raises(ValueError, match="patients: -1 found"):
        generate_case_reports(-1, 5, lambda patient: "train")
