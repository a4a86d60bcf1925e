"""Tokens are masked one at a time with the later pieces of their words, and drawn by the seed."""

import numpy as np
import pytest
import torch

from palimpsest.perplexity.masked import drawn_tokens, encodings, hidden_pieces, masked_losses

LONG = "The patient was admitted with chest pain and dyspnea. " * 4


def test_a_larger_number_of_drawn_tokens_holds_a_smaller_ones():
    few, more = (set(drawn_tokens(50, most, 1, "n1").tolist()) for most in (5, 9))
    assert few < more and len(few) == 5 and max(more) < 50
    assert drawn_tokens(3, 9, 1, "n1").tolist() == [0, 1, 2]
    assert few != set(drawn_tokens(50, 5, 2, "n1").tolist())
    assert few != set(drawn_tokens(50, 5, 1, "n2").tolist())


def test_later_pieces_of_a_word_are_hidden_with_a_token():
    words = [0, 1, 1, 1, 2, None, None]
    found = [list(hidden_pieces(words, place)) for place in range(len(words))]
    assert found == [[0], [1, 2, 3], [2, 3], [3], [4], [5], [6]]


def direct_loss(encoder, text, place, room):
    from transformers import AutoModelForMaskedLM

    model = AutoModelForMaskedLM.from_pretrained(encoder).eval()
    (encoding,) = encodings(encoder, [text])
    ids = list(encoding.ids)
    wanted, hidden = ids[place], hidden_pieces(encoding.word_ids, place)
    for at in hidden:
        ids[at] = 4  # [MASK]
    start = max(0, min(place - room // 2, len(ids) - room))
    with torch.inference_mode():
        rows = torch.tensor([[2, *ids[start : start + room], 3]])  # [CLS], [SEP]
        odds = model(rows).logits[0, 1 + place - start].log_softmax(-1)
    return -float(odds[wanted])


def test_losses_are_those_of_a_direct_computation(encoder):
    texts = [LONG, "Pain.", ""]
    tokens = [len(found.ids) for found in encodings(encoder, texts)]
    places = [drawn_tokens(count, 6, 1, "n") for count in tokens]
    found = masked_losses(texts, places, encoder, 20, "losses")
    for text, where, losses in zip(texts, places, found, strict=True):
        wanted = [direct_loss(encoder, text, int(place), 18) for place in where]
        assert losses.tolist() == pytest.approx(wanted, rel=1e-3)
    assert len(found[0]) == 6 and not len(found[2])


def test_a_note_is_scored_alike_alone_and_among_others(encoder):
    places = [np.array([1, 3]), np.array([0])]
    together = masked_losses([LONG, "Pain."], places, encoder, 64, "losses")
    (alone,) = masked_losses(["Pain."], places[1:], encoder, 64, "losses")
    assert alone.tolist() == pytest.approx(together[1].tolist(), rel=1e-3)
