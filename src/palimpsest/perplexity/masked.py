"""The loss of masked tokens of a note under an encoder (Salazar et al. 2020)."""

from pathlib import Path

import numpy as np
import torch
from tokenizers import Encoding

# isort: off
from palimpsest.runtime import lean_transformers  # noqa: F401  before transformers
from transformers import AutoModelForMaskedLM

# isort: on
from palimpsest.runtime.checkpoints import check_tokens, load_pretrained
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.progress import Progress
from palimpsest.text.tokenizers import encoder_marks, frame_of, load_tokenizer

BATCH_TOKENS = 4096  # the scores of each are over the whole vocabulary


def drawn_tokens(tokens: int, most: int, seed: int, note_id: str) -> np.ndarray:
    """Places of at most `most` of a note's tokens, rising. A larger number holds a smaller's."""
    generator = np.random.default_rng(keyed_hash(f"masked-{seed}", note_id))
    return np.sort(generator.permutation(tokens)[:most]).astype(np.int32)


def hidden_pieces(words: list[int | None], place: int) -> range:
    """The token at a place and the later pieces of its word, which would give it away.

    words: the word of each token (Kauf & Ivanova 2023).
    """
    stop = place + 1
    while stop < len(words) and words[stop] is not None and words[stop] == words[place]:
        stop += 1
    return range(place, stop)


def masked_losses(
    texts: list[str], places: list[np.ndarray], weights: Path, context: int, label: str
) -> list[np.ndarray]:
    """The negative log-likelihood of tokens of each text, each masked alone, in nats.

    The encoder sees `context` tokens at once, its marks among them, with the masked one in the
    middle where the note goes on at both sides. The tokens are those of its tokenizer.
    places: of the tokens of each text (`encodings`). label: names it in messages.
    """
    tokenizer = load_tokenizer(weights / "tokenizer.json")
    mask, frame = encoder_marks(tokenizer)[2], frame_of(tokenizer)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = load_pretrained(AutoModelForMaskedLM, weights, dtype=torch.float32).to(device).eval()
    check_tokens(weights, model.config, tokenizer, context)
    room = context - len(frame.around([]))
    losses = [np.empty(len(each), np.float32) for each in places]
    todo: list[tuple[int, int, list[int], int, int]] = []
    for note, encoding in enumerate(encodings(weights, texts)):
        ids, words = encoding.ids, encoding.word_ids
        for number, place in enumerate(places[note]):
            hidden = hidden_pieces(words, int(place))
            start = max(0, min(hidden.start - room // 2, len(ids) - room))
            sight = range(start, min(start + room, len(ids)))
            shown = [mask if at in hidden else ids[at] for at in sight]
            at = len(frame.begin) + hidden.start - start
            todo.append((note, number, frame.around(shown), at, ids[place]))
    todo.sort(key=lambda entry: -len(entry[2]))
    progress = Progress(label, len(todo), "masked tokens")
    size = max(1, BATCH_TOKENS // context)
    with torch.inference_mode():
        for first in range(0, len(todo), size):
            batch = todo[first : first + size]
            width = len(batch[0][2])
            rows = [[*ids, *[mask] * (width - len(ids))] for _, _, ids, _, _ in batch]
            seen = [[1] * len(ids) + [0] * (width - len(ids)) for _, _, ids, _, _ in batch]
            scores = model(
                input_ids=torch.tensor(rows, device=device),
                attention_mask=torch.tensor(seen, device=device),
            ).logits
            at = torch.tensor([entry[3] for entry in batch], device=device)
            wanted = torch.tensor([entry[4] for entry in batch], device=device)
            chosen = scores[torch.arange(len(batch), device=device), at].float()
            nats = torch.nn.functional.cross_entropy(chosen, wanted, reduction="none").tolist()
            for (note, number, *_), value in zip(batch, nats, strict=True):
                losses[note][number] = value
            progress.advance(len(batch))
    progress.close()
    return losses


def encodings(weights: Path, texts: list[str]) -> list[Encoding]:
    """The texts as a model's tokenizer has them, without marks at their ends."""
    tokenizer = load_tokenizer(weights / "tokenizer.json")
    found: list[Encoding] = tokenizer.encode_batch(texts, add_special_tokens=False)
    return found
