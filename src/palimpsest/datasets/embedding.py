"""Sentences near a category: mean-pooled embeddings of an encoder, by cosine similarity."""

from pathlib import Path

import torch
from torch.nn.utils.rnn import pad_sequence

# isort: off
from palimpsest.runtime import lean_transformers  # noqa: F401  before transformers
from transformers import AutoModel

# isort: on
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.taxonomy import DescribedCategory
from palimpsest.text.tokenizers import encode, encoder_marks, load_tokenizer

BATCH = 64  # texts that are embedded at once
MOST_TOKENS = 128  # of a text; what is beyond is not looked at


class Embedder:
    """An encoder that gives a text the mean of its last hidden states (Reimers & Gurevych 2019)."""

    def __init__(self, encoder: Path) -> None:
        """encoder: a folder of weights. Raises UserError when it cannot be loaded."""
        self.tokenizer = load_tokenizer(encoder / "tokenizer.json")
        self.start, self.end, _ = encoder_marks(self.tokenizer)
        self.model = load_pretrained(AutoModel, encoder, dtype=torch.float32).eval()
        self.room = min(MOST_TOKENS, self.model.config.max_position_embeddings) - 2

    @torch.inference_mode()
    def embed(self, texts: list[str]) -> torch.Tensor:
        """Embeddings of unit length, (texts, hidden size)."""
        tokens = [
            [self.start, *ids[: self.room], self.end] for ids in encode(self.tokenizer, texts)
        ]
        # Texts of about one length together: little of a batch is padding.
        order = sorted(range(len(texts)), key=lambda index: (len(tokens[index]), index))
        made = torch.empty(len(texts), self.model.config.hidden_size)
        progress = Progress("embeddings", len(texts), "sentences")
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            rows = [torch.tensor(tokens[index]) for index in batch]
            ids = pad_sequence(rows, batch_first=True, padding_value=self.end)
            mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
            states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
            summed = (states * mask.unsqueeze(-1)).sum(1)
            made[batch] = torch.nn.functional.normalize(summed, dim=1)
            progress.advance(len(batch))
        progress.close()
        return made


def nearest(
    embedder: Embedder, texts: list[str], categories: list[DescribedCategory]
) -> dict[str, list[int]]:
    """For each category the places of all texts, the nearest to its title and definition first.

    Ties keep the order of the texts.
    """
    wanted = embedder.embed([f"{category.title}: {category.definition}" for category in categories])
    similarity = wanted @ embedder.embed(texts).T
    # Rounded, so that the last bits of another machine's arithmetic change no order.
    order = similarity.round(decimals=5).argsort(dim=1, descending=True, stable=True)
    return {category.name: row.tolist() for category, row in zip(categories, order, strict=True)}
