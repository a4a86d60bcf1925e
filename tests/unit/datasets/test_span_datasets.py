"""Sentences with spans: no character of a note is lost, no span is torn, files are as they are."""

from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.config import CollectSpec, Reading
from palimpsest.datasets.spans import SpansReader
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.labels import SPAN_EXAMPLES

LABELS = ["problem", "treatment"]


def reader(made_by="generator", **options):
    options = {"format": "conll"} | options
    spec = {"kind": "spans", "made_by": made_by, "labels": LABELS, "seed": 1}
    spec |= {
        "answer": "spans",
        "unit": "sentence",
        "files": [1, 1, 1],
        "reading": Reading(**options),
    }
    splits, budget = {"train": 1, "valid": 0, "test": 0}, {"train": 9, "valid": 9, "test": 9}
    return SpansReader(CollectSpec(**spec, splits=splits, examples=budget))


def span(text, part, label="problem"):
    start = text.index(part)
    return {"start": start, "end": start + len(part), "label": label, "assertion": "present"}


def examples(text, *spans):
    named = {"note_id": "n1", "patient_id": "p1", "split": "test"}
    return list(reader().of_note({**named, "text": text, "spans": list(spans)}, Account()))


def tokens(example):
    return [example["text"][token["start"] : token["end"]] for token in example["tokens"]]


def labelled(example):
    return [(example["text"][s["start"] : s["end"]], s["label"]) for s in example["spans"]]


def test_spans_stand_in_their_sentences():
    text = "No chest pain today. Aspirin 81 mg was given."
    first, second = examples(
        text, span(text, "Aspirin 81 mg", "treatment"), span(text, "chest pain")
    )
    assert tokens(first) == ["No", "chest", "pain", "today", "."]
    assert labelled(first) == [("chest pain", "problem")]
    assert tokens(second) == ["Aspirin", "81", "mg", "was", "given", "."]
    assert labelled(second) == [("Aspirin 81 mg", "treatment")]
    assert second["text"] == text[second["start"] : second["end"]]


def test_spans_that_touch_are_two_and_tokens_are_cut_where_spans_end():
    text = "fever chills nonradiating x-ray"
    inside = {"start": 16, "end": 25, "label": "problem"}
    (example,) = examples(text, span(text, "fever"), span(text, "chills"), inside)
    assert labelled(example) == [
        ("fever", "problem"), ("chills", "problem"), ("radiating", "problem"),
    ]  # fmt: skip
    assert tokens(example) == ["fever", "chills", "non", "radiating", "x", "-", "ray"]


def test_sentences_that_a_span_crosses_are_one():
    text = "He has pain. Worse at night. He sleeps."
    first, second = examples(text, span(text, "pain. Worse at night"))
    assert first["text"] == "He has pain. Worse at night." and second["text"] == "He sleeps."
    assert labelled(first) == [("pain. Worse at night", "problem")]


def test_spans_of_other_labels_are_left_out():
    text = "Chest x-ray."
    (example,) = examples(text, span(text, "Chest x-ray", "test"))
    assert example["spans"] == []


def test_an_abbreviation_or_a_wrapped_line_ends_no_sentence():
    text = "Seen by Dr. Smith for shortness of\nbreath. Fever.\n\nPLAN:\n1. Aspirin"
    made = examples(text, span(text, "shortness of\nbreath"))
    assert [example["text"] for example in made] == [
        "Seen by Dr. Smith for shortness of\nbreath.", "Fever.", "PLAN:", "1. Aspirin",
    ]  # fmt: skip
    assert labelled(made[0]) == [("shortness of\nbreath", "problem")]


WORDS = st.lists(st.sampled_from(["pain", "81", ".", "\n", " ", "É", "-", "_", "No"]), max_size=20)


@given(WORDS, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=4))
def test_every_character_that_is_no_blank_is_in_a_token_and_every_span_is_whole(words, spans):
    text = "".join(words)
    made, last = [], 0
    for start, size in sorted(spans):  # apart, and without blanks at their ends
        part = text[start : start + size]
        start += len(part) - len(part.lstrip())
        if part.strip() and start >= last:
            last = start + len(part.strip())
            made.append({"start": start, "end": last, "label": "problem"})
    found = examples(text, *made)
    assert "".join(part for example in found for part in tokens(example)) == "".join(text.split())
    for example in found:
        assert set(example) == set(SPAN_EXAMPLES.names)
        assert example["text"] == text[example["start"] : example["end"]]
        starts = {token["start"] for token in example["tokens"]}
        ends = {token["end"] for token in example["tokens"]}
        assert all(one["start"] in starts and one["end"] in ends for one in example["spans"])
    moved = [
        {**one, "start": one["start"] + example["start"], "end": one["end"] + example["start"]}
        for example in found
        for one in example["spans"]
    ]
    assert moved == made


def test_examples_know_their_patient_and_split():
    (example,) = examples("Pain. ")
    assert example["example_id"] == "n1:0-5" and example["group"] == "p1"
    assert (example["split"], example["made_by"]) == ("test", "generator")


def test_protected_health_information_is_a_dataset_too():
    phi = SpansReader(reader().spec.model_copy(update={"of": "phi", "labels": ["NAME"]}))
    text = "Seen by Noone on 3/14."
    found = [{"start": 8, "end": 13, "label": "NAME"}, {"start": 17, "end": 21, "label": "DATE"}]
    note = {"note_id": "n1", "patient_id": "p1", "split": "test", "text": text, "phi": found}
    (example,) = phi.of_note(note, Account())
    assert phi.carried_as == "phi" and labelled(example) == [("Noone", "NAME")]
    assert phi.left_out == {"DATE": 1}
