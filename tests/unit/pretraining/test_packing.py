"""Training data: every token of every document, and batches that depend on their step alone."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.pretraining.packing import (
    IGNORED,
    Batches,
    Framing,
    apart,
    causal_examples,
    masking,
    pack,
)
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.errors import UserError
from palimpsest.text.tokenizers import END, encode, encoder_marks, frame_of, load_tokenizer

DOCUMENTS = st.lists(st.lists(st.integers(1, 99), max_size=12), max_size=12)


@given(DOCUMENTS, st.integers(1, 20), st.integers(0, 5))
def test_sequences_hold_all_documents_but_the_rest_that_fills_none(documents, length, seed):
    tokens = sum(len(document) + 1 for document in documents)
    if tokens < length:
        with pytest.raises(UserError, match=f"has {tokens} tokens, too few for one .* of {length}"):
            packed(documents, 0, length, seed)
        return
    sequences = packed(documents, 0, length, seed)
    assert sequences.shape == (tokens // length, length)
    stream = sequences.flatten().tolist()
    assert tokens - len(stream) < length
    found, left = [], Counter(map(tuple, documents))
    for token in stream:
        found.append([]) if token == 0 else found[-1].append(token)
    *whole, last = found
    assert not Counter(map(tuple, whole)) - left
    assert any(tuple(last) == one[: len(last)] for one in left - Counter(map(tuple, whole)))


def test_packing_is_shuffled_by_its_seed():
    documents = [[number] for number in range(1, 40)]
    first, again, other = (packed(documents, 0, 8, seed).tolist() for seed in (1, 1, 2))
    assert first == again != other


def packed(documents, separator, length, seed):
    arrays = [np.array(document, np.int32) for document in documents]
    return pack(arrays, Framing(before=(separator,)), length, seed)


def test_documents_and_sequences_are_framed():
    documents = [np.array([5, 6, 7], np.int32)] * 4
    framed = pack(documents, Framing(before=(1,), after=(2,)), 5, 0)
    assert framed.tolist() == [[1, 5, 6, 7, 2]] * 4
    framed = pack(documents, Framing(before=(2,), first=(1,), last=(2,)), 6, 0)
    assert framed.tolist() == [[1, 2, 5, 6, 7, 2]] * 4


def batches(size, seed=0, examples=causal_examples, sequences=7):
    return Batches(torch.arange(sequences)[:, None].expand(-1, 5), size, seed, examples)


def visits(made, steps):
    return [row for step in range(steps) for row in made.of_step(step)["input_ids"][:, 0].tolist()]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 9), st.integers(1, 20), st.integers(0, 9))
def test_every_epoch_visits_every_sequence_once(sequences, size, seed):
    seen = visits(batches(size, seed, sequences=sequences), -(-3 * sequences // size))
    for epoch in range(3):
        assert sorted(seen[epoch * sequences : (epoch + 1) * sequences]) == list(range(sequences))


def test_epochs_and_seeds_have_their_own_orders():
    seen = visits(batches(30, sequences=30), 2)
    assert seen[:30] != seen[30:]
    assert visits(batches(30, seed=1, sequences=30), 1) != seen[:30]


def test_a_batch_depends_on_its_step_alone():
    examples = masking(99, 100, 0.5, {0})
    made, again = (batches(4, examples=examples) for _ in range(2))
    forwards = [made.of_step(step) for step in range(6)]
    torch.manual_seed(5)
    torch.rand(10)
    for step in reversed(range(6)):
        for name, value in again.of_step(step).items():
            assert torch.equal(value, forwards[step][name])


def test_sequences_in_order_have_the_same_draws_each_time():
    made = batches(3, examples=masking(99, 100, 0.5, {0}))
    first, again = made.in_order(), made.in_order()
    assert [len(batch["input_ids"]) for batch in first] == [3, 3, 1]
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one["input_ids"], other["input_ids"])


def test_a_causal_example_predicts_the_next_tokens():
    made = causal_examples(torch.tensor([[3, 4, 5]]), torch.Generator())
    assert made["input_ids"].tolist() == [[3, 4, 5]]
    assert made["labels"].tolist() == [[4, 5, IGNORED]]


def test_documents_of_a_sequence_are_numbered_and_have_places_of_their_own():
    made = apart(torch.tensor([[7, 8, 0, 7, 0, 9], [0, 7, 8, 9, 7, 0]]), 0)
    assert made["documents"].tolist() == [[0, 0, 1, 1, 2, 2], [1, 1, 1, 1, 1, 2]]
    assert made["position_ids"].tolist() == [[0, 1, 0, 1, 0, 1], [0, 1, 2, 3, 4, 0]]


def test_masking_has_the_proportions_of_bert():
    sequence = torch.arange(10, 20).repeat(20_000)
    made = masking(1, 100, 0.15, {2})(sequence, torch.Generator().manual_seed(0))
    inputs, labels = made["input_ids"], made["labels"]
    chosen = labels != IGNORED
    assert chosen.float().mean() == pytest.approx(0.15, abs=0.005)
    assert torch.equal(labels[chosen], sequence[chosen])
    assert torch.equal(inputs[~chosen], sequence[~chosen])
    masked, same = inputs[chosen] == 1, inputs[chosen] == sequence[chosen]
    # Of the other tokens, one in a hundred is the mask or the same by chance.
    assert masked.float().mean() == pytest.approx(0.801, abs=0.01)
    assert same.float().mean() == pytest.approx(0.101, abs=0.01)


def test_special_tokens_are_never_predicted():
    sequence = torch.tensor([2, 5, 6, 3] * 500)
    made = masking(4, 10, 1.0, {2, 3, 4})(sequence, torch.Generator().manual_seed(0))
    special = torch.isin(sequence, torch.tensor([2, 3, 4]))
    assert (made["labels"][special] == IGNORED).all()
    assert torch.equal(made["input_ids"][special], sequence[special])
    assert (made["labels"][~special] != IGNORED).all()


def test_nothing_is_masked_at_probability_zero():
    made = masking(4, 10, 0.0, {2})(torch.arange(10), torch.Generator())
    assert made["input_ids"].tolist() == list(range(10))


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_trained_tokenizer_spells_every_text(bpe, text):
    tokenizer = load_tokenizer(bpe)
    (ids,) = encode(tokenizer, [text])
    assert tokenizer.decode(ids, skip_special_tokens=False) == text
    assert tokenizer.token_to_id(END) not in ids


def test_the_same_texts_give_the_same_tokenizer_of_the_wanted_size():
    texts = ["chest pain and dyspnea " * 3, "aspirin 81 mg", "dyspnea at rest"] * 5
    first, again = (train_bpe(iter(texts), 270) for _ in range(2))
    assert first.to_str() == again.to_str()
    assert first.get_vocab_size() == 270
    assert first.token_to_id(END) == 0
    assert train_bpe(["a"], 300).get_vocab_size() == 257


def test_a_tokenizer_of_encoders_puts_their_marks_around_texts():
    made = train_bpe(["chest pain and dyspnea"] * 5, 270, "encoder")
    start, end, mask = encoder_marks(made)
    assert (start, end, mask) == (0, 2, 4) and made.token_to_id("<pad>") == 1
    frame = frame_of(made)
    assert frame.around([9]) == [start, 9, end]
    assert frame.around_two([9], [8])[0] == [start, 9, end, end, 8, end]
