"""Taggers learn spans, see what fits, and repeat themselves."""

import numpy as np
import pytest
import torch
from tiny_datasets import WORDS, finetuning, spans_dataset, table, tagged
from tiny_datasets import head as head_over

from palimpsest.finetuning.heads.base import padded
from palimpsest.finetuning.heads.token import IGNORED
from palimpsest.finetuning.run import finetune
from palimpsest.text.iob2 import tag_names

LABELS = list(WORDS)
TAGS = tag_names(LABELS)
EXAMPLES = [
    tagged(["chest", "pain"], [(0, 2, "problem")], "test", 0),
    tagged(["the", "patient", "was", "admitted"] * 9, (), "test", 1),
    tagged(["aspirin"], [(0, 1, "treatment")], "test", 2),
    tagged(["a" * 200], (), "test", 3),
]


def weighted(rows, weight=1.0):
    return [(row, weight) for row in rows]


@pytest.fixture(scope="module")
def head(encoder):
    return head_over(encoder, table(EXAMPLES, LABELS, "spans"), max_tokens=32)


def tags_in(row):
    return [TAGS[label] for label in row["labels"] if label != IGNORED]


def test_a_words_first_piece_alone_is_labelled(head):
    first, *_ = head.encode(weighted(EXAMPLES))
    assert first["input_ids"][0] == 2 and first["input_ids"][-1] == 3
    assert first["labels"][0] == first["labels"][-1] == IGNORED
    assert tags_in(first) == ["B-problem", "I-problem"]


@pytest.mark.parametrize("max_tokens", [3, 8, 16, 64])
def test_examples_fit_and_every_word_has_a_tag_of_its_own_window(encoder, max_tokens):
    head = head_over(encoder, table(EXAMPLES, LABELS, "spans"), max_tokens=max_tokens)
    encoded = head.encode(weighted(EXAMPLES))
    assert all(len(row["input_ids"]) == len(row["labels"]) <= max_tokens for row in encoded)
    for number, example in enumerate(EXAMPLES):
        mine = [row for row in encoded if row["example"] == number]
        read = [word for row in mine for word, _ in row["read_here"]]
        assert sorted(read) == list(range(len(example["tokens"])))
        assert sum(len(tags_in(row)) for row in mine) == len(read)
    torch.manual_seed(0)
    model = head.fresh_model()
    tags = head.tags(model, encoded, EXAMPLES)
    for example, given in zip(EXAMPLES, tags, strict=True):
        (alone,) = head.tags(model, head.read([example]), [example])
        assert [tag for tag, _ in alone] == [tag for tag, _ in given]
        assert [share for _, share in alone] == pytest.approx([share for _, share in given])


def test_a_word_without_a_piece_does_not_lose_the_words_behind_it(head):
    # BERT's tokenizer drops control characters, which notes from old systems hold.
    words = ["chest", "\x00", "\u200b", "pain"]
    (row,) = head.encode(weighted([tagged(words, [(0, 1, "problem"), (3, 4, "problem")])]))
    assert tags_in(row) == ["B-problem", "O", "O", "B-problem"]


def test_a_mark_in_a_sentence_is_text(head):
    (row,) = head.encode(weighted([tagged(["[SEP]", "[MASK]"])]))
    assert not {3, 4} & set(row["input_ids"][1:-1])


def test_a_batch_is_padded_to_its_longest(head):
    rows = [
        {"input_ids": [2, 5, 3], "labels": [-100, 1, -100], "weight": 1.0},
        {"input_ids": [2, 3], "labels": [-100] * 2, "weight": 0.5},
    ]
    batch = head.collate(rows, padding=7)
    assert batch["input_ids"].tolist() == [[2, 5, 3], [2, 3, 7]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch["labels"].tolist() == [[-100, 1, -100], [-100, -100, -100]]
    assert batch["weights"].tolist() == [1.0, 0.5]
    assert padded([[1], [2, 3]], 0).tolist() == [[1, 0], [2, 3]]


@pytest.fixture(scope="module")
def train(encoder):
    """Fine-tune on phases, and give the predictions."""

    def trained(phases, seed=1):
        recipe = finetuning(epochs=8, learning_rate=0.02)
        return finetune("run", encoder, spans_dataset(), phases, recipe, seed, 1).predictions

    return trained


def found(rows, split="test"):
    return {
        (row["example_id"], row["start"], row["end"], row["label"])
        for row in rows
        if row["split"] == split
    }


def gold(split="test"):
    return {
        (row["example_id"], span["start"], span["end"], span["label"])
        for row in spans_dataset().of_split(split)
        for span in row["spans"]
    }


def test_training_learns_repeats_itself_and_predicts_valid_and_test(train):
    phases = [weighted(spans_dataset().of_split("train"))]
    first, second = train(phases), train(phases)
    assert first == second
    assert found(first) == gold() and found(first, "valid") == gold("valid")
    assert all(0 < row["score"] <= 1 for row in first)


def test_weights_decide_between_parts_that_contradict_each_other(train):
    right = spans_dataset().of_split("train")
    swapped = dict(zip(LABELS, reversed(LABELS), strict=True))
    wrong = [
        {**row, "spans": [{**span, "label": swapped[span["label"]]} for span in row["spans"]]}
        for row in right
    ]

    def share(right_weight, wrong_weight):
        rows = train([weighted(right, right_weight) + weighted(wrong, wrong_weight)])
        return np.mean([spot in found(rows) for spot in gold()])

    assert share(1.0, 0.02) == 1 and share(0.02, 1.0) == 0
