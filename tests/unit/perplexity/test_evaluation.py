"""Every token of a note is scored once, and the scores are those of a direct computation."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.perplexity.score import (
    bits_per_byte,
    perplexity_metrics,
    score_notes,
    unigram_nats,
    windows,
)
from palimpsest.runtime.errors import UserError
from palimpsest.text.tokenizers import END, encode, load_tokenizer

IDS = st.lists(st.integers(1, 99), max_size=60)
TEXTS = [
    "Pain.",
    "Creatinine was 1.2.",
    "The patient was admitted with chest pain and dyspnea. " * 3,
    "Éà 🙂",
    "a",
]


@given(IDS, st.integers(2, 20))
def test_windows_score_every_token_once_with_context(ids, context):
    stream, scored = [0, *ids], []
    for row, given_tokens in windows(ids, 0, context):
        assert 1 <= given_tokens < len(row) <= context
        at = len(scored) + 1 - given_tokens  # where the window begins in the stream
        assert row == stream[at : at + len(row)]
        assert given_tokens == 1 + at if at == 0 else given_tokens == context // 2
        scored += row[given_tokens:]
    assert scored == ids


def test_a_note_that_fits_is_one_window():
    assert windows([5, 6, 7], 0, 4) == [([0, 5, 6, 7], 1)]
    assert windows([], 0, 4) == []


def test_bits_per_byte():
    assert bits_per_byte(8 * math.log(2), 4) == pytest.approx(2)


def direct_nats(decoder, text):
    """The whole text at once, where it fits; else window by window, one at a time."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(decoder).eval()
    tokenizer = load_tokenizer(decoder / "tokenizer.json")
    (ids,) = encode(tokenizer, [text])
    total = 0.0
    for row, given_tokens in windows(ids, tokenizer.token_to_id(END), 16):
        with torch.inference_mode():
            odds = model(torch.tensor([row])).logits[0].log_softmax(-1)
        total -= sum(float(odds[at - 1, row[at]]) for at in range(given_tokens, len(row)))
    return total, len(ids)


def test_scores_are_those_of_a_direct_computation(decoder):
    rows = score_notes(TEXTS, decoder, "scores")
    for text, row in zip(TEXTS, rows, strict=True):
        nats, tokens = direct_nats(decoder, text)
        assert row["nats"] == pytest.approx(nats, rel=1e-4)
        assert (row["tokens"], row["bytes"]) == (tokens, len(text.encode()))


def test_a_note_is_scored_alike_alone_and_among_others(decoder):
    together = score_notes(TEXTS, decoder, "scores")
    alone = [score_notes([text], decoder, "scores")[0] for text in TEXTS]
    for one, other in zip(together, alone, strict=True):
        assert one["nats"] == pytest.approx(other["nats"], rel=1e-5)


def test_a_control_token_in_a_note_is_scored_as_text(decoder):
    (row,) = score_notes([END], decoder, "scores")
    assert row["tokens"] > 1


def test_metrics_are_over_all_notes():
    note = {"nats": 4.0, "unigram_nats": 9.0, "tokens": 2, "bytes": 5}
    other = {"nats": 2.0, "unigram_nats": 3.0, "tokens": 4, "bytes": 3}
    found = {row["metric"]: row["value"] for row in perplexity_metrics([note, other] * 9)}
    assert found == {
        "perplexity": pytest.approx(math.e),  # 6 nats over 6 tokens
        "bits_per_byte": pytest.approx(bits_per_byte(6, 8)),
        "unigram_perplexity": pytest.approx(math.exp(2)),
    }


@pytest.mark.parametrize("nats", [math.nan, math.inf, 1e9])
def test_a_perplexity_that_is_no_number_is_an_error(nats):
    row = {"nats": nats, "unigram_nats": 9.0, "tokens": 2, "bytes": 5}
    with pytest.raises(UserError, match="of 2 tokens is (nan|inf), expected a number"):
        perplexity_metrics([row])


def test_a_unigram_has_the_frequencies_of_the_corpus(decoder):
    tokenizer = load_tokenizer(decoder / "tokenizer.json")
    corpus = ["The patient was admitted.", "Pain."]
    ids = [number for row in encode(tokenizer, corpus) for number in row]
    (given,) = encode(tokenizer, ["Pain 🙂"])
    shares = [(ids.count(number) + 1) / (len(ids) + tokenizer.get_vocab_size()) for number in given]
    found, empty = unigram_nats(["Pain 🙂", ""], corpus, decoder)
    assert found == pytest.approx(-sum(map(math.log, shares)))
    assert empty == 0
