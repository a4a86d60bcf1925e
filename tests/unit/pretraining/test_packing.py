"""Training data: every token of every document, and examples that depend on their place alone."""

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from palimpsest.pretraining.packing import IGNORED, Schedule, causal_example, masking, pack
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.errors import UserError
from palimpsest.text.tokenizers import END, encode, load_tokenizer

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
    return pack(arrays, separator, length, seed)


def schedule(examples, seed=0, example=causal_example, sequences=7):
    return Schedule(torch.arange(sequences)[:, None].expand(-1, 5), examples, seed, example)


def visits(made):
    return [int(made[place]["input_ids"][0]) for place in range(len(made))]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 9), st.integers(0, 9))
def test_every_epoch_visits_every_sequence_once(sequences, seed):
    seen = visits(schedule(3 * sequences, seed, sequences=sequences))
    for epoch in range(3):
        assert sorted(seen[epoch * sequences : (epoch + 1) * sequences]) == list(range(sequences))


def test_epochs_and_seeds_have_their_own_orders():
    seen = visits(schedule(60, sequences=30))
    assert seen[:30] != seen[30:]
    assert visits(schedule(30, seed=1, sequences=30)) != seen[:30]


def test_an_example_depends_on_its_place_alone():
    example = masking(99, 90, 0.5, {0})
    made, again = (schedule(21, example=example, sequences=7) for _ in range(2))
    forwards = [made[place] for place in range(21)]
    torch.manual_seed(5)
    torch.rand(10)
    for place in reversed(range(21)):
        for name, value in again[place].items():
            assert torch.equal(value, forwards[place][name])


def test_a_causal_example_predicts_its_own_tokens():
    example = causal_example(torch.tensor([3, 4, 5]), torch.Generator())
    assert example["input_ids"].tolist() == example["labels"].tolist() == [3, 4, 5]


def test_masking_has_the_proportions_of_bert():
    sequence = torch.arange(10, 20).repeat(20_000)
    made = masking(1, 1_000_000, 0.15, {2})(sequence, torch.Generator().manual_seed(0))
    inputs, labels = made["input_ids"], made["labels"]
    chosen = labels != IGNORED
    assert chosen.float().mean() == pytest.approx(0.15, abs=0.005)
    assert torch.equal(labels[chosen], sequence[chosen])
    assert torch.equal(inputs[~chosen], sequence[~chosen])
    masked, same = inputs[chosen] == 1, inputs[chosen] == sequence[chosen]
    assert masked.float().mean() == pytest.approx(0.8, abs=0.01)
    assert same.float().mean() == pytest.approx(0.1, abs=0.01)


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
