"""The loss of every token of a note under a decoder, in windows of its context."""

from pathlib import Path

import numpy as np
import torch

# isort: off
from palimpsest.runtime import lean_transformers  # noqa: F401  before transformers
from transformers import AutoModelForCausalLM

# isort: on
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.progress import Progress
from palimpsest.text.tokenizers import END, encode_compact, load_tokenizer

BATCH_TOKENS = 4096


def windows(tokens: int, context: int, stride: int) -> list[tuple[int, int, int]]:
    """Windows of a document that score each of its tokens once, but for the first.

    tokens: with the mark before its text, which is given. Each window is (start, first, stop): it
    sees the tokens from `start` on and scores those in [first, stop). The first scores all that
    fits; each later one scores `stride` tokens behind `context - stride` that are only context.
    """
    made = []
    first = 1
    while first < tokens:
        start = 0 if first == 1 else first - (context - stride)
        stop = min(start + context, tokens)
        made.append((start, first, stop))
        first = stop
    return made


def token_losses(
    texts: list[str], checkpoint: Path, context: int, stride: int, label: str
) -> list[np.ndarray]:
    """The negative log-likelihood of each token of each text under a decoder, in nats.

    A text begins with the end mark, as documents do in training. The tokens are those of the
    checkpoint's tokenizer. context, stride: as `windows` takes them. label: names it in messages.
    """
    tokenizer = load_tokenizer(checkpoint / "tokenizer.json")
    mark = np.array([tokenizer.token_to_id(END)], np.int32)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_pretrained(AutoModelForCausalLM, checkpoint).to(device).eval()
    streams = [np.concatenate([mark, ids]) for ids in encode_compact(tokenizer, texts)]
    losses = [np.empty(len(stream) - 1, np.float32) for stream in streams]
    todo = [
        (note, *window)
        for note, stream in enumerate(streams)
        for window in windows(len(stream), context, stride)
    ]
    # Windows of one length with as much context go together: little padding, and no scores over
    # the vocabulary of tokens that are only context.
    todo.sort(key=lambda entry: (entry[2] - entry[1], entry[1] - entry[3], entry[0], entry[2]))
    progress = Progress(label, len(todo), "windows")
    with torch.inference_mode():
        for batch in _batches(todo):
            width = max(stop - start for _, start, _, stop in batch)
            given = min(first - start for _, start, first, _ in batch)
            ids = np.full((len(batch), width), mark[0], np.int64)  # padded on the right: unseen
            for row, (note, start, _, stop) in zip(ids, batch, strict=True):
                row[: stop - start] = streams[note][start:stop]
            inputs = torch.from_numpy(ids).to(device)
            keep = torch.arange(given - 1, width - 1, device=device)
            scores = model(input_ids=inputs, logits_to_keep=keep).logits
            nats = torch.nn.functional.cross_entropy(
                scores.flatten(0, 1).float(), inputs[:, given:].flatten(), reduction="none"
            )
            found = nats.view(len(batch), -1).cpu().numpy()
            for row, (note, start, first, stop) in zip(found, batch, strict=True):
                at = first - start - given
                losses[note][first - 1 : stop - 1] = row[at : at + stop - first]
            progress.advance(len(batch))
    progress.close()
    return losses


def _batches(todo: list[tuple[int, int, int, int]]) -> list[list[tuple[int, int, int, int]]]:
    """Windows in order, as many at once as have BATCH_TOKENS with their padding."""
    made: list[list[tuple[int, int, int, int]]] = []
    width = 0
    for entry in todo:
        length = entry[3] - entry[1]
        if made and max(width, length) * (len(made[-1]) + 1) <= BATCH_TOKENS:
            made[-1].append(entry)
            width = max(width, length)
        else:
            made.append([entry])
            width = length
    return made
