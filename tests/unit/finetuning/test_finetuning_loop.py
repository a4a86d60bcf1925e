"""The training loop: its batches, when it evaluates, and what it does with no numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tiny_datasets import finetuning, sentences_dataset, spans_dataset, table, tagged
from tiny_datasets import head as head_over

from palimpsest.finetuning.batches import LengthGrouped
from palimpsest.finetuning.heads.base import Head
from palimpsest.finetuning.run import finetune
from palimpsest.finetuning.training import evaluation_steps, fit
from palimpsest.runtime.errors import UserError


@given(st.lists(st.integers(1, 99), min_size=1, max_size=200), st.integers(1, 9), st.integers(0, 9))
def test_each_pass_has_each_example_once_in_full_batches(lengths, size, seed):
    batches = LengthGrouped(lengths, size, seed)
    for _ in range(2):
        one = list(batches)
        assert len(one) == len(batches)
        assert sorted(place for batch in one for place in batch) == list(range(len(lengths)))
        sizes = sorted(map(len, one), reverse=True)
        assert all(found == size for found in sizes[:-1])


def test_batches_are_of_one_length_and_their_order_is_of_the_seed_and_the_pass():
    lengths = np.random.default_rng(0).integers(1, 100, 4000).tolist()
    first, again, other = (LengthGrouped(lengths, 16, seed) for seed in (1, 1, 2))
    orders = [list(first), list(again), list(other), list(first)]
    assert orders[0] == orders[1] and orders[0] != orders[2] and orders[0] != orders[3]

    def padding(batches):
        full = sum(max(lengths[place] for place in batch) * len(batch) for batch in batches)
        return 1 - sum(lengths) / full

    plain = [list(range(at, at + 16)) for at in range(0, 4000, 16)]
    assert padding(orders[0]) < 0.05 < 0.4 < padding(plain)
    means = [np.mean([lengths[place] for place in batch]) for batch in orders[0]]
    assert abs(np.corrcoef(means, range(len(means)))[0, 1]) < 0.2  # no curriculum of lengths


def test_valid_is_evaluated_each_epoch_or_ten_times_evenly():
    assert evaluation_steps(finetuning(epochs=3), 7) == [7, 14, 21]
    assert evaluation_steps(finetuning(epochs=None, updates=25), 7) == [
        2, 5, 8, 10, 12, 15, 18, 20, 22, 25,
    ]  # fmt: skip
    assert evaluation_steps(finetuning(epochs=None, updates=3), 7) == [1, 2, 3]


def test_a_recipe_has_epochs_or_updates_and_windows_without_gaps():
    for changes in ({"updates": 5}, {"epochs": None}):
        with pytest.raises(ValidationError, match="exactly one of 'epochs' and 'updates'"):
            finetuning(**changes)
    with pytest.raises(ValidationError, match=r"stride 15 would leave .* expected at most 14"):
        finetuning(max_tokens=16, stride=15)


@pytest.fixture
def trained(encoder):
    """Train, and give the steps at which a hook was called, and the model."""

    def train(quality, dataset=None, **changes):
        dataset = dataset or sentences_dataset()
        head = head_over(encoder, dataset, **changes)
        torch.manual_seed(0)
        model = head.fresh_model()
        rows = head.encode([(row, 1.0) for row in dataset.of_split("train")])
        fit("title", head, model, rows, head.finetuning, 1, quality)
        return model

    return train


def test_as_many_updates_are_made_as_are_declared_and_the_best_evaluation_is_kept(trained):
    seen = []

    def quality(model):
        seen.append(model.head.bias.detach().clone())
        return -abs(len(seen) - 2)  # the second is the best

    model = trained(quality, epochs=None, updates=4)
    assert len(seen) == 4 and torch.equal(model.head.bias, seen[1])
    assert not torch.equal(seen[1], seen[3])


def test_of_equals_the_last_is_kept_and_also_where_nothing_can_be_measured(
    trained,
):
    for value in (1.0, float("nan")):
        seen = []

        def quality(model, value=value, seen=seen):
            seen.append(model.head.bias.detach().clone())
            return value

        model = trained(quality, epochs=None, updates=3)
        assert torch.equal(model.head.bias, seen[-1])


def test_a_loss_that_is_no_number_names_its_step(trained):
    with pytest.raises(UserError, match=r"title: (the loss of|weights after) step \d+ .*lower the"):
        trained(lambda model: 0.0, learning_rate=1e30, head_rate=1.0, epochs=9)


def test_the_head_learns_at_its_declared_rate(trained):
    still = trained(lambda model: 0.0, head_rate=1e-9, epochs=1)
    moved = trained(lambda model: 0.0, epochs=1)
    assert still.head.weight.abs().max() < 1e-6 < 1e-3 < moved.head.weight.abs().max()


def test_the_number_of_gpus_that_are_seen_changes_no_batch(trained, monkeypatch):
    from transformers import TrainingArguments

    sizes, collate = [], Head.collate

    def counting(head, batch, padding):
        sizes.append(len(batch))
        return collate(head, batch, padding)

    monkeypatch.setattr(TrainingArguments, "n_gpu", 4, raising=False)
    monkeypatch.setattr(Head, "collate", counting)
    trained(lambda model: 0.0, epochs=2)
    assert sizes == [4] * 12  # of 24 examples


def test_a_test_split_without_anything_to_find_is_an_error(encoder):
    rows = [tagged(["no", "pain"], (), split, number)
            for split in ("valid", "test") for number in range(2)]  # fmt: skip
    rows += spans_dataset().of_split("train")
    dataset = table(rows, ["problem", "treatment"], "spans", "entities")
    train = [[(row, 1.0) for row in dataset.of_split("train")]]
    with pytest.raises(UserError, match=r"test examples of the dataset 'entities' have none of"):
        finetune("run", encoder, dataset, train, finetuning(), 1, 1)
