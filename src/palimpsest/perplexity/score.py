"""Perplexity and bits per byte of a decoder on whole notes."""

import math
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM

from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row
from palimpsest.stats.resampling import interval
from palimpsest.text.tokenizers import END, encode, load_tokenizer

BATCH_TOKENS = 8192


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


def perplexity_metrics(rows: list[Row], seed: int) -> list[Row]:
    """Perplexity a token and bits per byte over all notes, with 95% intervals over notes."""
    values = np.array([[row["nats"], row["tokens"], row["bytes"]] for row in rows])
    metrics = []
    for metric, statistic in (
        ("perplexity", lambda sums: np.exp(sums[:, 0] / sums[:, 1])),
        ("bits_per_byte", lambda sums: bits_per_byte(sums[:, 0], sums[:, 2])),
    ):
        value, low, high = interval(values, statistic, seed)
        metrics.append({"metric": metric, "value": value, "low": low, "high": high})
    return metrics
