"""The screen of findings: by type, by status and by number."""

import pytest
from pydantic import ValidationError

from palimpsest.screens.fidelity import Fidelity
from palimpsest.screens.screen import Answer


def answer(passage: str, text: str) -> Answer:
    return Answer(system="", user=passage, passage=passage, said=text, text=text, truncated=False)


CHANGED = answer("Metformin 500 mg BID. Denies fever.", "Metformin 850 mg BID. Denies fever.")


def screen(**fields) -> Fidelity:
    return Fidelity(name="fidelity", **{"types": ["dose"], "max": 0, **fields})


def test_a_finding_of_a_declared_type_rejects():
    assert screen().check(CHANGED) == "fidelity"
    assert screen(types=["negation"]).check(CHANGED) is None


def test_as_many_findings_as_allowed_pass():
    assert screen(max=1).check(CHANGED) is None


def test_only_declared_statuses_count():
    shorter = answer("Fever and cough.", "Fever.")
    assert screen(types=["problem"]).check(shorter) == "fidelity"
    assert screen(types=["problem"], statuses=["changed", "added"]).check(shorter) is None


def test_a_type_must_be_one_of_the_rules():
    with pytest.raises(ValidationError):
        screen(types=["dosage"])
    with pytest.raises(ValidationError):
        screen(types=[])
