"""Whole texts: sentences, documents, pairs, and texts with marked entities."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from transformers import AutoModel
from transformers.modeling_outputs import SequenceClassifierOutput

from palimpsest.finetuning.heads.answers import answer_of
from palimpsest.finetuning.heads.base import Encoded, Head, logits_of
from palimpsest.finetuning.windows import (
    MARKS,
    around_entities,
    mark_entities,
    shares_of_two,
    windows,
)
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.dataset_tables import NUMBER
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row
from palimpsest.text.tokenizers import encode

DROPOUT = 0.1
HEAD = "head."  # what the names of a head's tensors begin with in a saved model


class PooledEncoder(torch.nn.Module):
    """An encoder, one vector for what it reads, and a linear layer over it.

    The mean over the tokens of the last layer serves every encoder: what stands at the first token
    is only of use where something was trained to put it there, which masked language models are
    not.
    """

    def __init__(self, checkpoint: Path, outputs: int, pooling: str) -> None:
        super().__init__()
        self.encoder = load_pretrained(AutoModel, checkpoint, dtype=torch.float32)
        self.config, self.pooling = self.encoder.config, pooling
        self.dropout = torch.nn.Dropout(DROPOUT)
        self.head = torch.nn.Linear(self.config.hidden_size, outputs)
        torch.nn.init.zeros_(self.head.weight)
        torch.nn.init.zeros_(self.head.bias)

    def forward(self, **inputs: torch.Tensor) -> SequenceClassifierOutput:
        """Logits (rows, outputs) of a padded batch."""
        hidden = self.encoder(**inputs).last_hidden_state
        if self.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            mask = inputs["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        return SequenceClassifierOutput(logits=self.head(self.dropout(pooled)))


class PooledHead(Head):
    """A linear layer over one vector of a text.

    A text that is longer than a window is read in several. Each is taught the answer of the whole
    text, at its share of the text's weight, so that what it says is how likely the answer is after
    reading so much; the text's answer is the mean of these. Their maximum would grow with the
    number of windows.
    """

    # The head starts from nothing: at the encoder's rate, some hundred sentences are too few for it
    # to leave the class priors.
    rate = 30.0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.form = answer_of(self.asked)
        self.quality_name = self.form.quality_name
        if self.asked.kind in ("assertion", "relations"):
            first, second = encode(self.tokenizer, [sign for sign, _ in MARKS])
            if not first or (self.asked.kind == "relations" and first == second):
                raise UserError(
                    f"{self.checkpoint}: the tokenizer has the same pieces for '{MARKS[0][0]}' and "
                    f"'{MARKS[1][0]}', or none, and these mark entities; expected an "
                    "encoder whose vocabulary has both"
                )

    def fresh_model(self) -> PooledEncoder:
        return PooledEncoder(self.checkpoint, self.form.outputs, self.finetuning.pooling)

    def kept_model(self) -> PooledEncoder:
        model = self.fresh_model()
        with safe_open(self.checkpoint / "model.safetensors", "pt") as saved:
            found = {
                name.removeprefix(HEAD): saved.get_tensor(name)
                for name in saved.keys()
                if name.startswith(HEAD)
            }
        model.head.load_state_dict(found)
        return model

    def tensors(self, model: Any) -> dict[str, torch.Tensor]:
        head = {f"{HEAD}{name}": tensor for name, tensor in model.head.state_dict().items()}
        return model.encoder.state_dict() | head

    def encoder_of(self, model: Any) -> torch.nn.Module:
        return model.encoder

    def read(self, examples: list[Row]) -> list[Encoded]:
        """`cut`: whether the encoder does not see all of a pair or a marked text."""
        kinds: dict[str, Callable[[list[Row]], Iterator[Encoded]]]
        kinds = {"pairs": self._pairs, "assertion": self._marked, "relations": self._marked}
        return list(kinds.get(self.asked.kind, self._texts)(examples))

    def _texts(self, examples: list[Row]) -> Iterator[Encoded]:
        for number, ids in enumerate(encode(self.tokenizer, [row["text"] for row in examples])):
            for first, behind in windows([1] * len(ids), self.room, self.stride):
                yield {"example": number, "input_ids": self.frame.around(ids[first:behind])}

    def _pairs(self, examples: list[Row]) -> Iterator[Encoded]:
        room = self.finetuning.max_tokens - len(self.frame.around_two([], [])[0])
        if room < 2:
            raise UserError(
                f"max_tokens {self.finetuning.max_tokens} leaves no room for two texts beside the "
                "encoder's marks"
            )
        firsts = encode(self.tokenizer, [row["text"] for row in examples])
        seconds = encode(self.tokenizer, [row["second"] for row in examples])
        for number, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
            ends = shares_of_two(len(first), len(second), room)
            ids, types = self.frame.around_two(first[: ends[0]], second[: ends[1]])
            cut = ends != (len(first), len(second))
            typed = {"token_type_ids": types} if self.typed else {}
            yield {"example": number, "input_ids": ids, "cut": cut, **typed}

    def _marked(self, examples: list[Row]) -> Iterator[Encoded]:
        for number, row in enumerate(examples):
            text, entities = mark_entities(row["text"], row["marks"])
            encoded = self.tokenizer.encode(text, add_special_tokens=False)
            tokens = []
            for start, end in entities:
                inside = [
                    place
                    for place, (first, behind) in enumerate(encoded.offsets)
                    if first < end and start < behind
                ]
                tokens.append((inside[0], inside[-1] + 1))
            kept = around_entities(len(encoded.ids), tokens, self.room)
            ids = self.frame.around([encoded.ids[place] for place in kept])
            yield {"example": number, "input_ids": ids, "cut": len(kept) < len(encoded.ids)}

    def answer(self, encoded: list[Encoded], examples: list[tuple[Row, float]]) -> None:
        targets = self.form.targets([row for row, _ in examples]).tolist()
        windows_of = Counter(row["example"] for row in encoded)
        for row in encoded:
            number = row["example"]
            row["labels"] = targets[number]
            row["weight"] = examples[number][1] / windows_of[number]

    def pad_labels(self, batch: list[Encoded]) -> torch.Tensor:
        """The gold answers, (rows, outputs)."""
        return torch.tensor([row["labels"] for row in batch])

    def loss(self, logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> Any:
        """The mean of the weighted losses of the windows."""
        return (self.form.losses(logits, labels) * weights).mean()

    def begin_phase(self, model: Any, train: list[Encoded]) -> None:
        """Move the biases so that the mean logit of the train examples says their prior.

        Most labels are rare, and the first epochs would otherwise pass with learning just that. In
        a later phase the shares may be quite others (bronze is balanced, gold is not), and a head
        that is wrong about all of them drags the encoder along.
        """
        shares = mean_target(train, self.asked.answer == NUMBER)
        mean = torch.stack([logits for _, logits in logits_of(model, train)]).mean(dim=0)
        with torch.no_grad():
            change = torch.from_numpy(self.form.at_first(shares)).float() - mean
            model.head.bias += change.to(model.head.bias.device)

    def quality(self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]) -> float:
        return self.form.quality(self.scores(model, encoded, len(examples)), examples)

    def predict(
        self, model: torch.nn.Module, encoded: list[Encoded], examples: list[Row]
    ) -> list[list[Row]]:
        """Each label with its probability, and any; or one number."""
        scores = self.scores(model, encoded, len(examples)).tolist()
        return [self.form.rows(row) for row in scores]

    def scores(self, model: torch.nn.Module, encoded: list[Encoded], examples: int) -> np.ndarray:
        """The mean score of each example's windows: float32, (examples, outputs)."""
        sums = np.zeros((examples, self.form.outputs))
        counts = np.zeros((examples, 1))
        for index, logits in logits_of(model, encoded):
            sums[encoded[index]["example"]] += self.form.scores(logits).numpy()
            counts[encoded[index]["example"]] += 1
        return (sums / counts).astype(np.float32)


def mean_target(encoded: list[Encoded], is_number: bool = False) -> np.ndarray:
    """The weighted mean of the gold answers: the share of examples that each label holds for.

    Shares are smoothed so that none is 0 or 1, as Krichevsky and Trofimov do it: half an example
    more with the label, and half without.
    """
    labels = np.array([row["labels"] for row in encoded])
    weights = np.array([row["weight"] for row in encoded])
    if is_number:
        return weights @ labels / weights.sum()
    return (weights @ labels + 0.5) / (weights.sum() + 1)
