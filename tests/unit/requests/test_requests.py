"""Requests: their keys are made of what is asked, and of nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from palimpsest.requests.config import Prompt
from palimpsest.requests.rephrase import SMALLEST_ROOM, rephrase_request, request_key

PROMPT = Prompt(system="Rewrite.", user="Say it:\n\n{passage}\n")


@given(
    *[st.text(st.characters(exclude_categories=["Cs"]))] * 4, st.integers(1, 9), st.integers(1, 9)
)
def test_a_key_is_of_system_user_and_room(system, user, system2, user2, room, room2):
    same = request_key(system, user, room) == request_key(system2, user2, room2)
    assert same == ((system, user, room) == (system2, user2, room2))


def test_the_key_of_free_text_is_that_of_ledgers_before_there_were_constraints():
    assert request_key("You rewrite notes.", "Say it:\n\nChest pain.", 150) == (
        "ca5335726da40fe3ab6b9ad775f8c91f6974ee436b610f8f09fa70aab5287863"
    )


def test_a_constraint_is_part_of_the_key():
    constraints = [None, '{"choices":["no","yes"]}', '{"choices":["no","perhaps"]}']
    assert len({request_key("", "Pain?", 1, constraint) for constraint in constraints}) == 3


def row(**changes):
    values = {"note_id": "n1", "start": 3, "end": 9, "text": "Pain {passage} {0}.", "tokens": 100}
    return values | changes


def test_a_key_holds_no_name_and_no_place():
    here = rephrase_request(row(), PROMPT)
    there = rephrase_request(
        row(note_id="n2", start=4, end=5), PROMPT.model_copy(update={"lead_in": ["Sure"]})
    )
    assert here["request_key"] == there["request_key"]
    assert here["note_id"] == "n1" and here["start"] == 3 and here["end"] == 9


def test_braces_in_a_passage_and_in_a_prompt_stay():
    request = rephrase_request(row(), PROMPT.model_copy(update={"user": "As {json}: {passage} {}"}))
    assert request["user"] == "As {json}: Pain {passage} {0}. {}"
    assert request["passage"] == "Pain {passage} {0}."


def test_a_prompt_may_name_the_section_and_is_given_nothing_where_there_is_none():
    prompt = PROMPT.model_copy(update={"user": "Of {section}: {passage} ({section})"})
    request = rephrase_request(row(section="Plan", text="A {section}."), prompt)
    assert request["user"] == "Of Plan: A {section}. (Plan)" and request["section"] == "Plan"
    assert rephrase_request(row(section=""), prompt)["user"] == "Of : Pain {passage} {0}. ()"


def test_a_section_that_the_prompt_does_not_name_makes_no_other_request():
    keys = {rephrase_request(row(section=name), PROMPT)["request_key"] for name in ("", "Plan")}
    assert len(keys) == 1


def test_the_room_for_an_answer_grows_with_its_passage():
    rooms = [rephrase_request(row(tokens=tokens), PROMPT)["max_tokens"] for tokens in (1, 100, 101)]
    assert rooms == [SMALLEST_ROOM, 150, 152]


def test_an_edited_prompt_makes_other_requests():
    before = rephrase_request(row(), PROMPT)["request_key"]
    for changed in ({"system": "Rewrite!"}, {"user": "Say:\n\n{passage}"}, {"max_output_ratio": 2}):
        assert rephrase_request(row(), PROMPT.model_copy(update=changed))["request_key"] != before
