"""What a head is, and what heads have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig

from palimpsest.finetuning.config import Finetuning
from palimpsest.runtime.checkpoints import check_tokens, load_pretrained
from palimpsest.runtime.dataset_tables import DatasetManifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.text.tokenizers import frame_of, load_tokenizer

PREDICT_BATCH = 64
LIKE_LENGTH = 1.5  # the longest row of a batch by the shortest
# A window of an example as the model reads it: input_ids and, where the encoder has them,
# token_type_ids; `example`, its place among the examples; to train on also labels and weight.
Encoded = Row
Batch = dict[str, torch.Tensor]


class Head(ABC):
    """How examples of one kind are encoded, trained on, and predicted."""

    rate: float  # the head's learning rate, times the encoder's, where none is declared
    quality_name: str  # what `quality` measures

    def __init__(self, checkpoint: Path, asked: DatasetManifest, finetuning: Finetuning) -> None:
        """checkpoint: folder of an encoder and its tokenizer. asked: the labels and the answer.

        Raises UserError when the encoder has no place for `max_tokens`, or for a token.
        """
        self.checkpoint, self.asked, self.finetuning = checkpoint, asked, finetuning
        self.labels = asked.labels
        self.tokenizer = load_tokenizer(checkpoint / "tokenizer.json")
        self.frame = frame_of(self.tokenizer)
        config = load_pretrained(AutoConfig, checkpoint)
        check_tokens(checkpoint, config, self.tokenizer, finetuning.max_tokens)
        self.typed = (getattr(config, "type_vocab_size", 0) or 0) > 1
        self.room = finetuning.max_tokens - len(self.frame.around([]))
        if self.room < 1:
            raise UserError(
                f"max_tokens {finetuning.max_tokens} leaves no room beside the encoder's marks"
            )
        self.stride = min(finetuning.stride or max(1, self.room // 2), self.room)

    @abstractmethod
    def fresh_model(self) -> torch.nn.Module:
        """The encoder with a fresh head."""

    @abstractmethod
    def kept_model(self) -> torch.nn.Module:
        """The model that was saved in the checkpoint's folder."""

    @abstractmethod
    def tensors(self, model: torch.nn.Module) -> dict[str, torch.Tensor]:
        """What is saved of a model, by the names under which `kept_model` finds it."""

    @abstractmethod
    def encoder_of(self, model: Any) -> torch.nn.Module:
        """The part of a model that was pretrained."""

    @abstractmethod
    def read(self, examples: list[Row]) -> list[Encoded]:
        """The windows of the examples, in order, without what they are answered with."""

    @abstractmethod
    def answer(self, encoded: list[Encoded], examples: list[tuple[Row, float]]) -> None:
        """Put the gold answer into each window, as `labels`, and its `weight` in the loss."""

    @abstractmethod
    def pad_labels(self, batch: list[Encoded]) -> torch.Tensor:
        """The labels of a batch as one tensor."""

    @abstractmethod
    def loss(self, logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> Any:
        """One number, from what `collate` gives and the model's logits in float32."""

    @abstractmethod
    def quality(self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]) -> float:
        """The number that chooses the weights, on the valid examples; the higher, the better.

        NaN where there is nothing to find.
        """

    @abstractmethod
    def predict(
        self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]
    ) -> list[list[Row]]:
        """Of each example what is found: start and end of spans, label and score."""

    def begin_phase(self, model: torch.nn.Module, train: list[Encoded]) -> None:
        """Prepare a model for a phase of training; most heads need nothing."""
        return None

    def encode(self, examples: list[tuple[Row, float]]) -> list[Encoded]:
        """The windows of examples with their weights in the loss, to train on."""
        encoded = self.read([row for row, _ in examples])
        self.answer(encoded, examples)
        return encoded

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
    made = {
        "input_ids": padded(ids, padding),
        "attention_mask": padded([[1] * len(row) for row in ids], 0),
    }
    if "token_type_ids" in batch[0]:
        made["token_type_ids"] = padded([row["token_type_ids"] for row in batch], 0)
    return made


def padding_of(model: Any) -> int:
    """The id that fills a batch: RoBERTa counts positions by it."""
    return model.config.pad_token_id or 0


def logits_of(model: Any, encoded: list[Encoded]) -> Iterator[tuple[int, torch.Tensor]]:
    """The index of each row of `encoded` and its logits, float32, on the CPU; the shortest first.

    Logits of tokens are as many as the longest row of the batch has.
    Raises UserError when a logit is not a number.
    """
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    order = sorted(range(len(encoded)), key=lambda row: (len(encoded[row]["input_ids"]), row))
    for rows in _of_like_length(order, [len(row["input_ids"]) for row in encoded]):
        batch = padded_inputs([encoded[row] for row in rows], padding_of(model))
        with torch.inference_mode():
            logits = model(**{name: part.to(device) for name, part in batch.items()}).logits
        if not torch.isfinite(logits).all():
            raise UserError(
                "the model gives what is not a number: expected a lower learning rate, or "
                "precision float32"
            )
        yield from zip(rows, logits.float().cpu(), strict=True)
    model.train(was_training)


def _of_like_length(order: list[int], lengths: list[int]) -> Iterator[list[int]]:
    """Batches of rows that are in order of their lengths: at most a third of a batch is padding."""
    batch: list[int] = []
    for row in order:
        if batch and (
            len(batch) == PREDICT_BATCH or lengths[row] > LIKE_LENGTH * lengths[batch[0]]
        ):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
