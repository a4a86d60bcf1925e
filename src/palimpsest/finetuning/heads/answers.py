"""What a head over a whole text says: several labels, one, or a number.

Each has a layer of some outputs, whose logits are (rows, outputs), and its loss.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from sklearn.metrics import average_precision_score
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss

from palimpsest.runtime.dataset_tables import (
    NUMBER,
    ONE_LABEL,
    SEVERAL_LABELS,
    DatasetManifest,
)
from palimpsest.runtime.labels import ANY
from palimpsest.runtime.rows import Row
from palimpsest.stats.f1 import decision_counts, label_columns, micro_f1


class Answer(ABC):
    """How an example is answered."""

    outputs: int
    quality_name: str

    def __init__(self, asked: DatasetManifest) -> None:
        self.asked, self.labels = asked, asked.labels

    @abstractmethod
    def targets(self, examples: list[Row]) -> np.ndarray:
        """Gold answers, (examples, outputs): float32."""

    @abstractmethod
    def losses(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The loss of each row, (rows,)."""

    @abstractmethod
    def scores(self, logits: torch.Tensor) -> torch.Tensor:
        """Probabilities, or numbers, of the shape of the logits."""

    @abstractmethod
    def at_first(self, shares: np.ndarray) -> np.ndarray:
        """Logits that say what the train examples are on average. shares: the targets' mean."""

    @abstractmethod
    def quality(self, scores: np.ndarray, examples: list[Row]) -> float:
        """What the scores of the valid examples are worth, NaN where there is nothing to find."""

    def rows(self, scores: list[float]) -> list[Row]:
        """What is predicted of an example: label and score."""
        return [
            {"label": label, "score": score}
            for label, score in zip(self.labels, scores, strict=True)
        ]


class SeveralLabels(Answer):
    """A probability of each label, and one of any."""

    quality_name = "average precision"

    def __init__(self, asked: DatasetManifest) -> None:
        super().__init__(asked)
        self.outputs = len(self.labels) + 1

    def targets(self, examples: list[Row]) -> np.ndarray:
        return label_columns([row["labels"] for row in examples], self.labels).astype(np.float32)

    def losses(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(dim=1)

    def scores(self, logits: torch.Tensor) -> torch.Tensor:
        return logits.sigmoid()

    def at_first(self, shares: np.ndarray) -> np.ndarray:
        return np.log(shares / (1 - shares))

    def quality(self, scores: np.ndarray, examples: list[Row]) -> float:
        """Average precision over the decisions about all labels: no threshold is chosen for it."""
        gold = self.targets(examples)[:, :-1].ravel()
        if not gold.any():
            return np.nan
        return float(average_precision_score(gold, scores[:, :-1].ravel()))

    def rows(self, scores: list[float]) -> list[Row]:
        return [*super().rows(scores[:-1]), {"label": ANY, "score": scores[-1]}]


class OneLabel(Answer):
    """A distribution over the labels."""

    def __init__(self, asked: DatasetManifest) -> None:
        super().__init__(asked)
        self.outputs = len(self.labels)
        self.quality_name = "micro F1" if asked.none_label else "accuracy"

    def targets(self, examples: list[Row]) -> np.ndarray:
        return label_columns([row["labels"] for row in examples], self.labels)[:, :-1].astype(
            np.float32
        )

    def losses(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return cross_entropy(logits, targets, reduction="none")

    def scores(self, logits: torch.Tensor) -> torch.Tensor:
        return logits.softmax(-1)

    def at_first(self, shares: np.ndarray) -> np.ndarray:
        return np.log(shares)

    def quality(self, scores: np.ndarray, examples: list[Row]) -> float:
        """Micro F1 over the labels that are findings: accuracy, where all are."""
        gold = self.targets(examples) > 0
        said = np.zeros_like(gold)
        said[np.arange(len(gold)), scores.argmax(axis=1)] = True
        findings = [label != self.asked.none_label for label in self.labels]
        return micro_f1(decision_counts(gold, said)[:, findings])


class Number(Answer):
    """A score, such as the similarity of two texts: least squares."""

    outputs = 1
    quality_name = "Pearson's r"

    def targets(self, examples: list[Row]) -> np.ndarray:
        return np.array([[row["value"]] for row in examples], np.float32)

    def losses(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return mse_loss(logits, targets, reduction="none").mean(dim=1)

    def scores(self, logits: torch.Tensor) -> torch.Tensor:
        return logits

    def at_first(self, shares: np.ndarray) -> np.ndarray:
        return shares

    def quality(self, scores: np.ndarray, examples: list[Row]) -> float:
        """The correlation with the gold scores."""
        gold = self.targets(examples)[:, 0].astype(float)
        said = scores[:, 0].astype(float)
        if len(gold) < 2 or not gold.std() or not said.std():
            return np.nan
        return float(np.corrcoef(gold, said)[0, 1])

    def rows(self, scores: list[float]) -> list[Row]:
        return [{"label": None, "score": scores[0]}]


def answer_of(asked: DatasetManifest) -> Any:
    """How the examples of a dataset are answered, but for spans."""
    known = {SEVERAL_LABELS: SeveralLabels, ONE_LABEL: OneLabel, NUMBER: Number}
    return known[asked.answer](asked)
