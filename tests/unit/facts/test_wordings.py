"""Many ways to say one thing are read alike, and the same with a name that no lexicon has."""

from itertools import permutations
from pathlib import Path

import pytest
import yaml

from palimpsest.facts.compare import findings
from palimpsest.facts.extract import facts_of
from palimpsest.facts.model import UNFAITHFUL

WAYS = yaml.safe_load(Path(__file__).with_name("wordings.yaml").read_text(encoding="utf-8"))
SAID = ("absent", "possible", "present")
UNKNOWN = "blorpia"


def told(text: str, **names: str) -> str:
    for slot, name in names.items():
        text = text.replace(slot, name)
    return text


@pytest.mark.parametrize("kind", WAYS["same"])
def test_two_ways_to_say_one_thing_have_no_finding(kind):
    closing = " Seen in clinic today by the team."  # so that it is clear what the text is about
    wrong = [
        (one, other, [(f.type, f.status) for f in found])
        for one, other in permutations(WAYS["same"][kind], 2)
        if (
            found := [f for f in findings(one + closing, other + closing) if f.status in UNFAITHFUL]
        )
    ]
    assert not wrong


@pytest.mark.parametrize("text", WAYS["order"])
def test_what_was_first_is_read(text):
    orders = facts_of(told(text, X="colonoscopy", Y="bronchoscopy")).orders
    told_of = {(one.earlier[1], one.later[1]) for one in orders if one.earlier[0] == "procedure"}
    assert told_of == {("colonoscopy", "bronchoscopy")}


@pytest.mark.parametrize("said", SAID)
def test_whether_it_is_there_is_read(said):
    for text in WAYS[said]:
        mentions = facts_of(told(text, X="pneumonia")).mentions
        assert {m.said for m in mentions if m.concept[1] == "pneumonia"} == {said}, text


@pytest.mark.parametrize(("way", "said"), [("denied", "absent"), ("reported", "present")])
def test_symptoms_are_read(way, said):
    for text in WAYS[way]:
        mentions = facts_of(told(text, X="fever", Y="cough")).mentions
        assert {m.said for m in mentions if m.concept[1] in ("fever", "cough")} == {said}, text


@pytest.mark.parametrize(("way", "family"), [("relative", True), ("own", False)])
def test_whose_it_is_is_read(way, family):
    for text in WAYS[way]:
        mentions = facts_of(text).mentions
        assert {m.family for m in mentions if m.concept[1] == "gout"} == {family}, text


@pytest.mark.parametrize(("one", "other"), list(permutations(SAID, 2)))
def test_an_unknown_name_that_turns_is_found(one, other):
    """Where one of the texts has it in a place in which a name must stand."""
    pairs = found = 0
    for first, second in zip(WAYS[one], reversed(WAYS[other]), strict=False):
        types = {
            f.type
            for f in findings(told(first, X=UNKNOWN), told(second, X=UNKNOWN))
            if f.status in UNFAITHFUL
        }
        pairs, found = pairs + 1, found + bool(types & {"negation", "uncertainty"})
    assert found >= 0.95 * pairs


def test_an_unknown_name_said_otherwise_has_no_finding():
    for said in SAID:
        for first, second in zip(WAYS[said], reversed(WAYS[said]), strict=True):
            texts = told(first, X=UNKNOWN), told(second, X=UNKNOWN)
            wrong = [f for f in findings(*texts) if f.status in UNFAITHFUL]
            assert not [f for f in wrong if f.type != "procedure"], texts  # some name no CT


def test_an_unknown_name_of_a_relative_that_becomes_the_patient_s_is_found():
    missed = []
    for first in WAYS["relative"]:
        for second in WAYS["own"]:
            texts = [
                text.replace("gout", UNKNOWN).replace("Gout", UNKNOWN.title())
                for text in (first, second)
            ]
            if not any(f.status in UNFAITHFUL for f in findings(*texts)):
                missed.append(texts)
    assert len(missed) <= 0.02 * len(WAYS["relative"]) * len(WAYS["own"]), missed[:5]
