"""One run: an encoder is fine-tuned, phase after phase, and predicts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

# isort: off
from palimpsest.runtime import lean_transformers  # noqa: F401  before transformers
from transformers import set_seed

# isort: on
from palimpsest.finetuning.config import Finetuning
from palimpsest.finetuning.data import Weighted
from palimpsest.finetuning.heads import head_of
from palimpsest.finetuning.heads.base import Encoded, Head
from palimpsest.finetuning.training import fit
from palimpsest.runtime.dataset_tables import DatasetTable
from palimpsest.runtime.rows import Row


@dataclass(frozen=True)
class Run:
    """A finished run.

    predictions: rows of `runtime.dataset_tables.PREDICTIONS`. cut: by split, and in `train` over
    all phases, how many examples did not fit `max_tokens` and lost text.
    """

    head: Head
    model: Any
    predictions: list[Row]
    cut: dict[str, int]


def finetune(
    title: str,
    checkpoint: Path,
    judged: DatasetTable,
    phases: list[Weighted],
    finetuning: Finetuning,
    seed: int,
    threads: int,
    choosing: list[Row] | None = None,
) -> Run:
    """Fine-tune on one phase after another, and predict the valid and test examples of `judged`.

    Each phase has an optimizer of its own and hands on the weights that are best on the valid
    examples; those of the last one are the result.
    checkpoint: folder of an encoder. threads: CPU cores to use. choosing: the valid examples that
    choose the weights; None: all.
    Raises UserError when `judged` has nothing to find in its test examples.
    """
    judged.check_findings()
    head = head_of(judged.kind)(checkpoint, judged, finetuning)
    trains = [head.encode(phase) for phase in phases]
    valid, test = judged.of_split("valid"), judged.of_split("test")
    choosing = valid if choosing is None else choosing
    encoded = {"valid": head.read(valid), "test": head.read(test)}
    chosen = head.read(choosing)
    torch.set_num_threads(threads)
    set_seed(seed)  # before a model is made, which draws from it

    def quality(current: torch.nn.Module) -> float:
        return head.quality(current, chosen, choosing)

    # There already when the first phase is prepared, which reads all train examples.
    model = head.fresh_model().to("cuda" if torch.cuda.is_available() else "cpu")
    for number, train in enumerate(trains, start=1):
        head.begin_phase(model, train)
        phase = f"{title}: phase {number} of {len(trains)}"
        fit(phase, head, model, train, finetuning, seed, quality)
    predictions = [
        *_predictions(valid, head.predict(model, encoded["valid"], valid)),
        *_predictions(test, head.predict(model, encoded["test"], test)),
    ]
    cut = {"train": sum(map(cuts, trains))} | {name: cuts(rows) for name, rows in encoded.items()}
    return Run(head, model, predictions, cut)


def cuts(encoded: list[Encoded]) -> int:
    """How many examples lost text."""
    return sum(row.get("cut", False) for row in encoded)


def _predictions(examples: list[Row], found: list[list[Row]]) -> Iterator[Row]:
    for example, rows in zip(examples, found, strict=True):
        named = {name: example[name] for name in ("example_id", "split")}
        yield from ({**named, **row} for row in rows)
