"""Fine-tune on sentences of generated notes, in batches by length and padded to a fixed length.

    PYTHONPATH=src python benchmarks/finetuning.py --weights results/weights/minilm-l6 --updates 30

One line a kind: train examples a second, medians of the rounds, which take turns, and the ratio.
`fixed` is what many fine-tuning programs do: examples in random order, each padded to `max_tokens`.
Both make the same number of updates of the same batch size, with no evaluation but the last.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from palimpsest.datasets.standoff import labelled_sentences
from palimpsest.finetuning import training
from palimpsest.finetuning.config import Finetuning
from palimpsest.finetuning.heads import head_of
from palimpsest.finetuning.heads.base import Encoded, Head
from palimpsest.runtime.dataset_tables import DatasetManifest
from palimpsest.runtime.rows import Row
from synthetic_notes import generate_notes

LABELS = {"spans": ["problem", "treatment", "test"], "sentences": ["long", "short"]}
ANSWERS = {"spans": "spans", "sentences": "several_labels"}


def sentences(count: int) -> list[Row]:
    """Sentences of generated notes with their entities and, as a label, their length."""
    found: list[Row] = []
    for note in generate_notes(200, 1, lambda patient: "train"):
        spans = [
            {"start": span.start, "end": span.end, "label": span.label}
            for span in note.spans
            if span.label in LABELS["spans"]
        ]
        for row in labelled_sentences(note.text, spans):
            size = "long" if len(row["tokens"]) > 12 else "short"
            found.append({**row, "labels": [size], "example_id": str(len(found))})
        if len(found) >= count:
            break
    return found[:count]


class RandomOrder(training.LengthGrouped):
    """Batches of examples in random order."""

    def __iter__(self) -> Iterator[list[int]]:
        order = np.random.default_rng([self.seed, self.passes]).permutation(len(self.lengths))
        self.passes += 1
        for first in range(0, len(order), self.size):
            yield order[first : first + self.size].tolist()


def padded_to(head: Head, longest: int) -> Any:
    """The head's collation, with every batch as wide as the longest window."""
    collate = head.collate

    def fixed(batch: list[Encoded], padding: int) -> dict[str, torch.Tensor]:
        made = collate(batch, padding)
        width = made["input_ids"].shape[1]
        of_tokens = head.asked.kind == "spans"  # whose labels are as wide
        for name, filling in (("input_ids", padding), ("attention_mask", 0), ("labels", -100)):
            if of_tokens or name != "labels":
                missing = longest - width
                made[name] = torch.nn.functional.pad(made[name], (0, missing), value=filling)
        return made

    return fixed


def rate(kind: str, rows: list[Row], options: argparse.Namespace, by_length: bool) -> float:
    """Train examples a second."""
    asked = DatasetManifest(
        "generated", kind, LABELS[kind], "", answer=ANSWERS[kind], unit="patient"
    )
    recipe = Finetuning(
        updates=options.updates,
        batch_size=options.batch_size,
        learning_rate=5e-5,
        max_tokens=options.max_tokens,
    )
    head = head_of(kind)(options.weights, asked, recipe)
    encoded = head.encode([(row, 1.0) for row in rows])
    batches, training.EVALUATIONS = training.LengthGrouped, 1
    if not by_length:
        head.collate = padded_to(head, options.max_tokens)  # type: ignore[method-assign]
        training.LengthGrouped = RandomOrder  # type: ignore[misc]
    torch.manual_seed(0)
    model = head.fresh_model()
    started = time.perf_counter()
    training.fit("benchmark", head, model, encoded, recipe, 1, lambda model: 0.0)
    taken = time.perf_counter() - started
    training.LengthGrouped = batches  # type: ignore[misc]
    return options.updates * options.batch_size / taken


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--weights", type=Path, required=True, help="folder of an encoder")
    options.add_argument("--examples", type=int, default=1000)
    options.add_argument("--updates", type=int, default=30)
    options.add_argument("--batch-size", type=int, default=16)
    options.add_argument("--max-tokens", type=int, default=128)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=1)
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    rows = sentences(arguments.examples)
    print("kind        by length/s    fixed/s   ratio")
    for kind in LABELS:
        taken = [
            [rate(kind, rows, arguments, by_length) for by_length in (True, False)]
            for _ in range(arguments.rounds)
        ]
        grouped, fixed = (median(column) for column in zip(*taken, strict=True))
        print(f"{kind:<10} {grouped:>12.1f} {fixed:>10.1f} {grouped / fixed:>7.2f}", flush=True)


if __name__ == "__main__":
    main()
