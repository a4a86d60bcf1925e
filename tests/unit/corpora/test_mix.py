"""Corpora take documents in one order, up to a budget, and cut the last at a sentence."""

import random
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_of_parts import ASKED, DOCUMENTS, SENTENCES, document, mixed, notes, rephrased, total

from palimpsest.corpora import mix
from palimpsest.corpora.parts import SyntheticNotesPart
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.sampling import within_budget

FEW = settings(max_examples=12, deadline=None)  # each writes tables
LONGEST = 6  # words of a sentence of these documents, rounded up


def places(rows):
    return [(row["note_id"], row["start"], row["repeat"]) for row in rows]


def taken(documents, budget, seed=0, **options):
    with TemporaryDirectory() as folder:
        return mixed(Path(folder), notes(Path(folder), documents, **options), budget, seed)


@FEW
@given(DOCUMENTS, st.data())
def test_a_larger_budget_keeps_what_a_smaller_one_took(documents, data):
    large = data.draw(st.integers(1, total(documents)))
    small = data.draw(st.integers(1, large))
    more, less = taken(documents, large), taken(documents, small)
    assert more[: len(less) - 1] == less[:-1]
    assert places(more)[: len(less)] == places(less)
    assert more[len(less) - 1]["text"].startswith(less[-1]["text"])


@FEW
@given(DOCUMENTS, st.data())
def test_a_budget_is_met_to_half_a_sentence(documents, data):
    budget = data.draw(st.integers(LONGEST, total(documents) + LONGEST))
    if total(documents) < budget:
        return
    rows = taken(documents, budget)
    assert abs(total(rows) - budget) <= LONGEST / 2
    assert [row["cut"] for row in rows[:-1]] == [False] * (len(rows) - 1)


@FEW
@given(DOCUMENTS, st.data())
def test_a_cut_passage_has_the_offsets_of_what_is_left(documents, data):
    budget = data.draw(st.integers(1, total(documents)))
    whole = {(row["note_id"], row["start"]): row["text"] for row in documents}
    for row in taken(documents, budget):
        text = whole[row["note_id"], row["start"]]
        assert row["text"] == text[: row["end"] - row["start"]]
        assert row["cut"] == (row["text"] != text)
        assert row["tokens"] == len(row["text"].split()) > 0
        assert row["text"].endswith(".")


@FEW
@given(DOCUMENTS, st.data())
def test_the_order_and_number_of_the_tables_do_not_matter(documents, data):
    budget = data.draw(st.integers(1, total(documents)))
    before = taken(documents, budget, seed=3)
    shuffled = random.Random(0).sample(documents, len(documents))
    with TemporaryDirectory() as folder:
        source = notes(Path(folder), shuffled[::2], shuffled[1::2], [])
        assert mixed(Path(folder), source, budget, seed=3) == before


@FEW
@given(DOCUMENTS, st.data())
def test_notes_are_taken_in_the_order_in_which_they_are_asked_about(documents, data):
    budget = data.draw(st.integers(1, total(documents)))
    asked = [(row["note_id"], row["start"], 0) for row in within_budget(documents, budget, 3)]
    assert places(taken(documents, budget, seed=3)) in (asked, asked[:-1])


@FEW
@given(DOCUMENTS, st.data())
def test_documents_in_buckets_are_in_the_same_order(documents, data):
    budget = data.draw(st.integers(1, total(documents)))
    before = taken(documents, budget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mix, "BUCKET", 9)
        assert taken(documents, budget) == before


@FEW
@given(DOCUMENTS, DOCUMENTS, st.data())
def test_a_further_round_comes_after_the_first(first, second, data):
    known = {(row["note_id"], row["start"]) for row in first}
    second = [row for row in second if (row["note_id"], row["start"]) not in known]
    budget = data.draw(st.integers(1, total(first)))
    with TemporaryDirectory() as folder:
        once = mixed(Path(folder), rephrased(Path(folder), first), budget)
        again = mixed(Path(folder), rephrased(Path(folder), first, second), budget)
        everything = rephrased(Path(folder), first, second)
        rows = mixed(Path(folder), everything, total(first + second))
    assert again == once, "a further round changes nothing of a budget that was reached"
    assert {place[:2] for place in places(rows[: len(first)])} == known


@FEW
@given(DOCUMENTS, st.integers(1, 100))
def test_a_shortfall_is_an_error_that_names_the_part(documents, lacking):
    budget = total(documents) + lacking
    with pytest.raises(
        UserError, match=f"corpus 'plain', part 1: {total(documents):,} tokens are there, the"
    ) as raised:
        taken(documents, budget)
    assert f"the budget is {budget:,}" in str(raised.value)
    assert f"`repeat: {-(-budget // total(documents))}`" in str(raised.value)


def test_a_shortfall_says_how_a_part_of_its_kind_comes_by_more(tmp_path):
    rows = [document("n1", 0, SENTENCES[0])]
    synthesis = SyntheticNotesPart(kind="synthetic_notes", **ASKED, tokens=1)
    for part, told in (
        (notes(tmp_path, rows).part, "Give its source more training notes, allow"),
        (rephrased(tmp_path, rows).part, "Raise the `tokens` of its rephrasing (only"),
        (synthesis, "Raise the `tokens` of its synthesis (only"),
    ):
        source = replace(rephrased(tmp_path, rows), part=part)
        with pytest.raises(UserError, match=re.escape(f"the budget is 9. {told}")):
            mixed(tmp_path, source, 9)


def test_no_document_is_a_shortfall():
    with pytest.raises(UserError, match="0 tokens are there, the budget is 1"):
        taken([], 1)


@FEW
@given(DOCUMENTS, st.integers(2, 4), st.data())
def test_documents_are_repeated_where_it_is_declared(documents, repeat, data):
    budget = data.draw(st.integers(total(documents) + 1, repeat * total(documents)))
    rows = taken(documents, budget, repeat=repeat)
    assert max(row["repeat"] for row in rows) < repeat
    once = taken(documents, total(documents))
    for row, number in zip(rows, range(len(rows)), strict=True):
        turn, place = divmod(number, len(once))
        assert places([row]) == [(*places([once[place]])[0][:2], turn)]
    with pytest.raises(UserError, match=f"tokens are there, {repeat} times, the budget is"):
        taken(documents, repeat * total(documents) + 1, repeat=repeat)


def test_the_only_document_is_never_left_out():
    (row,) = taken([document("n1", 0, "One sentence of six words only. And more.")], 1)
    assert row["text"] == "One sentence of six words only." and row["cut"]


def test_a_passage_that_stands_twice_is_an_error():
    row = document("n1", 7, "No pain.")
    with pytest.raises(UserError, match="1 passages stand twice .* note 'n1' from 7"):
        taken([row, document("n2", 0, "Pain."), row], 1)


def asked_about(rows):
    """A passage for each rephrase: its words with others after them."""
    return {
        row["request_key"]: {
            "passage": row["text"].replace(".", " indeed."),
            "passage_tokens": len(row["text"].split()) + row["text"].count("."),
        }
        for row in rows
    }


@FEW
@given(DOCUMENTS, st.data())
def test_matched_notes_are_the_passages_of_the_same_rephrases(documents, data):
    half = len(documents) // 2
    rounds = documents[half:], documents[:half]
    budget = data.draw(st.integers(1, total(documents)))
    passages = [asked_about(rows) for rows in rounds]
    # What the second round asked about had been asked about in the first, and was rejected there.
    with TemporaryDirectory() as folder:
        rephrases = mixed(Path(folder), rephrased(Path(folder), *rounds), budget)
        originals = mixed(Path(folder), rephrased(Path(folder), *rounds, matched=passages), budget)
    assert places(originals) == places(rephrases)
    known = passages[0] | passages[1]
    for row, other in zip(originals, rephrases, strict=True):
        whole = known[other["request_key"]]
        assert row["request_key"] is None
        assert row["cut"] == (row["text"] != whole["passage"])
        assert whole["passage"].startswith(row["text"])
        assert other["cut"] or not row["cut"]
