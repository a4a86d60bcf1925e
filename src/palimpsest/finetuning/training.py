"""The training loop that every kind of dataset shares."""

import tempfile
from collections.abc import Callable
from typing import Any

import torch
from transformers import PrinterCallback, TrainerCallback, TrainingArguments

from palimpsest.finetuning.config import Finetuning
from palimpsest.finetuning.heads.base import Encoded, Head
from palimpsest.runtime.progress import announce


def fit(
    title: str,
    head: Head,
    model: torch.nn.Module,
    train: list[Encoded],
    finetuning: Finetuning,
    seed: int,
    quality: Callable[[torch.nn.Module], float],
) -> None:
    """Train on encoded rows with a fresh optimizer, and leave the best epoch's weights in `model`.

    seed: of the order of the rows and of dropout. quality: on the valid examples; the first of the
    best epochs is kept.
    """
    best = _BestEpoch(title, finetuning.epochs, quality)
    padding = model.config.pad_token_id or 0
    with tempfile.TemporaryDirectory() as unused:
        arguments = TrainingArguments(
            output_dir=unused,
            num_train_epochs=finetuning.epochs,
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
            dataloader_pin_memory=False,
            remove_unused_columns=False,
        )
        # The batch is what was declared, however many GPUs can be seen.
        arguments._n_gpu = min(1, arguments.n_gpu)
        trainer = head.trainer(
            model=model,
            args=arguments,
            train_dataset=train,
            data_collator=lambda batch: head.collate(batch, padding),
            callbacks=[best],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    model.load_state_dict(best.weights)


class _BestEpoch(TrainerCallback):
    """Keeps the weights of the epoch that is best on the valid examples."""

    def __init__(
        self, title: str, epochs: int, quality: Callable[[torch.nn.Module], float]
    ) -> None:
        self.title, self.epochs, self.quality = title, epochs, quality
        self.best = -1.0
        self.weights: dict[str, torch.Tensor] = {}

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        model = kwargs["model"]
        value = self.quality(model)
        announce(f"{self.title}: epoch {state.epoch:.0f} of {self.epochs}, F1 on valid {value:.3f}")
        if value > self.best:
            self.best = value
            self.weights = {
                name: tensor.detach().clone() for name, tensor in model.state_dict().items()
            }
