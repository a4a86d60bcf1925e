"""Requests to write sentences: what each is told, and which stay the same after an edit."""

import copy
import json

import pytest

from palimpsest.requests.config import CategoryPrompt, GenerateSpec
from palimpsest.requests.generate import (
    AGES,
    GENERATION_REQUESTS,
    PLACES,
    SEVERITIES,
    STYLES,
    generation_requests,
)
from palimpsest.runtime.identity import canonical_json

PROMPT = CategoryPrompt(
    system="You write.",
    user="{title}: {definition}\n{include}\nNot:\n{exclude}\nAs:\n{examples}\n{conditions}",
)
ASKED = {"requests": 60, "shots": 1, "max_tokens": 50}


def category(name: str) -> dict:
    return {
        "name": name,
        "title": f"Title {name}",
        "definition": f"Definition of {name}.",
        "include": [f"Included in {name}."],
        "exclude": [f"Excluded from {name}."],
        "examples": [f"Example of {name}.", "A second one."],
        "near_misses": [
            {"text": f"Nearly {name}.", "why": "denied"},
            {"text": f"Almost {name}.", "why": "another cause"},
        ],
    }


def taxonomy(*names: str) -> dict:
    return {
        "guideline": "Read.",
        "none": "Nothing of these.",
        "categories": [category(name) for name in names],
    }


TAXONOMY = taxonomy("memory", "mood", "help")


def made(seed=1, asked=ASKED, about=TAXONOMY) -> dict[str, dict]:
    spec = GenerateSpec(prompt=PROMPT, taxonomy=about, seed=seed, **asked)
    return {row["sentence_id"]: row for row in generation_requests(spec)}


def test_every_category_and_none_is_asked_for_equally_often():
    rows = made()
    assert len(rows) == 60 * 4
    assert list(rows)[:5] == [
        "memory.00000", "mood.00000", "help.00000", "none.00000", "memory.00001",
    ]  # fmt: skip
    assert all(set(row) == set(GENERATION_REQUESTS.names) for row in rows.values())
    assert {row["max_tokens"] for row in rows.values()} == {50}


def test_conditions_differ_so_that_no_two_requests_are_the_same():
    rows = made().values()
    assert len({row["request_key"] for row in rows}) == len(rows)


def test_conditions_are_told_as_they_were_drawn():
    for row in made().values():
        drawn = json.loads(row["conditions"])
        assert row["conditions"] == canonical_json(drawn)
        assert drawn["age"] in AGES and f" {drawn['age']}-year-old {drawn['sex']}" in row["user"]
        assert (drawn["note"], drawn["author"]) in PLACES[drawn["place"]]
        assert f"{drawn['place']}, {drawn['note']} written by {drawn['author']}" in row["user"]
        assert STYLES[drawn["style"]] in row["user"]
        assert ("an 8" in row["user"]) == (80 <= drawn["age"] < 90)


def test_about_a_third_deny_another_category_and_never_their_own():
    rows = [row for row in made().values() if row["category"] != "none"]
    denied = 0
    for row in rows:
        drawn = json.loads(row["conditions"])
        assert drawn["severity"] in SEVERITIES
        if "denied" in drawn:
            denied += 1
            assert drawn["denied"] != row["category"]
            assert f'"Title {drawn["denied"]}" is denied' in row["user"]
        else:
            assert "denied" not in row["user"]
    assert 0.2 < denied / len(rows) < 0.47


def test_none_is_about_a_near_miss_of_one_category():
    near = set()
    for row in made().values():
        if row["category"] != "none":
            continue
        drawn = json.loads(row["conditions"])
        near.add(drawn["near"])
        assert drawn["near_miss"] in row["user"] and "Nothing of these." in row["user"]
        # The mirror of the category: its near misses are the examples.
        assert f"Not:\n- Included in {drawn['near']}.\n" in row["user"]
        assert f"As:\n- Nearly {drawn['near']}.\n" in row["user"]
        assert f"Excluded from {drawn['near']}." not in row["user"]
    assert near == {"memory", "mood", "help"}


def test_a_taxonomy_of_one_category_has_nothing_to_deny():
    rows = made(about=taxonomy("memory"))
    assert not any("denied" in json.loads(row["conditions"]) for row in rows.values())


def test_more_requests_come_after_those_that_there_were():
    few, many = made(asked=ASKED | {"requests": 20}), made()
    assert list(many.items())[: len(few)] == list(few.items())


def test_another_seed_draws_other_conditions():
    assert made(1)["mood.00000"]["conditions"] != made(2)["mood.00000"]["conditions"]


def test_a_further_category_changes_only_what_now_names_it():
    before, after = made(), made(about=taxonomy("memory", "new", "mood", "help"))
    assert set(before) < set(after)
    changed = {name for name, row in before.items() if after[name] != row}
    named = {
        name
        for name in before
        if "new" in {json.loads(after[name]["conditions"]).get(key) for key in ("denied", "near")}
    }
    assert changed == named and len(changed) < len(before) / 5


def test_an_edited_definition_changes_only_the_requests_that_have_it():
    edited = copy.deepcopy(TAXONOMY)
    edited["categories"][1]["definition"] = "Sad."
    before, after = made(), made(about=edited)
    assert {name for name in before if before[name] != after[name]} == {
        name for name, row in before.items() if row["category"] == "mood"
    }


@pytest.mark.parametrize("shots", [0, 1, 2])
def test_so_many_examples_are_told(shots):
    row = made(asked=ASKED | {"shots": shots})["help.00000"]
    assert row["user"].count("Example of help.") == min(shots, 1)
    assert row["user"].count("A second one.") == (shots == 2)
