"""The training loop: resumable after a kill to the same weights, on any number of processes.

It takes the place of transformers' Trainer, which took a quarter of the time of small models
(benchmarks/pretrain.py), computes an encoder that is called by its parts without autocast, and has
no order of batches that is the same on one process and on several.
"""

import math
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn.parallel import DistributedDataParallel

from palimpsest.pretraining.config import Training, TrainingResources
from palimpsest.pretraining.objectives import Objective
from palimpsest.pretraining.packing import IGNORED, Batches, Tensors
from palimpsest.pretraining.processes import Processes, joined
from palimpsest.pretraining.speed import Speed, flops_per_token
from palimpsest.pretraining.state import last_checkpoint, load_state, save_state
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.errors import UserError, diverged
from palimpsest.runtime.files import write_json
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.progress import Progress, announce
from palimpsest.runtime.rows import Row

# What a checkpoint consists of; outputs of a job have fixed names.
FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
CURVE = "curve.json"
ONE_FILE = "1000GB"  # the tensors are in one file, however many there are
LONGEST_GRADIENT = 1.0  # a longer one is scaled down
VALIDATIONS = 10  # times that the valid loss is measured, evenly over the steps
UNREAD = 10  # steps whose losses may stay on a GPU, which reading them would make wait
LAST = 10  # steps whose mean loss is noted
COMPILER = "inductor"
Notes = dict[str, float]


def describe_checkpoint(folder: Path, notes: Notes) -> None:
    """Write `checkpoint.json`: hashes of the folder's FILES, an identity over them, and notes.

    What else the libraries wrote is removed, but for the CURVE.
    """
    for path in folder.iterdir():
        if path.name not in (*FILES, CURVE):
            path.unlink()
    write_json(folder / "checkpoint.json", {**described(folder, FILES), **notes})


def rate_at(step: int, training: Training) -> float:
    """The learning rate of a step, from 0: a linear rise, then half a cosine."""
    if step < training.warmup_steps:
        return training.learning_rate * (step + 1) / training.warmup_steps
    passed = (step - training.warmup_steps) / max(1, training.steps - training.warmup_steps)
    return training.learning_rate * 0.5 * (1 + math.cos(math.pi * passed))


def validated_at(steps: int) -> set[int]:
    """The numbers of steps after which the valid loss is measured; the last one is among them."""
    times = min(VALIDATIONS, steps)
    return {round(steps * number / times) for number in range(1, times + 1)}


def optimizer_of(model: torch.nn.Module, weight_decay: float) -> torch.optim.AdamW:
    """AdamW, fused, without decay of biases and norms."""
    weights = list(model.parameters())
    groups = [
        {"params": [w for w in weights if w.ndim >= 2], "weight_decay": weight_decay},
        {"params": [w for w in weights if w.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], fused=True)


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

    def train(self, objective: Objective, batches: Batches, valid: Batches | None) -> Notes:
        """Train a model in place, write its curve to the target and return what to note.

        valid: on which the valid loss is measured, if any.
        Raises UserError naming the step at which a loss is not a number.
        """
        with joined(self.label, self.resources.gpus) as processes:
            loop = _Loop(self, processes, objective, batches, valid)
            loop.run()
        if processes.first:
            write_json(self.target / CURVE, loop.curve)
        return loop.notes()


class _Loop:
    """A run on one process, which is one of several or the only one."""

    def __init__(
        self,
        run: Run,
        processes: Processes,
        objective: Objective,
        batches: Batches,
        valid: Batches | None,
    ) -> None:
        self.asked, self.processes, self.batches, self.valid = run, processes, batches, valid
        self.training, self.model = run.training, objective.model
        self.objective = objective.to(processes.device)
        self.part, self.parts = self._parts()
        self.curve: list[Row] = []
        self.unread: list[torch.Tensor] = []  # losses of the last steps, on the device

    def run(self) -> None:
        run, training, processes = self.asked, self.training, self.processes
        torch.set_num_threads(max(1, run.resources.threads // processes.size))
        self.model.train()
        optimizer = optimizer_of(self.model, training.weight_decay)
        done = self._resume(optimizer)
        module = self._module()
        measured, saved = validated_at(training.steps), run.resources.checkpoint_steps
        progress = Progress(run.label, training.steps, "steps")
        progress.done = done
        speed = self._speed()
        for step in range(done, training.steps):
            self.unread.append(self._step(step, module, optimizer))
            done = step + 1
            stops = done in measured or done % saved == 0 or done == training.steps
            if stops or processes.device.type == "cpu" or len(self.unread) == UNREAD:
                self._read(done)
            if done in measured and self.valid:
                self._note(done, "valid", self._valid_loss())
            if done % saved == 0 and processes.first:
                self._check_weights(done)
                save_state(run.working, done, self.model, optimizer, self.curve)
            if processes.first:
                progress.count(done, self._said())
        self._check_weights(done)
        if processes.first:
            fast = speed.after(done - self.resumed)
            announce(f"{run.label}: {training.steps} steps done, {self._said()}; {fast}")

    def notes(self) -> Notes:
        """loss: mean of the last steps. valid_loss: after the last one."""
        losses = {
            split: [row["loss"] for row in self.curve if row["split"] == split]
            for split in ("train", "valid")
        }
        last = losses["train"][-LAST:]
        noted = {
            "parameters": self.model.num_parameters(),
            "sequences": len(self.batches.sequences),
            "epochs": round(self._epochs(self.training.steps), 3),
            "loss": round(sum(last) / len(last), 4),
        }
        return noted | ({"valid_loss": round(losses["valid"][-1], 4)} if self.valid else {})

    def _parts(self) -> tuple[int, range]:
        """Sequences on a device at once, and the parts of a batch that are this process's."""
        size, count = self.training.batch_size, self.processes.size
        part = self.asked.resources.device_batch_size or max(1, size // count)
        if size % (part * count):
            raise UserError(
                f"{self.asked.label}: batch_size {size} cannot be had from device_batch_size "
                f"{part} on {count} devices; expected a multiple of {part * count}"
            )
        return part, range(self.processes.rank, size // part, count)

    def _resume(self, optimizer: torch.optim.Optimizer) -> int:
        """Take up the newest checkpoint; returns how many steps are done."""
        if self.processes.first:
            last_checkpoint(self.asked.working)  # drops what is damaged, before the others look
        self.processes.wait()
        self.resumed = 0
        if found := last_checkpoint(self.asked.working):
            self.resumed, self.curve = load_state(found, self.model, optimizer)
            if self.processes.first:
                announce(f"{self.asked.label}: resuming from step {self.resumed}")
        return self.resumed

    def _module(self) -> torch.nn.Module:
        """What is called: with its layers compiled, and gradients summed over the processes."""
        if self.asked.resources.compile:
            # One by one: layers are alike, so that one is compiled for all of them.
            layers = set(self.model._no_split_modules or ())
            for module in self.model.modules():
                if type(module).__name__ in layers:
                    module.compile(backend=COMPILER)
        if self.processes.size == 1:
            return self.objective
        options = {"gradient_as_bucket_view": True, "forward_sync_buffers": False}
        return DistributedDataParallel(self.objective, **options)

    def _speed(self) -> Speed:
        context = self.batches.sequences.shape[1]
        flops = flops_per_token(self.model, context, self.objective.scored)
        tokens = self.training.batch_size * context
        return Speed(tokens, flops, self.processes.device, self.processes.size)

    def _step(
        self, step: int, module: torch.nn.Module, optimizer: torch.optim.Optimizer
    ) -> torch.Tensor:
        """Train on the batch of a step; returns its loss, on the device.

        The loss is the mean over all labels of the whole batch, however it is dealt out.
        """
        batch = self.batches.of_step(step)
        count = max(1, int((batch["labels"] != IGNORED).sum()))
        total = torch.zeros((), device=self.processes.device)
        for number in self.parts:
            # Dropout depends on the step and the part: not on what was drawn before, nor where.
            torch.manual_seed(keyed_hash(f"dropout-{self.asked.seed}", str(step), str(number)) >> 1)
            with ExitStack() as held:
                if module is not self.objective and number != self.parts[-1]:
                    held.enter_context(module.no_sync())  # type: ignore[operator]
                loss = self._nats(module, batch, number) / count
                # The mean over processes is taken of gradients: here the sum is wanted.
                (loss * self.processes.size).backward()
            total += loss.detach()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), LONGEST_GRADIENT)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, self.training)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return self.processes.sum(total)

    def _nats(self, module: torch.nn.Module, batch: Tensors, number: int) -> torch.Tensor:
        """The summed loss of a part of a batch, under the declared precision."""
        first, device = number * self.part, self.processes.device
        part = {name: rows[first : first + self.part] for name, rows in batch.items()}
        given = self.objective.given(part)
        if device.type == "cuda":
            given = {
                name: rows.pin_memory().to(device, non_blocking=True)
                for name, rows in given.items()
            }
        mixed = self.training.precision == "bfloat16"
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            nats: torch.Tensor = module(**given)
        return nats

    def _valid_loss(self) -> float:
        """The mean loss over the valid sequences, with the same draws whenever it is measured."""
        assert self.valid is not None
        totals = torch.zeros(2, dtype=torch.float64, device=self.processes.device)
        self.model.eval()
        with torch.no_grad():
            for batch in self.valid.in_order():
                parts = range(-(-len(batch["labels"]) // self.part))
                for number in parts[self.processes.rank :: self.processes.size]:
                    totals[0] += self._nats(self.objective, batch, number)
                if self.processes.first:
                    totals[1] += int((batch["labels"] != IGNORED).sum())
        self.model.train()
        nats, count = self.processes.sum(totals).tolist()
        return nats / max(1, count)

    def _read(self, done: int) -> None:
        """Note the losses that wait. Raises UserError at the first one that is not a number."""
        losses = torch.stack(self.unread).tolist()
        for step, loss in enumerate(losses, start=done - len(losses) + 1):
            if not math.isfinite(loss):
                raise diverged(self.asked.label, f"the loss of step {step} is {loss}")
            self._note(step, "train", loss)
        self.unread.clear()

    def _check_weights(self, done: int) -> None:
        """What the last update left must be numbers: no later loss would tell."""
        if not all(torch.isfinite(weight).all() for weight in self.model.parameters()):
            raise diverged(self.asked.label, f"weights after step {done} are no numbers")

    def _note(self, done: int, split: str, loss: float) -> None:
        if not math.isfinite(loss):
            raise diverged(self.asked.label, f"the {split} loss after step {done} is {loss}")
        tokens = done * self.batches.size * self.batches.sequences.shape[1]
        epoch = round(self._epochs(done), 4)
        self.curve.append(
            {"step": done, "tokens": tokens, "epoch": epoch, "split": split, "loss": loss}
        )

    def _epochs(self, steps: int) -> float:
        return steps * self.batches.size / len(self.batches.sequences)

    def _said(self) -> str:
        said = {row["split"]: f"{row['loss']:.3f}" for row in self.curve[-2 * LAST :]}
        loss = f"loss {said['train']}" if "train" in said else ""
        return f"{loss}, valid {said['valid']}" if "valid" in said else loss
