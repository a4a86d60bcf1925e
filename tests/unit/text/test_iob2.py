"""IOB2 tags say the spans that they were made of, and are read as strictly as seqeval does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.scheme import IOB2, Entities

from palimpsest.text.iob2 import spans_of, tag_names, tagged_ranges, tags_of

TAGS = tag_names(["problem", "treatment"])


def offsets(text, part, **label):
    start = text.index(part)
    return {"start": start, "end": start + len(part), **label}


def tagged(text, *spans):
    tokens = [offsets(text, word) for word in text.split()]
    return tags_of(tokens, [offsets(text, part, label=label) for part, label in spans])


def test_a_spans_tokens_are_tagged_and_no_others():
    tags = tagged("chest pain was treated", ("chest pain", "problem"), ("treated", "treatment"))
    assert tags == ["B-problem", "I-problem", "O", "B-treatment"]


def test_spans_that_touch_are_two():
    tags = tagged("fever chills", ("fever", "problem"), ("chills", "problem"))
    assert tags == ["B-problem", "B-problem"]


def test_a_span_inside_a_token_tags_the_token_and_the_first_of_several_wins():
    text = "nonradiating pain"
    assert tagged(text, ("radiating", "problem")) == ["B-problem", "O"]
    both = tagged(text, ("nonradiating pain", "problem"), ("pain", "treatment"))
    assert both == ["B-problem", "I-problem"]


@pytest.mark.parametrize(
    ("tags", "ranges"),
    [
        (["B-problem", "I-problem", "O"], [(0, 2, "problem")]),
        (["B-problem", "O", "I-problem"], [(0, 1, "problem")]),
        (["B-problem", "I-treatment", "I-problem"], [(0, 1, "problem")]),
        (["O", "I-problem", "I-problem"], []),
        (["B-problem", "B-problem"], [(0, 1, "problem"), (1, 2, "problem")]),
    ],
)
def test_ranges_of_known_tags(tags, ranges):
    assert tagged_ranges(tags) == ranges


@given(st.lists(st.sampled_from(TAGS), max_size=12))
def test_tags_are_read_as_seqeval_reads_them(tags):
    entities = Entities([tags], IOB2).entities[0] if tags else []
    assert tagged_ranges(tags) == [(entity.start, entity.end, entity.tag) for entity in entities]


@given(st.lists(st.sampled_from(TAGS), max_size=12))
def test_spans_of_tags_give_the_tags_back(tags):
    tokens = [{"start": 2 * place, "end": 2 * place + 1} for place in range(len(tags))]
    spans = spans_of(tokens, tags)
    assert spans_of(tokens, tags_of(tokens, spans)) == spans
