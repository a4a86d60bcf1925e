"""Perplexity and bits per byte of a decoder on whole notes."""

import math
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM

from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row
from palimpsest.text.tokenizers import END, encode, load_tokenizer

BATCH_TOKENS = 8192
BATCH_TEXTS = 1000  # of a corpus, encoded at once


def bits_per_byte(nats: np.ndarray, text_bytes: np.ndarray) -> np.ndarray:
    """Cross-entropy in bits per UTF-8 byte: unlike perplexity it compares models with different
    vocabularies. nats: summed negative log-likelihood of the tokens that spell these bytes.
    """
    return nats / math.log(2) / text_bytes


def windows(ids: list[int], end: int, context: int) -> list[tuple[list[int], int]]:
    """Windows of a note that score each of its tokens once.

    Each is (token ids of at most `context`, number of leading tokens that are only context); the
    first begins with the end mark, as documents do in training, and each later one has half a
    context of what came before.
    """
    stream = [end, *ids]
    made = []
    scored = 1  # the end mark itself is given
    while scored < len(stream):
        start = 0 if scored == 1 else scored - context // 2
        stop = min(start + context, len(stream))
        made.append((stream[start:stop], scored - start))
        scored = stop
    return made


def score_notes(texts: list[str], checkpoint: Path, label: str) -> list[Row]:
    """Nats, tokens and UTF-8 bytes of each text under a decoder. label: names it in messages."""
    tokenizer = load_tokenizer(checkpoint / "tokenizer.json")
    end = tokenizer.token_to_id(END)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_pretrained(AutoModelForCausalLM, checkpoint).to(device).eval()
    context = model.config.max_position_embeddings
    rows = [{"nats": 0.0, "tokens": 0, "bytes": len(text.encode())} for text in texts]
    todo = []
    for note, ids in enumerate(encode(tokenizer, texts)):
        rows[note]["tokens"] = len(ids)
        todo += [(note, *window) for window in windows(ids, end, context)]
    todo.sort(key=lambda entry: (-len(entry[1]), entry[0], entry[2]))
    progress = Progress(label, len(todo), "windows")
    size = max(1, BATCH_TOKENS // context)
    for start in range(0, len(todo), size):
        batch = todo[start : start + size]
        width = len(batch[0][1])
        ids = torch.tensor([row + [end] * (width - len(row)) for _, row, _ in batch], device=device)
        with torch.inference_mode():
            scores = model(input_ids=ids).logits[:, :-1].float().log_softmax(-1)
        nats = -scores.gather(-1, ids[:, 1:, None]).squeeze(-1)
        for (note, row, given), line in zip(batch, nats, strict=True):
            rows[note]["nats"] += float(line[given - 1 : len(row) - 1].double().sum())
        progress.advance(len(batch))
    progress.close()
    return rows


def unigram_nats(texts: list[str], corpus: Iterable[str], checkpoint: Path) -> list[float]:
    """Nats of each text under the frequencies of a corpus's tokens, whatever stands before.

    What a decoder must beat to have learned anything of the order of words. Tokens are the
    decoder's; each counts once more than it occurs (Laplace), so that none is impossible.
    """
    tokenizer = load_tokenizer(checkpoint / "tokenizer.json")
    counts = np.ones(tokenizer.get_vocab_size())
    documents = iter(corpus)
    while batch := list(islice(documents, BATCH_TEXTS)):
        for ids in encode(tokenizer, batch):
            np.add.at(counts, ids, 1)
    nats = -np.log(counts / counts.sum())
    return [float(nats[ids].sum()) for ids in encode(tokenizer, texts)]


def perplexity_metrics(rows: list[Row]) -> list[Row]:
    """Perplexity a token and bits per byte over all notes, and the unigram's perplexity.

    No intervals: one checkpoint tells nothing of another seed's. The figure has them.
    Raises UserError where one of them is no number.
    """
    nats, unigram, tokens, text_bytes = (
        np.array([sum(row[key] for row in rows)])
        for key in ("nats", "unigram_nats", "tokens", "bytes")
    )
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # said below
        values = {
            "perplexity": np.exp(nats / tokens),
            "bits_per_byte": bits_per_byte(nats, text_bytes),
            "unigram_perplexity": np.exp(unigram / tokens),
        }
    if lost := [metric for metric, value in values.items() if not np.isfinite(value[0])]:
        raise UserError(
            f"{lost[0]} of {int(tokens[0])} tokens is {values[lost[0]][0]}, expected a number: the "
            "decoder has learned nothing; lower its learning rate"
        )
    return [{"metric": metric, "value": float(value[0])} for metric, value in values.items()]
