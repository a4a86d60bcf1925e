"""Sums of losses: by note, with and without placeholders, beside the unigram."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from palimpsest.perplexity.score import (
    PSEUDO_COUNTS,
    bits_per_byte,
    in_placeholder,
    perplexity_metrics,
    perplexity_row,
    pseudo_count,
    token_bytes,
    unigram_losses,
)
from palimpsest.runtime.errors import UserError
from palimpsest.text.tokenizers import encode, encode_with_offsets, load_tokenizer

MASKED = "Seen by Dr. [**Last Name 12**] at ___ for chest pain 🙂 in [unit 5]."


def tokens_of(folder, text):
    ((ids, offsets),) = encode_with_offsets(load_tokenizer(folder / "tokenizer.json"), [text])
    return ids, offsets


def test_bits_per_byte():
    assert bits_per_byte(8 * math.log(2), 4) == pytest.approx(2)


@given(text=st.text(alphabet="ab é🙂_[*]\n", max_size=40))
def test_bytes_of_tokens_add_up_to_those_of_the_text(decoder, encoder, text):
    for folder in (decoder, encoder):
        _, offsets = tokens_of(folder, text)
        found = token_bytes(text, offsets[:, 1])
        assert found.sum() == (len(text.encode()) if len(offsets) else 0)
        assert (found >= 0).all() and len(found) == len(offsets)


def test_tokens_that_share_a_character_with_a_placeholder_lie_in_it(decoder):
    _, offsets = tokens_of(decoder, MASKED)
    inside = in_placeholder(MASKED, offsets)
    kept = "".join(MASKED[s:e] for s, e in offsets[~inside] if s < MASKED.index("🙂"))
    assert "Last" not in kept and "_" not in kept and "**" not in kept
    assert "Seen by" in kept and "chest pain" in kept
    assert not inside[offsets[:, 0] > MASKED.index("🙂")].any()  # [unit 5] is no placeholder


def row_of(folder, text, places=None):
    ids, offsets = tokens_of(folder, text)
    count = len(ids) if places is None else len(places)
    losses = {"note_id": "n", "places": places, "nats": [0.5 * at for at in range(count)]}
    unigram = np.arange(500.0)
    return perplexity_row(text, ids, offsets, losses, unigram), ids, offsets


def test_a_note_has_its_sums_with_and_without_placeholders(decoder):
    row, ids, offsets = row_of(decoder, MASKED)
    kept = ~in_placeholder(MASKED, offsets)
    nats = 0.5 * np.arange(len(ids))
    assert row["nats"] == nats.sum() and row["plain_nats"] == nats[kept].sum()
    assert row["unigram_nats"] == sum(ids) and row["bytes"] == len(MASKED.encode())
    assert row["plain_tokens"] == kept.sum() < row["tokens"] == len(ids)
    plain = [(start, end) for start, end in offsets[kept]]
    lost = len(MASKED.encode()) - row["plain_bytes"]
    assert 0 < lost < row["bytes"] and len(plain) == row["plain_tokens"]


def test_a_sample_of_tokens_has_its_own_sums(decoder):
    row, ids, offsets = row_of(decoder, MASKED, [0, 3, 4])
    own = token_bytes(MASKED, offsets[:, 1])
    assert (row["nats"], row["tokens"]) == (1.5, 3)
    assert row["unigram_nats"] == ids[0] + ids[3] + ids[4]
    assert row["bytes"] == own[[0, 3, 4]].sum()


def test_losses_of_another_number_of_tokens_are_refused(decoder):
    ids, offsets = tokens_of(decoder, MASKED)
    for losses in ({"places": None, "nats": [1.0]}, {"places": [999], "nats": [1.0]}):
        with pytest.raises(UserError, match="note 'n' has 1 losses"):
            perplexity_row(MASKED, ids, offsets, {"note_id": "n", **losses}, np.zeros(500))


def summed(nats, unigram, tokens, size, plain=1.0):
    whole = {"nats": nats, "unigram_nats": unigram, "tokens": tokens, "bytes": size}
    return whole | {f"plain_{name}": value * plain for name, value in whole.items()}


def metrics_of(rows, pseudo=False):
    return {row["metric"]: row["value"] for row in perplexity_metrics(rows, pseudo)}


def test_metrics_are_over_all_notes():
    found = metrics_of([summed(4.0, 9.0, 2, 5), summed(2.0, 3.0, 4, 3)] * 9)
    assert found == {
        "perplexity": pytest.approx(math.e),  # 6 nats over 6 tokens
        "bits_per_byte": pytest.approx(bits_per_byte(6, 8)),
        "unigram_perplexity": pytest.approx(math.exp(2)),
        "unigram_bits_per_byte": pytest.approx(bits_per_byte(12, 8)),
    }


def test_notes_with_placeholders_have_metrics_without_them():
    row = summed(4.0, 8.0, 4, 8) | {"plain_nats": 1.0, "plain_tokens": 2, "plain_bytes": 4}
    found = metrics_of([row])
    assert found["perplexity_without_placeholders"] == pytest.approx(math.exp(0.5))
    assert found["bits_per_byte_without_placeholders"] == pytest.approx(bits_per_byte(1, 4))
    assert found["perplexity"] == pytest.approx(math.e)


def test_notes_of_placeholders_alone_have_none():
    assert "perplexity_without_placeholders" not in metrics_of([summed(4.0, 8.0, 4, 8, 0.0)])


def test_masked_tokens_give_pseudo_perplexities():
    found = metrics_of([summed(4.0, 8.0, 4, 8)], pseudo=True)
    assert {"pseudo_perplexity", "pseudo_bits_per_byte", "unigram_perplexity"} <= set(found)
    assert "perplexity" not in found


@pytest.mark.parametrize("nats", [math.nan, math.inf, 1e9])
def test_a_perplexity_that_is_no_number_is_an_error(nats):
    with pytest.raises(UserError, match="of 2 tokens is (nan|inf), expected a number"):
        perplexity_metrics([summed(nats, 9.0, 2, 5)], False)


def test_a_unigram_has_the_frequencies_of_the_corpus(decoder):
    tokenizer = load_tokenizer(decoder / "tokenizer.json")
    corpus = ["The patient was admitted.", "Pain."]
    ids = [number for row in encode(tokenizer, corpus) for number in row]
    found = unigram_losses(corpus, decoder / "tokenizer.json")
    assert len(found) == tokenizer.get_vocab_size()
    added = pseudo_count(np.bincount(ids, minlength=len(found)).astype(float))
    for number in {*ids, 5}:
        share = (ids.count(number) + added) / (len(ids) + added * len(found))
        assert found[number] == pytest.approx(-math.log(share))
    assert np.exp(-found).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "counts", [[5, 3, 1, 1, 0, 0, 0, 0], [1, 1, 2, 0], [400, 300, 200, 1], [2, 2, 2, 2]]
)
def test_a_pseudo_count_makes_left_out_tokens_likeliest(counts):
    def likely(added):
        """Of each token, predicted by the others."""
        found = 0.0
        for number, count in enumerate(counts):
            for _ in range(count):
                others = [other - (at == number) for at, other in enumerate(counts)]
                found += math.log((others[number] + added) / (sum(others) + added * len(others)))
        return found

    best = pseudo_count(np.array(counts, float))
    assert likely(best) == pytest.approx(max(likely(added) for added in PSEUDO_COUNTS))


def test_text_in_which_nothing_comes_twice_is_smoothed_to_a_uniform_guess():
    added = pseudo_count(np.array([1.0, 1.0, 1.0, 0.0]))
    assert (1 + added) / (3 + 4 * added) == pytest.approx(1 / 4, rel=1e-3)
