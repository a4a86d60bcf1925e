"""Perplexity and bits per byte, from the losses of tokens; with and without placeholders."""

import math
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.text.placeholders import placeholder_spans
from palimpsest.text.tokenizers import encode, load_tokenizer

BATCH_TEXTS = 1000  # of a corpus, encoded at once
PSEUDO_COUNTS = np.geomspace(1e-4, 1e4, 401)  # tried for a unigram: 50 each power of ten
PLAIN = "_without_placeholders"  # how metrics without them end


def bits_per_byte(nats: np.ndarray, text_bytes: np.ndarray) -> np.ndarray:
    """Cross-entropy in bits per UTF-8 byte: unlike perplexity it compares models with different
    vocabularies. nats: summed negative log-likelihood of the tokens that spell these bytes.
    """
    return nats / math.log(2) / text_bytes


def token_bytes(text: str, ends: np.ndarray) -> np.ndarray:
    """UTF-8 bytes of a text by token: from the end of the token before to its own end.

    What no token has, such as blanks between words, is the next one's; what is left behind the
    last one is its own, so that the sum is that of the text. ends: character offsets, exclusive.
    """
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    widths = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000).astype(np.int64)
    upto = np.concatenate([[0], np.cumsum(widths)])
    borders = np.maximum.accumulate(ends)
    borders[-1:] = len(text)
    return np.diff(upto[borders], prepend=0)


def in_placeholder(text: str, offsets: np.ndarray) -> np.ndarray:
    """Which tokens share a character with a placeholder. offsets: (tokens, 2), of characters."""
    found = np.zeros(len(offsets), bool)
    for start, end in placeholder_spans(text):
        found |= (offsets[:, 0] < end) & (offsets[:, 1] > start)
    return found


def unigram_losses(corpus: Iterable[str], tokenizer: Path) -> np.ndarray:
    """The negative log of the frequency of each token of a vocabulary in a corpus, in nats.

    What a model must beat to have learned anything of the order of words. Tokens are the model's;
    each counts `pseudo_count` more than it occurs, so that none is impossible. Nothing but the
    corpus is looked at.
    """
    bpe = load_tokenizer(tokenizer)
    counts = np.zeros(max(bpe.get_vocab().values()) + 1)
    documents = iter(corpus)
    while batch := list(islice(documents, BATCH_TEXTS)):
        for ids in encode(bpe, batch):
            np.add.at(counts, ids, 1)
    counts += pseudo_count(counts)
    return -np.log(counts / counts.sum())


def pseudo_count(counts: np.ndarray) -> float:
    """What is added to the count of each token, seen or not (Lidstone's law).

    That of PSEUDO_COUNTS under which the corpus is likeliest if each of its tokens in turn is left
    out of the counts that predict it: it costs no text, and small corpora of large vocabularies
    are not smoothed more than they need, as they are by adding 1.
    counts: of each token of the vocabulary, (vocabulary,).
    """
    seen, times = np.unique(counts[counts > 0], return_counts=True)
    others = counts.sum() - 1 + PSEUDO_COUNTS * len(counts)
    likely = np.log((seen[:, None] - 1 + PSEUDO_COUNTS) / others)
    return float(PSEUDO_COUNTS[np.argmax((seen * times) @ likely)])


def perplexity_row(
    text: str, ids: list[int], offsets: np.ndarray, losses: Row, unigram: np.ndarray
) -> Row:
    """The sums of one note: PERPLEXITIES without its ids.

    ids, offsets: of the tokens of the note. losses: as LOSSES. unigram: as `unigram_losses`.
    Raises UserError where the losses are of another number of tokens.
    """
    nats = np.array(losses["nats"], float)
    places = np.arange(len(ids)) if losses["places"] is None else np.array(losses["places"], int)
    if len(nats) != len(places) or (len(places) and places[-1] >= len(ids)):
        raise UserError(
            f"note {losses['note_id']!r} has {len(nats)} losses, expected one for each of "
            f"{len(ids)} tokens or for {len(places)} of them; delete the losses to make them again"
        )
    own_bytes = token_bytes(text, offsets[:, 1])[places]
    of_unigram = unigram[np.array(ids, int)[places]]
    kept = ~in_placeholder(text, offsets)[places]
    sums = {"nats": nats, "unigram_nats": of_unigram, "tokens": np.ones(len(places), int)}
    row: Row = {}
    for prefix, chosen in (("", slice(None)), ("plain_", kept)):
        for name, values in (sums | {"bytes": own_bytes}).items():
            row[prefix + name] = values[chosen].sum().item()
    return row


def perplexity_metrics(rows: list[Row], pseudo: bool) -> list[Row]:
    """Perplexity a token and bits per byte over all notes, beside the unigram's.

    rows: as PERPLEXITIES. pseudo: whether each token was masked alone, which the names say.
    Where notes have placeholders, and more than these, also without them. No intervals: one
    checkpoint tells nothing of another seed's. The figure has them.
    Raises UserError where one of them is no number.
    """
    found = []
    before = "pseudo_" if pseudo else ""
    for prefix, behind in (("", ""), ("plain_", PLAIN)):
        sums = {
            name: np.array([sum(row[prefix + name] for row in rows)])
            for name in ("nats", "unigram_nats", "tokens", "bytes")
        }
        if prefix and sums["tokens"][0] in (0, sum(row["tokens"] for row in rows)):
            continue
        for who, column in ((before, "nats"), ("unigram_", "unigram_nats")):
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # said below
                values = {
                    "perplexity": np.exp(sums[column] / sums["tokens"]),
                    "bits_per_byte": bits_per_byte(sums[column], sums["bytes"]),
                }
            for metric, value in values.items():
                name = f"{who}{metric}{behind}"
                if not np.isfinite(value[0]):
                    raise UserError(
                        f"{name} of {int(sums['tokens'][0])} tokens is {value[0]}, expected a "
                        "number: the model has learned nothing; lower its learning rate"
                    )
                found.append({"metric": name, "value": float(value[0])})
    return found
