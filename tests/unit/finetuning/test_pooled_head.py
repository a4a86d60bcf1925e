"""Classifiers of sentences learn from labelled sentences, and repeat themselves."""

import numpy as np
import pytest
import torch
from tiny_datasets import LABELS, finetuning, labelled, sentence, sentences_dataset, table
from tiny_datasets import head as head_over

from palimpsest.finetuning.heads.base import logits_of
from palimpsest.finetuning.heads.pooled import mean_target
from palimpsest.finetuning.run import finetune
from palimpsest.runtime.errors import UserError


@pytest.fixture(scope="module")
def head(encoder):
    return head_over(encoder, sentences_dataset())


def weighted(rows, weight=1.0):
    return [(row, weight) for row in rows]


def test_a_long_text_is_read_in_windows_and_marks_in_a_sentence_are_text(head):
    texts = ["the patient " * 30, "[SEP] [MASK]", ""]
    rows = [sentence(number, text=text, labels=["care"]) for number, text in enumerate(texts)]
    *long, marked, empty = head.encode(weighted(rows, 0.5))
    assert {row["example"] for row in long} == {0} and len(long) > 1
    assert all(len(row["input_ids"]) == 16 and row["input_ids"][0] == 2 for row in long)
    assert all(row["input_ids"][-1] == 3 and row["labels"] == [0, 1, 1] for row in long)
    assert sum(row["weight"] for row in long) == pytest.approx(0.5)
    assert not {3, 4} & set(marked["input_ids"][1:-1]) and marked["weight"] == 0.5
    assert empty["input_ids"] == [2, 3]


def test_a_batch_is_padded_and_holds_labels_and_weights(head):
    encoded = head.encode(weighted(labelled("train", 1), 0.25))
    batch = head.collate(encoded, padding=0)
    longest = max(len(row["input_ids"]) for row in encoded)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (4, longest)
    assert batch["labels"].tolist() == [[1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 0]]
    assert batch["weights"].tolist() == [0.25] * 4


def test_the_prior_is_weighted_and_never_0_or_1(head):
    rows = weighted([sentence(0, labels=["care"])]) + weighted([sentence(1), sentence(2)], 0.5)
    assert mean_target(head.encode(rows)) == pytest.approx([0.5 / 3, 0.5, 0.5])


def test_an_untrained_classifier_gives_the_prior_whatever_the_sentence(head):
    model = head.fresh_model()
    encoded = head.encode(weighted(labelled("test", 1)))
    head.begin_phase(model, encoded)
    expected = np.tile(mean_target(encoded), (4, 1))
    assert head.scores(model, encoded, len(encoded)) == pytest.approx(expected, abs=1e-6)


def test_a_phase_begins_with_its_own_priors_and_keeps_what_was_learnt(head):
    model = head.fresh_model()
    torch.nn.init.normal_(model.head.weight)
    learnt = model.head.weight.detach().clone()
    rows = [sentence(0, labels=["care"], text="No pain."), sentence(1, text="Creatinine was 1.2.")]
    encoded = head.encode(weighted(rows))
    head.begin_phase(model, encoded)
    odds = [logits.numpy() for _, logits in logits_of(model, encoded)]
    shares = mean_target(encoded)
    assert np.mean(odds, axis=0) == pytest.approx(np.log(shares / (1 - shares)), abs=1e-5)
    assert torch.equal(model.head.weight, learnt)


def test_padding_does_not_change_what_a_sentence_gets(encoder):
    head = head_over(encoder, sentences_dataset(), max_tokens=32)
    model = head.fresh_model()
    torch.nn.init.normal_(model.head.weight)
    rows = [sentence(0, text="No pain."), sentence(1, text="The patient was admitted with pain.")]
    encoded = head.encode(weighted(rows))
    alone = np.concatenate([head.scores(model, [{**row, "example": 0}], 1) for row in encoded])
    assert len(encoded[0]["input_ids"]) < len(encoded[1]["input_ids"])
    assert head.scores(model, encoded, len(encoded)) == pytest.approx(alone, abs=1e-5)


def test_what_is_not_a_number_is_an_error(head):
    model = head.fresh_model()
    torch.nn.init.constant_(model.head.bias, float("nan"))
    with pytest.raises(UserError, match="not a number: expected a lower learning rate"):
        head.scores(model, head.encode(weighted(labelled("test", 1))), 4)


def test_predictions_name_every_label_and_repeat_no_text(head):
    model = head.fresh_model()
    rows = labelled("test", 1)
    predicted = head.predict(model, head.encode(weighted(rows)), rows)
    assert [[row["label"] for row in found] for found in predicted] == [[*LABELS, "any"]] * 4
    assert set(predicted[0][0]) == {"label", "score"}


@pytest.fixture(scope="module")
def train(encoder):
    """Fine-tune on phases, with the same sentences as valid and test; the test predictions."""

    def trained(phases, seed=1, **changes):
        judged = table(labelled("valid", 2) + labelled("test", 2), LABELS, "sentences")
        run = finetune("run", encoder, judged, phases, finetuning(**changes), seed, 1)
        rows = run.predictions
        scores = [row["score"] for row in rows if row["split"] == "test"]
        return np.array(scores).reshape(-1, len(LABELS) + 1)

    return trained


def test_training_learns_and_repeats_itself_to_the_bit(train):
    phases = [weighted(labelled("train"))]
    first, second, other = train(phases), train(phases), train(phases, seed=2)
    assert np.array_equal(first, second) and not np.array_equal(first, other)
    gold = np.array([[label in row["labels"] for label in LABELS] for row in labelled("test", 2)])
    assert ((first[:, :-1] >= 0.5) == gold).all()


def test_a_later_phase_starts_from_the_earlier_one_and_decides(train):
    right = weighted(labelled("train"))
    wrong = [({**row, "labels": []}, weight) for row, weight in right]
    alone, after = train([wrong], epochs=2), train([right, wrong], epochs=2)
    assert not np.array_equal(alone, after)
    assert after[:, 0].std() > 5 * alone[:, 0].std()  # what the first phase taught is still there


def test_weights_decide_between_parts_that_contradict_each_other(train):
    right = labelled("train")
    swapped = {"memory": ["care"], "care": ["memory"]}
    wrong = [{**row, "labels": swapped.get("".join(row["labels"]), row["labels"])} for row in right]

    def lead(right_weight, wrong_weight):
        """How much likelier `memory` is than `care` in a sentence of memory."""
        scores = train([weighted(right, right_weight) + weighted(wrong, wrong_weight)])
        return scores[0, 0] - scores[0, 1]

    assert lead(1.0, 0.02) > 0.1 > -0.1 > lead(0.02, 1.0)


def test_two_texts_have_room_for_a_token_each_or_it_is_an_error(encoder):
    rows = [sentence(0) | {"second": "It hurts."}]
    pairs = table(rows, ["yes", "no"], "pairs")
    (read,) = head_over(encoder, pairs, max_tokens=5).read(rows)
    assert len(read["input_ids"]) == 5 and read["cut"]
    with pytest.raises(UserError, match="max_tokens 4 leaves no room for two texts"):
        head_over(encoder, pairs, max_tokens=4).read(rows)
