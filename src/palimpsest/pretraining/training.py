"""Training with transformers' Trainer: resumable after a kill, to the same weights."""

import shutil
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset, Sampler, SequentialSampler
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments, set_seed

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import sha256_file, write_json
from palimpsest.runtime.identity import digest
from palimpsest.runtime.progress import Progress, announce

COMPLETE = "COMPLETE"


class _Marks(TrainerCallback):
    """Marks complete checkpoints, and announces progress."""

    def __init__(self, what: str, steps: int) -> None:
        self.progress = Progress(what, steps, "steps")

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
        self.progress.advance(
            state.global_step - self.progress.done, f"loss {losses[-1]:.3f}" if losses else ""
        )

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        (Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE).touch()


class ScheduledTrainer(Trainer):
    """Takes examples in the order of the schedule, which has its own permutations."""

    def _get_train_sampler(self, *args: Any, **kwargs: Any) -> Sampler:
        return SequentialSampler(self.train_dataset)


def describe_checkpoint(folder: Path, notes: dict[str, Any]) -> None:
    """Write `checkpoint.json`: an identity over the folder's files, and notes of the run."""
    files = {path.name: sha256_file(path) for path in sorted(folder.iterdir())}
    write_json(folder / "checkpoint.json", {"identity": digest(files), **notes})


def last_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint; those that a kill left unfinished are removed."""
    newest = None
    for path in sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1])):
        if (path / COMPLETE).exists():
            newest = path
        else:
            shutil.rmtree(path)
    return newest


def train(
    what: str,
    trainer_class: type[ScheduledTrainer],
    model: torch.nn.Module,
    schedule: Dataset,
    training: dict[str, Any],
    engine: dict[str, Any],
    seed: int,
    working: Path,
) -> float:
    """Train `model` in place and return the mean loss of its last logged steps.

    schedule: every example of the run, in order. training, engine: identity and tuning of a model
    file. working: room for checkpoints; what a
    killed run left there is taken up again.
    """
    devices = torch.cuda.device_count() if engine["gpus"] else 1
    if not devices:
        raise UserError(f"{what}: the model file asks for {engine['gpus']} GPUs, but none is here")
    batch = engine["device_batch_size"] or training["batch_size"] // devices
    accumulation, rest = divmod(training["batch_size"], max(1, batch * devices))
    if rest or not accumulation:
        raise UserError(
            f"{what}: batch_size {training['batch_size']} cannot be had from device_batch_size "
            f"{batch} on {devices} devices; expected a multiple of {batch * devices}"
        )
    bfloat16 = training["precision"] == "bfloat16"
    torch.set_num_threads(engine["threads"])
    arguments = TrainingArguments(
        output_dir=str(working),
        max_steps=training["steps"],
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=accumulation,
        learning_rate=training["learning_rate"],
        weight_decay=training["weight_decay"],
        warmup_steps=training["warmup_steps"],
        lr_scheduler_type="cosine",
        bf16=bfloat16,
        use_cpu=not engine["gpus"],
        save_strategy="steps",
        save_steps=engine["checkpoint_steps"],
        save_total_limit=2,
        logging_steps=min(10, training["steps"]),
        report_to=[],
        disable_tqdm=True,
        seed=seed,
        data_seed=seed,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
    )
    set_seed(seed)
    trainer = trainer_class(
        model=model,
        args=arguments,
        train_dataset=schedule,
        callbacks=[_Marks(what, training["steps"])],
    )
    trainer.remove_callback(PrinterCallback)
    resumed = last_checkpoint(working)
    if resumed:
        announce(f"{what}: resuming from step {resumed.name.split('-')[1]}")
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    loss = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry][-1]
    announce(f"{what}: {training['steps']} steps done, loss {loss:.3f}")
    return loss
