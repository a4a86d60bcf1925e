"""Sentences with spans: no character of a note is lost, no span is torn, files are as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.spans import SpansReader
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import SPAN_EXAMPLES

LABELS = ["problem", "treatment"]


def reader(made_by="generator"):
    spec = {"kind": "spans", "made_by": made_by, "labels": LABELS, "seed": 1, "format": "conll"}
    spec |= {"answer": "spans", "unit": "sentence", "files": [1, 1, 1]}
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


def test_spans_that_touch_are_two_and_those_inside_a_token_take_all_of_it():
    text = "fever chills nonradiating x-ray"
    inside = {"start": 16, "end": 25, "label": "problem"}
    (example,) = examples(text, span(text, "fever"), span(text, "chills"), inside)
    assert labelled(example) == [
        ("fever", "problem"), ("chills", "problem"), ("nonradiating", "problem"),
    ]  # fmt: skip


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
def test_every_character_that_is_no_blank_is_in_a_token_and_spans_lie_apart(words, spans):
    text = "".join(words)
    made = [{"start": start, "end": start + size, "label": "problem"} for start, size in spans]
    found = examples(text, *made)
    assert "".join(part for example in found for part in tokens(example)) == "".join(text.split())
    for example in found:
        assert set(example) == set(SPAN_EXAMPLES.names)
        assert example["text"] == text[example["start"] : example["end"]]
        starts = {token["start"] for token in example["tokens"]}
        ends = {token["end"] for token in example["tokens"]}
        last = 0
        for one in example["spans"]:
            assert last <= one["start"] < one["end"]
            assert one["start"] in starts and one["end"] in ends
            last = one["end"]


def test_examples_know_their_patient_and_split():
    (example,) = examples("Pain. ")
    assert example["example_id"] == "n1:0-5" and example["group"] == "p1"
    assert (example["split"], example["made_by"]) == ("test", "generator")


def conll(tmp_path, content):
    paths = [tmp_path / f"{split}.conll" for split in ("train", "valid", "test")]
    for path in paths:
        path.write_text("No\tO\n")
    paths[2].write_bytes(content.encode() if isinstance(content, str) else content)
    found = reader("experts").of_files(paths, Account())
    return [example for example in found if example["split"] == "test"]


def test_a_conll_file_is_read_sentence_by_sentence(tmp_path):
    content = "\nChest\tB-problem\r\npain\tI-problem\r\n\r\n\n \nNo\tNN\tO\n#\tO"
    first, second = conll(tmp_path, content)
    assert first["text"] == "Chest pain" and labelled(first) == [("Chest pain", "problem")]
    assert tokens(second) == ["No", "#"] and second["spans"] == []
    assert [example["group"] for example in (first, second)] == ["test-1", "test-2"]
    assert [example["example_id"] for example in (first, second)] == ["test-1", "test-2"]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-problem I-problem B-problem", [("a b", "problem"), ("c", "problem")]),
        ("I-problem I-problem O", [("a b", "problem")]),
        ("B-problem I-treatment O", [("a", "problem"), ("b", "treatment")]),
        ("O O O", []),
    ],
)
def test_tags_say_where_spans_begin_and_end(tmp_path, tags, spans):
    lines = [f"{word}\t{tag}\n" for word, tag in zip("abc", tags.split(), strict=True)]
    (example,) = conll(tmp_path, "".join(lines))
    assert labelled(example) == spans


@pytest.mark.parametrize("line", ["pain", "pain O", "pain\tB-disease", "pain\tproblem", "pain\t"])
def test_a_line_of_another_form_is_an_error_with_its_number(tmp_path, line):
    with pytest.raises(UserError, match=r"test\.conll:3: expected .*'B-problem'") as raised:
        conll(tmp_path, f"No\tO\n\n{line}\n")
    assert "pain" not in str(raised.value)


def test_a_conll_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.conll: cannot be read"):
        list(reader("experts").of_files([tmp_path / "gone.conll"] * 3, Account()))
    with pytest.raises(UserError, match=r"test\.conll: not UTF-8 at byte 4"):
        conll(tmp_path, b"No\tO\xff\n")


def test_a_split_may_have_several_files(tmp_path):
    paths = []
    for name, word in (("a", "pain"), ("b", "cough"), ("c", "rash"), ("d", "fever")):
        paths.append(tmp_path / f"{name}.conll")
        paths[-1].write_text(f"{word}\tB-problem\n", encoding="utf-8")
    several = reader("experts")
    several.spec = several.spec.model_copy(update={"files": [2, 1, 1]})
    found = list(several.of_files(paths, Account()))
    assert [(row["split"], row["text"]) for row in found] == [
        ("train", "pain"),
        ("train", "cough"),
        ("valid", "rash"),
        ("test", "fever"),
    ]
    assert [row["example_id"] for row in found[:3]] == ["train-1", "train-2", "valid-1"]
