"""The names of request sets say their parts, and parts make one name each."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.runtime.request_sets import NO_CONTEXT, RequestSet, reserved

NAMES = st.text(st.sampled_from("abretyZ019_-"), min_size=1, max_size=8)
CONTEXTS = st.one_of(st.just(NO_CONTEXT), NAMES.filter(lambda name: not reserved(name)))


@settings(deadline=None)
@given(NAMES, NAMES, CONTEXTS, st.integers(0, 9))
def test_a_name_is_read_as_it_was_made(name, prompt, context, round_):
    asked = RequestSet(name, prompt, context, round_)
    assert RequestSet.parse(str(asked)) == asked


def test_names_without_a_context_are_those_that_there_were():
    assert str(RequestSet("ward", "plain")) == "ward.plain"
    assert str(RequestSet("ward", "plain", round=2)) == "ward.plain.retry2"
    assert str(RequestSet("ward", "plain", "stay", 2)) == "ward.plain.stay.retry2"


@pytest.mark.parametrize("name", ["ward", "ward.plain.stay.more", "ward.plain.a.b.retry1"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="."):
        RequestSet.parse(name)


def test_a_context_that_would_name_another_set_is_reserved():
    assert (
        reserved("none") and reserved("retry1") and not reserved("retry") and not reserved("stay")
    )


def test_wildcards_name_a_set_whole_or_in_parts():
    asked = RequestSet("ward", "plain", "stay", 1)
    parts = {"source": "ward", "prompt": "plain", "context": "stay", "round": "1", "llm": "a"}
    assert RequestSet.of_wildcards(parts) == asked
    assert RequestSet.of_wildcards({"request_set": "ward.plain.stay.retry1"}) == asked
    assert RequestSet.of_wildcards({"dataset": "gold", "prompt": "label"}) == (
        "gold",
        "label",
        "none",
        0,
    )
    assert RequestSet.of_wildcards({"source": "ward", "shard": "000-of-001"}) is None
