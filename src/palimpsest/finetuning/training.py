"""Fine-tuning an encoder: what tagging words and classifying sentences have in common."""

import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import torch
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments, set_seed

from palimpsest.runtime.progress import announce

PREDICT_BATCH = 64


def start(seed: int, threads: int) -> None:
    """Before a model is made: what it draws comes from `seed`, and torch uses `threads` cores."""
    torch.set_num_threads(threads)
    set_seed(seed)


def padded(values: list[list[int]], filling: int) -> torch.Tensor:
    """Lists of numbers as one tensor of shape (lists, longest)."""
    width = max(map(len, values))
    return torch.tensor([row + [filling] * (width - len(row)) for row in values])


def padded_inputs(batch: list[dict[str, Any]], padding: int) -> dict[str, torch.Tensor]:
    """What a model reads of a batch: input_ids and attention_mask, each (rows, longest)."""
    ids = [row["input_ids"] for row in batch]
    return {
        "input_ids": padded(ids, padding),
        "attention_mask": padded([[1] * len(row) for row in ids], 0),
    }


def logits_of(
    model: torch.nn.Module, encoded: list[dict[str, Any]]
) -> Iterator[tuple[int, torch.Tensor]]:
    """The place of each row in `encoded` and its logits, on the CPU; the shortest rows come first.

    Logits of tokens are as many as the longest row of the batch has.
    """
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    order = sorted(range(len(encoded)), key=lambda at: (len(encoded[at]["input_ids"]), at))
    for at in range(0, len(order), PREDICT_BATCH):
        places = order[at : at + PREDICT_BATCH]
        batch = padded_inputs([encoded[at] for at in places], model.config.pad_token_id or 0)
        with torch.inference_mode():
            logits = model(**{name: part.to(device) for name, part in batch.items()}).logits
        yield from zip(places, logits.cpu(), strict=True)
    model.train(was_training)


def fit(
    what: str,
    model: torch.nn.Module,
    train: list[dict[str, Any]],
    collate: Callable[[list[dict[str, Any]]], dict[str, torch.Tensor]],
    recipe: dict[str, Any],
    seed: int,
    score: Callable[[torch.nn.Module], float],
    trainer: type[Trainer] = Trainer,
) -> float:
    """Train on encoded rows with a fresh optimizer, and leave the best epoch's weights in `model`.

    recipe: identity of `study.tasks.Finetuning`. seed: of the order of the rows and of dropout.
    score: the F1 on the valid sentences, which chooses the epoch. Returns the best one.
    """
    best = _BestEpoch(what, recipe["epochs"], score)
    with tempfile.TemporaryDirectory() as unused:
        made = trainer(
            model=model,
            args=TrainingArguments(
                output_dir=unused,
                num_train_epochs=recipe["epochs"],
                per_device_train_batch_size=recipe["batch_size"],
                learning_rate=recipe["learning_rate"],
                warmup_steps=0.1,
                weight_decay=0.01,
                bf16=recipe["precision"] == "bfloat16",
                use_cpu=not torch.cuda.is_available(),
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
                seed=seed,
                dataloader_pin_memory=False,
                remove_unused_columns=False,
            ),
            train_dataset=train,
            data_collator=collate,
            callbacks=[best],
        )
        made.remove_callback(PrinterCallback)
        made.train()
    model.load_state_dict(best.weights)
    return best.f1


class _BestEpoch(TrainerCallback):
    """Keeps the weights of the epoch that is best on the valid sentences."""

    def __init__(self, what: str, epochs: int, score: Callable[[torch.nn.Module], float]) -> None:
        self.what, self.epochs, self.score = what, epochs, score
        self.f1 = -1.0
        self.weights: dict[str, torch.Tensor] = {}

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        model = kwargs["model"]
        f1 = self.score(model)
        announce(f"{self.what}: epoch {state.epoch:.0f} of {self.epochs}, F1 on valid {f1:.3f}")
        if f1 > self.f1:
            self.f1 = f1
            self.weights = {
                name: value.detach().clone() for name, value in model.state_dict().items()
            }
