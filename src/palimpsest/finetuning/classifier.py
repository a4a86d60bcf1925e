"""Fine-tune an encoder to give sentences their categories."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import AutoModel, Trainer
from transformers.modeling_outputs import SequenceClassifierOutput

from palimpsest.finetuning.training import fit, logits_of, padded_inputs, start
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.stats.f1 import choose_thresholds, label_columns, valid_micro_f1
from palimpsest.text.tokenizers import encode, encoder_marks, load_tokenizer

# The head starts from nothing: at the encoder's rate, some hundred sentences are too few for it to
# leave the class priors.
HEAD_RATE = 30  # times the encoder's learning rate
DROPOUT = 0.1


class SentenceClassifier(torch.nn.Module):
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


def examples(
    weighted: list[tuple[dict[str, Any], float]],
    tokenizer: Tokenizer,
    labels: list[str],
    max_tokens: int,
) -> list[dict[str, Any]]:
    """Word pieces, labels and weight of each sentence; what does not fit `max_tokens` is cut off.

    weighted: rows with their weights. The labels are a number for each category, then one for any.
    """
    begin, end, _ = encoder_marks(tokenizer)
    pieces = encode(tokenizer, [row["text"] for row, _ in weighted])
    columns = label_columns([row["categories"] for row, _ in weighted], labels).astype(float)
    return [
        {"input_ids": [begin, *ids[: max_tokens - 2], end], "labels": held, "weight": weight}
        for ids, held, (_, weight) in zip(pieces, columns.tolist(), weighted, strict=True)
    ]


def prior(encoded: list[dict[str, Any]]) -> np.ndarray:
    """The weighted share of sentences that each label holds for, smoothed so that none is 0 or 1.

    As Krichevsky and Trofimov smooth it: half a sentence more with the label, and half without.
    """
    labels = np.array([row["labels"] for row in encoded])
    weights = np.array([row["weight"] for row in encoded])
    return (weights @ labels + 0.5) / (weights.sum() + 1)


def collate(batch: list[dict[str, Any]], padding: int) -> dict[str, torch.Tensor]:
    """A padded batch: input_ids and attention_mask, labels (sentences, outputs) and weights."""
    return {
        **padded_inputs(batch, padding),
        "labels": torch.tensor([row["labels"] for row in batch]),
        "weights": torch.tensor([row["weight"] for row in batch]),
    }


def probabilities(model: SentenceClassifier, encoded: list[dict[str, Any]]) -> np.ndarray:
    """The probability of each output for each sentence: float32, (sentences, outputs)."""
    made = np.zeros((len(encoded), model.head.out_features), np.float32)
    for place, logits in logits_of(model, encoded):
        made[place] = logits.float().sigmoid().numpy()
    return made


def centre(model: SentenceClassifier, encoded: list[dict[str, Any]]) -> None:
    """Move the head's biases so that the mean logit of some sentences is their prior's log-odds.

    Most categories are rare, and the first epochs would otherwise pass with learning just that. In
    a later phase the shares may be quite others (bronze is balanced, gold is not), and a head that
    is wrong about all of them drags the encoder along.
    """
    shares = prior(encoded)
    mean = torch.stack([logits.float() for _, logits in logits_of(model, encoded)]).mean(dim=0)
    with torch.no_grad():
        wanted = torch.from_numpy(np.log(shares / (1 - shares))).float() - mean
        model.head.bias += wanted.to(model.head.bias.device)


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


def finetune(
    what: str,
    checkpoint: Path,
    phases: list[list[tuple[dict[str, Any], float]]],
    valid: list[dict[str, Any]],
    test: list[dict[str, Any]],
    labels: list[str],
    recipe: dict[str, Any],
    seed: int,
    threads: int,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Fine-tune on one phase after another, and score the test sentences.

    phases: rows with their weights. Each phase has an optimizer of its own and hands on the weights
    of the epoch that is best on `valid`; those of the last one are the result.
    recipe: identity of `study.tasks.Finetuning`. threads: CPU cores to use.
    Returns probabilities of `test`, float32 (sentences, labels + 1), the thresholds of the outputs,
    and the micro F1 on `valid` with these.
    """
    tokenizer = load_tokenizer(checkpoint / "tokenizer.json")

    trains, (judges, judged) = (
        [examples(rows, tokenizer, labels, recipe["max_tokens"]) for rows in parts]
        for parts in (phases, [[(row, 1.0) for row in part] for part in (valid, test)])
    )
    start(seed, threads)
    model = SentenceClassifier(checkpoint, len(labels) + 1)
    gold = label_columns([row["categories"] for row in valid], labels)

    def score(current: torch.nn.Module) -> float:
        return valid_micro_f1(gold, probabilities(current, judges))

    collator = partial(collate, padding=model.config.pad_token_id or 0)
    for at, train in enumerate(trains, start=1):
        centre(model, train)
        valid_f1 = fit(
            f"{what}: phase {at} of {len(trains)}",
            model,
            train,
            collator,
            recipe,
            seed,
            score,
            _WeightedTrainer,
        )
    thresholds = choose_thresholds(gold, probabilities(model, judges))
    return probabilities(model, judged), thresholds, valid_f1
