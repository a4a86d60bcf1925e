"""Sentences: an encoder that gives each sentence the probability of every label."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import AutoModel, Trainer
from transformers.modeling_outputs import SequenceClassifierOutput

from palimpsest.finetuning.heads.base import Encoded, Head, logits_of
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.labels import ANY
from palimpsest.runtime.rows import Row
from palimpsest.stats.f1 import choose_thresholds, decision_counts, label_columns, micro_f1
from palimpsest.text.tokenizers import encode, encoder_marks

# The head starts from nothing: at the encoder's rate, some hundred sentences are too few for it to
# leave the class priors.
HEAD_RATE = 30  # times the encoder's learning rate
DROPOUT = 0.1


class MeanPooling(torch.nn.Module):
    """An encoder, the mean over the tokens of its last layer, and a linear head.

    The mean serves every encoder: what stands at the first token is only of use where something
    was trained to put it there, which masked language models are not.
    """

    def __init__(self, checkpoint: Path, outputs: int) -> None:
        super().__init__()
        self.encoder = load_pretrained(AutoModel, checkpoint, dtype=torch.float32)
        self.config = self.encoder.config
        self.dropout = torch.nn.Dropout(DROPOUT)
        self.head = torch.nn.Linear(self.config.hidden_size, outputs)
        torch.nn.init.zeros_(self.head.weight)
        torch.nn.init.zeros_(self.head.bias)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> SequenceClassifierOutput:
        """Logits (sentences, outputs) of a padded batch."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        return SequenceClassifierOutput(logits=self.head(self.dropout(mean)))


class _WeightedTrainer(Trainer):
    """Binary cross-entropy of each output, with the weight of each sentence."""

    def create_optimizer(self, *_: Any) -> torch.optim.Optimizer:
        """AdamW, in which the head learns faster."""
        rate, decay = self.args.learning_rate, self.args.weight_decay
        head = {"params": self.model.head.parameters(), "lr": HEAD_RATE * rate}
        encoder = {"params": self.model.encoder.parameters()}
        self.optimizer = torch.optim.AdamW([encoder, head], lr=rate, weight_decay=decay, fused=True)
        return self.optimizer

    def compute_loss(
        self, model: torch.nn.Module, inputs: dict[str, Any], *_: Any, **__: Any
    ) -> torch.Tensor:
        labels, weights = inputs.pop("labels"), inputs.pop("weights")
        logits = model(**inputs).logits.float()
        losses = binary_cross_entropy_with_logits(logits, labels, reduction="none")
        return (losses.mean(dim=1) * weights).mean()


class PooledHead(Head):
    """A linear layer over the mean of the tokens: an output for each label, and one for any."""

    trainer = _WeightedTrainer

    def model(self) -> MeanPooling:
        return MeanPooling(self.checkpoint, len(self.labels) + 1)

    def encode(self, examples: list[tuple[Row, float]]) -> list[Encoded]:
        """What does not fit `max_tokens` is cut off."""
        begin, end, _ = encoder_marks(self.tokenizer)
        room = self.max_tokens - 2
        pieces = encode(self.tokenizer, [row["text"] for row, _ in examples])
        columns = label_columns([row["labels"] for row, _ in examples], self.labels).astype(float)
        return [
            {"input_ids": [begin, *ids[:room], end], "labels": labels, "weight": weight}
            for ids, labels, (_, weight) in zip(pieces, columns.tolist(), examples, strict=True)
        ]

    def pad_labels(self, batch: list[Encoded]) -> torch.Tensor:
        """1.0 where a label holds, (rows, labels + 1)."""
        return torch.tensor([row["labels"] for row in batch])

    def begin_phase(self, model: torch.nn.Module, train: list[Encoded]) -> None:
        """Move the biases so that the mean logit of the train examples is their prior's log-odds.

        Most labels are rare, and the first epochs would otherwise pass with learning just that. In
        a later phase the shares may be quite others (bronze is balanced, gold is not), and a head
        that is wrong about all of them drags the encoder along.
        """
        shares = prior(train)
        mean = torch.stack([logits.float() for _, logits in logits_of(model, train)]).mean(dim=0)
        with torch.no_grad():
            change = torch.from_numpy(np.log(shares / (1 - shares))).float() - mean
            model.head.bias += change.to(model.head.bias.device)

    def quality(self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]) -> float:
        """Micro F1 over the labels, each at its best threshold."""
        gold = label_columns([row["labels"] for row in examples], self.labels)
        scores = probabilities(model, encoded)
        predicted = scores >= choose_thresholds(gold, scores)
        return micro_f1(decision_counts(gold, predicted)[:, :-1])

    def predict(
        self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]
    ) -> list[Row]:
        """A row for each example and label, then for any; its score is the probability."""
        rows = []
        for example, scores in zip(examples, probabilities(model, encoded).tolist(), strict=True):
            named = {name: example[name] for name in ("example_id", "split")}
            for label, score in zip([*self.labels, ANY], scores, strict=True):
                rows.append({**named, "label": label, "score": score})
        return rows


def prior(encoded: list[Encoded]) -> np.ndarray:
    """The weighted share of examples that each label holds for, smoothed so that none is 0 or 1.

    As Krichevsky and Trofimov smooth it: half an example more with the label, and half without.
    """
    labels = np.array([row["labels"] for row in encoded])
    weights = np.array([row["weight"] for row in encoded])
    return (weights @ labels + 0.5) / (weights.sum() + 1)


def probabilities(model: Any, encoded: list[Encoded]) -> np.ndarray:
    """The probability of each output for each example: float32, (examples, outputs)."""
    scores = np.zeros((len(encoded), model.head.out_features), np.float32)
    for index, logits in logits_of(model, encoded):
        scores[index] = logits.float().sigmoid().numpy()
    return scores
