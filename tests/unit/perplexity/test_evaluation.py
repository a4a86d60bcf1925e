"""Every token of a note is scored once, and the losses are those of a direct computation."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.perplexity.losses import token_losses, windows
from palimpsest.text.tokenizers import END, encode, load_tokenizer

TEXTS = [
    "Pain.",
    "Creatinine was 1.2.",
    "The patient was admitted with chest pain and dyspnea. " * 3,
    "Éà 🙂",
    "a",
]


@given(st.integers(1, 80), st.integers(2, 20), st.data())
def test_windows_score_every_token_once_with_context(tokens, context, data):
    stride = data.draw(st.integers(1, context - 1))
    scored = []
    for start, first, stop in windows(tokens, context, stride):
        assert 0 <= start < first < stop <= tokens and stop - start <= context
        assert start == 0 if not scored else first - start == context - stride
        scored += range(first, stop)
    assert scored == list(range(1, tokens))


def test_a_note_that_fits_is_one_window():
    assert windows(4, 4, 2) == [(0, 1, 4)]
    assert windows(1, 4, 2) == []


def direct_losses(decoder, text, stride):
    """Window by window, one at a time."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(decoder).eval()
    tokenizer = load_tokenizer(decoder / "tokenizer.json")
    stream = [tokenizer.token_to_id(END), *encode(tokenizer, [text])[0]]
    losses = []
    for start, first, stop in windows(len(stream), 16, stride):
        with torch.inference_mode():
            odds = model(torch.tensor([stream[start:stop]])).logits[0].log_softmax(-1)
        losses += [-float(odds[at - 1 - start, stream[at]]) for at in range(first, stop)]
    return losses


@pytest.mark.parametrize("stride", [5, 8])
def test_losses_are_those_of_a_direct_computation(decoder, stride):
    found = token_losses([*TEXTS, ""], decoder, 16, stride, "losses")
    for text, losses in zip(TEXTS, found, strict=False):
        assert losses.tolist() == pytest.approx(direct_losses(decoder, text, stride), rel=1e-3)
    assert not len(found[-1])


def test_a_note_is_scored_alike_alone_and_among_others(decoder):
    together = token_losses(TEXTS, decoder, 16, 8, "losses")
    for text, losses in zip(TEXTS, together, strict=True):
        (alone,) = token_losses([text], decoder, 16, 8, "losses")
        assert alone.tolist() == pytest.approx(losses.tolist(), rel=1e-3)


def test_a_control_token_in_a_note_is_scored_as_text(decoder):
    (losses,) = token_losses([END], decoder, 16, 8, "losses")
    assert len(losses) > 1 and math.isfinite(losses.sum())
