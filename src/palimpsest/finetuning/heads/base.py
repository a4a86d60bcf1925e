"""What a head is, and what heads have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.text.tokenizers import load_tokenizer

PREDICT_BATCH = 64
Encoded = Row  # an example as the model reads it: input_ids, labels, weight
Batch = dict[str, torch.Tensor]


class Head(ABC):
    """How examples of one kind are encoded, trained on, and predicted."""

    trainer: type[Trainer]  # has the loss and the optimizer

    def __init__(self, checkpoint: Path, labels: list[str], max_tokens: int) -> None:
        """checkpoint: folder of an encoder and its tokenizer. labels: of the dataset, in order."""
        self.checkpoint, self.labels, self.max_tokens = checkpoint, labels, max_tokens
        self.tokenizer = load_tokenizer(checkpoint / "tokenizer.json")

    @abstractmethod
    def model(self) -> torch.nn.Module:
        """The encoder with a fresh head."""

    @abstractmethod
    def encode(self, examples: list[tuple[Row, float]]) -> list[Encoded]:
        """Examples and their weights in the loss, as the model reads them."""

    @abstractmethod
    def pad_labels(self, batch: list[Encoded]) -> torch.Tensor:
        """The labels of a batch as one tensor."""

    def begin_phase(self, model: torch.nn.Module, train: list[Encoded]) -> None:
        """Prepare a model for a phase of training; most heads need nothing."""
        return None

    @abstractmethod
    def quality(self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]) -> float:
        """The number that chooses the epoch, on the valid examples; the higher, the better."""

    @abstractmethod
    def predict(
        self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]
    ) -> list[Row]:
        """Rows of `runtime.dataset_tables.PREDICTIONS`, in the order of the examples."""

    def collate(self, batch: list[Encoded], padding: int) -> Batch:
        """A padded batch: input_ids and attention_mask (rows, longest), labels, weights (rows)."""
        return {
            **padded_inputs(batch, padding),
            "labels": self.pad_labels(batch),
            "weights": torch.tensor([row["weight"] for row in batch]),
        }


def padded(values: list[list[int]], filling: int) -> torch.Tensor:
    """Lists of numbers as one tensor of shape (lists, longest)."""
    width = max(map(len, values))
    return torch.tensor([row + [filling] * (width - len(row)) for row in values])


def padded_inputs(batch: list[Encoded], padding: int) -> Batch:
    """What a model reads of a batch: input_ids and attention_mask, each (rows, longest)."""
    ids = [row["input_ids"] for row in batch]
    return {
        "input_ids": padded(ids, padding),
        "attention_mask": padded([[1] * len(row) for row in ids], 0),
    }


def logits_of(model: Any, encoded: list[Encoded]) -> Iterator[tuple[int, torch.Tensor]]:
    """The index of each row of `encoded` and its logits, on the CPU; the shortest rows come first.

    Logits of tokens are as many as the longest row of the batch has.
    Raises UserError when a logit is not a number.
    """
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    order = sorted(range(len(encoded)), key=lambda row: (len(encoded[row]["input_ids"]), row))
    for first in range(0, len(order), PREDICT_BATCH):
        rows = order[first : first + PREDICT_BATCH]
        batch = padded_inputs([encoded[row] for row in rows], model.config.pad_token_id or 0)
        with torch.inference_mode():
            logits = model(**{name: part.to(device) for name, part in batch.items()}).logits
        if not torch.isfinite(logits).all():
            raise UserError(
                "the model gives what is not a number: expected a lower learning rate, or "
                "precision float32"
            )
        yield from zip(rows, logits.cpu(), strict=True)
    model.train(was_training)
