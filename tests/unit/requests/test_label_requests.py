"""Requests for labels: one definition each, nothing of a text read as a placeholder."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.requests.config import CategoryPrompt, LabelSpec
from palimpsest.requests.label import (
    LABEL_REQUESTS,
    NO_CONTENT,
    LabelRequests,
    fill,
    reasons_not_to_ask,
)
from palimpsest.requests.rephrase import SCHEMA
from palimpsest.runtime.labels import CONTENT_FREE
from palimpsest.runtime.taxonomy import AskedCategory, AskedTaxonomy

PROMPT = CategoryPrompt(
    system="{guideline} {none}",
    user="{title}|{definition}|{include}|{exclude}|{examples}|{near_misses}|{sentence}",
)


def category(name, **changes):
    shown = {"title": name.title(), "definition": f"It is {name}.", "include": ["a", "b"]}
    shown |= {"exclude": ["c"], "examples": ["E one.", "E two."]}
    misses = [{"text": "M one.", "why": "denied"}, {"text": "M two.", "why": "a relative"}]
    return AskedCategory(**{"name": name, **shown, "near_misses": misses, **changes})


def taxonomy(*categories):
    return AskedTaxonomy(guideline="Rules.", none="Nothing.", categories=list(categories))


def requests(*categories, rationale=False):
    told = {"prompt": PROMPT, "taxonomy": taxonomy(*categories), "shots": 1}
    return LabelRequests(LabelSpec(**told, calibration=True, rationale=rationale))


def sentence(text="No pain.", **changes):
    place = {"sentence_id": "n:0-8", "note_id": "n", "start": 0, "end": 8, "tokens": 3}
    return {**place, "text": text, **changes}


def test_a_prompt_is_filled_with_the_category():
    one = category("gait")
    system, user = fill(PROMPT, taxonomy(one), one, 1, sentence="S")
    assert system == "Rules. Nothing."
    assert user == "Gait|It is gait.|- a\n- b|- c|- E one.|- M one. (denied)|S"
    assert fill(PROMPT, taxonomy(one), one, 0, sentence="S")[1].endswith("- c|||S")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_filled_in_is_never_read_as_a_placeholder(text):
    one = category("gait", definition="Not {sentence} nor {title}.")
    _, user = fill(PROMPT, taxonomy(one), one, 1, sentence=text + "{exclude}{}")
    assert user.endswith(f"|- M one. (denied)|{text}{{exclude}}{{}}")
    assert user.startswith("Gait|Not {sentence} nor {title}.|")


def test_another_definition_changes_only_the_requests_of_its_category():
    before = requests(category("a"), category("b"))
    new = [category("a", definition="Other."), category("b"), category("c")]
    after = requests(*new)
    keys = [
        {name: asked.request(sentence(), name)["request_key"] for name in ("a", "b")}
        for asked in (before, after)
    ]
    assert keys[0]["a"] != keys[1]["a"] and keys[0]["b"] == keys[1]["b"]
    # A category's other name is in none of the texts.
    renamed = requests(category("z", title="A", definition="It is a."))
    assert renamed.request(sentence(), "z")["request_key"] == keys[0]["a"]


def test_a_request_has_the_columns_of_its_table_and_a_scored_answer():
    asked = requests(category("a"))
    request = asked.request(sentence("No\n  pain."), "a")
    assert list(request) == LABEL_REQUESTS.names and set(SCHEMA.names) < set(request)
    assert request["passage"] == "No\n  pain." and request["user"].endswith("|No pain.")
    assert json.loads(request["constraint"]) == {"choices": ["No", "Yes"]}
    assert request["max_tokens"] == 1


def test_with_a_rationale_the_answer_is_written():
    asked = requests(category("a"), rationale=True)
    request = asked.request(sentence(), "a")
    schema = json.loads(request["constraint"])["schema"]
    assert list(schema["properties"]) == ["answer", "rationale"]  # of canonical JSON
    assert schema["required"] == ["rationale", "answer"] and request["max_tokens"] == 128


def test_sentences_without_content_are_asked_about_each_category():
    asked = requests(category("a"), category("b"))
    made = list(asked.content_free(["b"]))
    assert [request["category"] for request in made] == ["b"] * len(NO_CONTENT)
    assert all(request["sentence_id"].startswith(CONTENT_FREE) for request in made)
    assert len({request["request_key"] for request in made}) == len(NO_CONTENT)
    assert {(request["note_id"], request["start"]) for request in made} == {("", 0)}


@pytest.mark.parametrize(
    ("wanted", "answers", "expected"),
    [
        (None, None, {"a": None, "b": None}),
        ([], None, {"a": None, "b": None}),
        (["b"], None, {"a": "not_wanted", "b": None}),
        (None, {"a": True, "b": False}, {"a": None, "b": "answered_no"}),
        (None, {"a": True, "b": None}, {"a": "unanswered", "b": "unanswered"}),
    ],
)
def test_which_categories_are_asked_about(wanted, answers, expected):
    assert reasons_not_to_ask(["a", "b"], wanted, answers) == expected
