"""One run: an encoder is fine-tuned, phase after phase, and predicts."""

from pathlib import Path

import torch
from transformers import set_seed

from palimpsest.finetuning.config import Finetuning
from palimpsest.finetuning.data import Weighted
from palimpsest.finetuning.heads import head_of
from palimpsest.finetuning.training import fit
from palimpsest.runtime.dataset_tables import DatasetTable
from palimpsest.runtime.rows import Row


def finetune(
    title: str,
    checkpoint: Path,
    judged: DatasetTable,
    phases: list[Weighted],
    finetuning: Finetuning,
    seed: int,
    threads: int,
) -> list[Row]:
    """Fine-tune on one phase after another, and predict the valid and test examples of `judged`.

    Each phase has an optimizer of its own and hands on the weights of the epoch that is best on the
    valid examples; those of the last one are the result.
    checkpoint: folder of an encoder. threads: CPU cores to use.
    Returns rows of `runtime.dataset_tables.PREDICTIONS`.
    """
    head = head_of(judged.kind)(checkpoint, judged.labels, finetuning.max_tokens)
    trains = [head.encode(phase) for phase in phases]
    valid, test = judged.of_split("valid"), judged.of_split("test")
    valid_encoded, test_encoded = (
        head.encode([(row, 1.0) for row in rows]) for rows in (valid, test)
    )
    torch.set_num_threads(threads)
    set_seed(seed)  # before a model is made, which draws from it

    def quality(current: torch.nn.Module) -> float:
        return head.quality(current, valid_encoded, valid)

    model = head.model()
    for number, train in enumerate(trains, start=1):
        head.begin_phase(model, train)
        phase = f"{title}: phase {number} of {len(trains)}"
        fit(phase, head, model, train, finetuning, seed, quality)
    return head.predict(model, valid_encoded, valid) + head.predict(model, test_encoded, test)
