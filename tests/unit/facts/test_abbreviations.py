"""Abbreviations that no lexicon has are told by the name in the other text."""

import pytest

from palimpsest.facts.abbreviations import abbreviated, abbreviates
from palimpsest.facts.compare import findings
from palimpsest.facts.extract import facts_of


def wrong(passage: str, rephrase: str) -> set[tuple[str, str]]:
    return {(one.type, one.status) for one in findings(passage, rephrase) if one.status != "kept"}


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("gd", "gaucher disease"),
        ("sdh", "subdural hematoma"),
        ("hcm", "hypertrophic cardiomyopathy"),
        ("scc", "spinal cord compression"),
    ],
)
def test_letters_stand_in_the_order_of_the_words(short, name):
    assert abbreviates(short, name.split())


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("gd", "gaucher"),
        ("gx", "gaucher disease"),
        ("dg", "gaucher disease"),
        ("g", "gout disease"),
    ],
)
def test_letters_that_no_word_has_abbreviate_nothing(short, name):
    assert not abbreviates(short, name.split())


def test_what_is_said_of_an_abbreviation_is_compared():
    passage = "Her father has Gaucher disease."
    assert not wrong(passage, "FH: GD in father.")
    assert wrong(passage, "She has GD.") == {("experiencer", "changed")}
    assert wrong("CT showed Gaucher disease.", "CT: no GD.") == {("negation", "changed")}


def test_an_abbreviation_of_two_things_is_the_one_that_the_other_text_names():
    passage = "Her brother has ankylosing spondylitis."
    assert not wrong(passage, "FH: AS in brother.")
    assert wrong(passage, "She has AS.") == {("experiencer", "changed")}
    assert wrong(passage, "FH: RA in brother.") == {("problem", "changed")}


def test_the_work_does_not_grow_with_abbreviations_times_names(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "palimpsest.facts.abbreviations.abbreviates", lambda *_: bool(calls.append(1))
    )
    capitals = " ".join(f"{a}{b}{c}." for a in "QXZJ" for b in "QXZJ" for c in "QXZJKV")
    one = facts_of("Cystic fibrosis. Subdural hematoma.")
    abbreviated(facts_of(capitals), one)
    once = len(calls)
    abbreviated(facts_of(f"{capitals} {capitals.replace('Q', 'V')}"), one)
    assert 0 < len(calls) == 2 * once
