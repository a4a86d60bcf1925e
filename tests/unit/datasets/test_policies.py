"""Entities after the policies lie apart, within the text, and every other one is counted."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.annotated import Document, Entity, Findings
from palimpsest.datasets.config import CollectSpec, Reading
from palimpsest.datasets.formats.conll import read_conll
from palimpsest.datasets.policies import apart, sound
from palimpsest.runtime.accounting import Account

TEXT = "He has  chest pain, fever\nand a cough. "
PARTS = st.tuples(st.integers(-2, 45), st.integers(-1, 9)).map(lambda at: (at[0], at[0] + at[1]))


@st.composite
def entities(draw):
    found = []
    for number, parts in enumerate(draw(st.lists(st.lists(PARTS, min_size=1, max_size=2)))):
        label = draw(st.sampled_from(["a", "b"]))
        first, last = parts[0], parts[-1]
        gaps = tuple(parts) if len(parts) > 1 else ()
        found.append(Entity(first[0], last[1], label, f"f:{number}", parts=gaps))
    return found


@given(
    entities(),
    st.sampled_from(["hull", "first", "reject"]),
    st.sampled_from(["longest", "first", "reject"]),
)
def test_what_is_kept_lies_apart_and_all_else_is_counted(found, discontinuous, overlaps):
    reading = Reading(mismatches="reject", discontinuous=discontinuous, overlaps=overlaps)
    account = Account()
    kept = sound(Document(Path("f"), "f:1", TEXT, entities=found), reading, account)
    kept = apart(kept, reading, account)
    assert len(kept) + account.rejected.total() == len(found)
    last = 0
    for one in kept:
        assert last <= one.start < one.end <= len(TEXT)
        part = TEXT[one.start : one.end]
        assert part == part.strip()
        last = one.end


def test_an_entity_over_the_end_of_a_line_has_no_gap():
    end = TEXT.index("\n")
    parts = ((end - 5, end), (end + 1, end + 4))
    entity = Entity(end - 5, end + 4, "a", "f:1", parts=parts)
    reading, account = Reading(discontinuous="reject"), Account()
    (kept,) = sound(Document(Path("f"), "f:1", TEXT, entities=[entity]), reading, account)
    assert (kept.start, kept.end, account.rejected.total()) == (end - 5, end + 4, 0)


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ("longest", ["2-9", "9-12"]),
        ("first", ["0-3", "3-5", "9-12"]),
        ("reject", ["9-12"]),
    ],
)
def test_a_chain_of_overlaps(policy, kept):
    places = [(0, 3), (2, 9), (3, 5), (9, 12)]
    found = [Entity(start, end, "a", f"f:{start}") for start, end in places]
    account = Account()
    made = apart(found, Reading(overlaps=policy), account)
    assert [f"{one.start}-{one.end}" for one in made] == kept
    assert account.rejected == {"overlap": len(places) - len(kept)}


def tags_in(scheme, spans, count):
    """Tags of spans of tokens, (first, behind, label), written from the definitions."""
    tags = ["O"] * count
    previous = (-1, None)  # where the span before ends, and its label
    for first, behind, label in spans:
        for token in range(first, behind):
            prefix = "B" if token == first else "I"
            if scheme == "iob1" and prefix == "B" and previous != (first, label):
                prefix = "I"
            if scheme in ("iobes", "bilou") and token == behind - 1:
                alone = token == first
                prefix = {"iobes": "ES", "bilou": "LU"}[scheme][alone]
            tags[token] = f"{prefix}-{label}"
        previous = (behind, label)
    return tags


@st.composite
def spans_of_tokens(draw):
    spans, token = [], 0
    for gap, size, label in draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from("xy")), max_size=5)
    ):
        spans.append((token + gap, token + gap + size, label))
        token += gap + size
    return spans, token + draw(st.integers(1, 2))


@given(st.sampled_from(["iob1", "iob2", "iobes", "bilou"]), st.booleans(), spans_of_tokens())
def test_tags_of_every_scheme_say_the_spans_that_they_were_written_for(scheme, declared, drawn):
    spans, count = drawn
    tags = tags_in(scheme, spans, count)
    lines = "".join(f"w{number}\t{tag}\n" for number, tag in enumerate(tags))
    spec = {"kind": "spans", "made_by": "experts", "labels": ["x", "y"], "seed": 1}
    reading = Reading(format="conll", scheme=scheme if declared else "detect")
    spec = CollectSpec(**spec, answer="spans", unit="sentence", reading=reading)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.conll")
        path.write_text(lines)
        (document,) = read_conll([path], spec, Findings())
    starts = [token["start"] for token in document.tokens]
    ends = [token["end"] for token in document.tokens]
    found = [
        (starts.index(one.start), ends.index(one.end) + 1, one.label) for one in document.entities
    ]
    assert found == spans
