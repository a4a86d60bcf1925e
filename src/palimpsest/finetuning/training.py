"""The training loop that every kind of dataset shares."""

import math
import tempfile
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from palimpsest.finetuning.batches import LengthGrouped
from palimpsest.finetuning.config import Finetuning
from palimpsest.finetuning.heads.base import Encoded, Head, padding_of
from palimpsest.runtime.errors import diverged
from palimpsest.runtime.progress import announce

EVALUATIONS = 10  # times that a phase of so many updates is validated


def fit(
    title: str,
    head: Head,
    model: torch.nn.Module,
    train: list[Encoded],
    finetuning: Finetuning,
    seed: int,
    quality: Callable[[torch.nn.Module], float],
) -> None:
    """Train on encoded rows with a fresh optimizer, and leave the best weights in `model`.

    seed: of the order of the rows and of dropout. quality: on the valid examples; the last of the
    best is kept, and the last where nothing could be measured.
    Raises UserError naming the step at which the loss, or a weight, is not a number.
    """
    batches = LengthGrouped([len(row["input_ids"]) for row in train], finetuning.batch_size, seed)
    steps = evaluation_steps(finetuning, len(batches))
    best = _BestWeights(title, steps, head.quality_name, quality)
    with tempfile.TemporaryDirectory() as unused:
        arguments = TrainingArguments(
            output_dir=unused,
            max_steps=steps[-1],
            per_device_train_batch_size=finetuning.batch_size,
            learning_rate=finetuning.learning_rate,
            warmup_steps=0.1,
            weight_decay=0.01,
            bf16=finetuning.precision == "bfloat16",
            use_cpu=not torch.cuda.is_available(),
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            seed=seed,
            remove_unused_columns=False,
        )
        # The batch is what was declared, however many GPUs can be seen.
        arguments._n_gpu = min(1, arguments.n_gpu)
        trainer = _Trainer(
            title, head, batches, model=model, args=arguments, train_dataset=train, callbacks=[best]
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    model.load_state_dict(best.weights)


def evaluation_steps(finetuning: Finetuning, batches: int) -> list[int]:
    """The steps after which the model is evaluated; the last one ends the phase.

    batches: of a pass over the train examples. Epochs: each. Updates: ten times, evenly.
    """
    if finetuning.epochs:
        return [epoch * batches for epoch in range(1, finetuning.epochs + 1)]
    updates = finetuning.updates or 0
    times = min(EVALUATIONS, updates)
    return [round(updates * number / times) for number in range(1, times + 1)]


class _Trainer(Trainer):
    """The head's loss on its batches, in which it learns at its own rate."""

    def __init__(self, title: str, head: Head, batches: LengthGrouped, **options: Any) -> None:
        self.title, self.head, self.batches = title, head, batches
        super().__init__(**options)

    def get_train_dataloader(self) -> DataLoader:
        padding = padding_of(self.model)
        return DataLoader(
            self.train_dataset,
            batch_sampler=self.batches,
            collate_fn=lambda batch: self.head.collate(batch, padding),
        )

    def create_optimizer(self, *_: Any) -> torch.optim.Optimizer:
        """AdamW without decay of biases and norms."""
        rate, decay = self.args.learning_rate, self.args.weight_decay
        decayed = set(self.get_decay_parameter_names(self.model))
        encoder = {id(weight) for weight in self.head.encoder_of(self.model).parameters()}
        factor = self.head.finetuning.head_rate or self.head.rate
        groups = [
            {
                "params": [
                    weight
                    for name, weight in self.model.named_parameters()
                    if (id(weight) in encoder) == pretrained and (name in decayed) == decays
                ],
                "lr": rate if pretrained else factor * rate,
                "weight_decay": decay if decays else 0.0,
            }
            for pretrained in (True, False)
            for decays in (True, False)
        ]
        self.optimizer = torch.optim.AdamW(
            [group for group in groups if group["params"]], lr=rate, fused=True
        )
        return self.optimizer

    def compute_loss(
        self, model: torch.nn.Module, inputs: dict[str, Any], *_: Any, **__: Any
    ) -> torch.Tensor:
        labels, weights = inputs.pop("labels"), inputs.pop("weights")
        loss = self.head.loss(model(**inputs).logits.float(), labels, weights)
        if not torch.isfinite(loss):
            step = self.state.global_step + 1
            raise diverged(self.title, f"the loss of step {step} is {loss.item()}")
        return loss


class _BestWeights(TrainerCallback):
    """Keeps the weights that are best on the valid examples."""

    def __init__(
        self,
        title: str,
        steps: list[int],
        measured: str,
        quality: Callable[[torch.nn.Module], float],
    ) -> None:
        self.title, self.steps, self.measured, self.quality = title, steps, measured, quality
        self.best = -math.inf
        self.weights: dict[str, torch.Tensor] = {}

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step not in self.steps:
            return
        model = kwargs["model"]
        if not all(torch.isfinite(weight).all() for weight in model.parameters()):
            raise diverged(self.title, f"weights after step {state.global_step} are no numbers")
        value = self.quality(model)
        where = f"{self.title}: step {state.global_step} of {self.steps[-1]}"
        if math.isnan(value):
            announce(f"{where}: {self.measured} on valid is undefined: nothing is to be found")
        else:
            announce(f"{where}: {self.measured} on valid {value:.3f}")
        # Of equals the last: what ranks all valid examples right may still be unsure of them.
        if value >= self.best or (math.isnan(value) and self.best == -math.inf):
            self.best = self.best if math.isnan(value) else value
            self.weights = {
                name: tensor.detach().clone() for name, tensor in model.state_dict().items()
            }
