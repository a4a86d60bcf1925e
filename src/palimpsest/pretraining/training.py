"""Training with transformers' Trainer: resumable after a kill, to the same weights."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Sampler, SequentialSampler
from transformers import (
    PreTrainedModel,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from palimpsest.pretraining.config import Training, TrainingResources
from palimpsest.pretraining.packing import MakeExample, Schedule
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.errors import UserError, diverged
from palimpsest.runtime.files import check_bytes, read_json, write_json
from palimpsest.runtime.progress import Progress, announce

COMPLETE = "COMPLETE"
# What a checkpoint consists of; outputs of a job have fixed names.
FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
ONE_FILE = "1000GB"  # the tensors are in one file, however many there are
Notes = dict[str, float]


class _Marks(TrainerCallback):
    """Marks complete checkpoints, and announces progress."""

    def __init__(self, label: str, steps: int) -> None:
        self.progress = Progress(label, steps, "steps")

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
        self.progress.count(state.global_step, f"loss {losses[-1]:.3f}" if losses else "")

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
        write_json(folder / COMPLETE, described(folder, names)["files"])


class ScheduledTrainer(Trainer):
    """Takes examples in the order of the schedule, which has its own permutations.

    Its training ends with a UserError at the first step whose loss is not a number.
    """

    label = "training"

    def _get_train_sampler(self, *args: Any, **kwargs: Any) -> Sampler:
        return SequentialSampler(self.train_dataset)

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss).all():
            step = self.state.global_step + 1
            raise diverged(self.label, f"the loss of step {step} is {loss.mean().item()}")
        return loss

    def check_weights(self) -> None:
        """What the last update left must be numbers: no later loss would tell."""
        if not all(torch.isfinite(weight).all() for weight in self.model.parameters()):
            step = self.state.global_step
            raise diverged(self.label, f"weights after step {step} are no numbers")


def describe_checkpoint(folder: Path, notes: Notes) -> None:
    """Write `checkpoint.json`: hashes of the folder's FILES, an identity over them, and notes.

    What else the libraries wrote is removed.
    """
    for path in folder.iterdir():
        if path.name not in FILES:
            path.unlink()
    write_json(folder / "checkpoint.json", {**described(folder, FILES), **notes})


def last_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint; those that a kill left unfinished, or that changed since, are
    removed."""
    newest = None
    for path in sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1])):
        if _is_whole(path):
            newest = path
        else:
            shutil.rmtree(path)
    return newest


def _is_whole(folder: Path) -> bool:
    """Whether a checkpoint to resume from is what was saved."""
    mark = folder / COMPLETE
    if not mark.exists():
        return False
    if not mark.stat().st_size:  # as a development version before 0.1 marked it, without hashes
        return True
    try:
        for name, sha256 in read_json(mark).items():
            check_bytes(folder / name, sha256)
    except (UserError, AttributeError) as error:
        announce(f"{folder}: damaged, so it is not resumed from: {error}")
        return False
    return True


@dataclass(frozen=True)
class Run:
    """One training run.

    label: names it in messages. working: room for checkpoints; what a killed run left there is
    taken up again. target: the folder for the finished model.
    """

    label: str
    training: Training
    resources: TrainingResources
    seed: int
    working: Path
    target: Path

    def train(
        self,
        trainer_class: type[ScheduledTrainer],
        model: PreTrainedModel,
        sequences: torch.Tensor,
        example: MakeExample,
    ) -> Notes:
        """Train `model` in place and return what to note; loss: mean of the last logged steps.

        Raises UserError naming the step at which the loss is not a number.
        """
        examples = self.training.steps * self.training.batch_size
        trainer = trainer_class(
            model=model,
            args=self._arguments(),
            train_dataset=Schedule(sequences, examples, self.seed, example),
            callbacks=[_Marks(self.label, self.training.steps)],
        )
        trainer.label = self.label
        trainer.remove_callback(PrinterCallback)
        resumed = last_checkpoint(self.working)
        if resumed:
            announce(f"{self.label}: resuming from step {resumed.name.split('-')[1]}")
        trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
        trainer.check_weights()
        loss = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry][-1]
        announce(f"{self.label}: {self.training.steps} steps done, loss {loss:.3f}")
        return {
            "parameters": model.num_parameters(),
            "sequences": len(sequences),
            "epochs": round(examples / len(sequences), 3),
            "loss": round(loss, 4),
        }

    def _arguments(self) -> TrainingArguments:
        training, resources = self.training, self.resources
        devices = torch.cuda.device_count() if resources.gpus else 1
        if not devices:
            raise UserError(
                f"{self.label}: the model file asks for {resources.gpus} GPUs, but none is here"
            )
        batch = resources.device_batch_size or training.batch_size // devices
        accumulation, rest = divmod(training.batch_size, max(1, batch * devices))
        if rest or not accumulation:
            raise UserError(
                f"{self.label}: batch_size {training.batch_size} cannot be had from "
                f"device_batch_size {batch} on {devices} devices; expected a multiple of "
                f"{batch * devices}"
            )
        torch.set_num_threads(resources.threads)
        arguments = TrainingArguments(
            output_dir=str(self.working),
            max_steps=training.steps,
            per_device_train_batch_size=batch,
            gradient_accumulation_steps=accumulation,
            learning_rate=training.learning_rate,
            weight_decay=training.weight_decay,
            warmup_steps=training.warmup_steps,
            lr_scheduler_type="cosine",
            bf16=training.precision == "bfloat16",
            use_cpu=not resources.gpus,
            save_steps=resources.checkpoint_steps,
            save_total_limit=2,
            logging_steps=min(10, training.steps),
            logging_nan_inf_filter=False,  # it would put other losses in the place of lost ones
            report_to=[],
            disable_tqdm=True,
            seed=self.seed,
            data_seed=self.seed,
            dataloader_pin_memory=False,
            remove_unused_columns=False,
        )
        set_seed(self.seed)
        return arguments
