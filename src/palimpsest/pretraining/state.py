"""Checkpoints to resume a killed training from: weights, the optimiser's state, and the curve."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from palimpsest.pretraining.stored import CHECKPOINT, COMPLETE, step_of
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import check_bytes, read_json, write_json
from palimpsest.runtime.kept_objects import remove_below, store_marked
from palimpsest.runtime.progress import announce
from palimpsest.runtime.rows import Row

KEPT = 2  # checkpoints: the newest may turn out to be damaged
TENSORS, CURVE = "state.safetensors", "curve.json"
MOMENTS = ("exp_avg", "exp_avg_sq")  # of AdamW


def save_state(
    folder: Path,
    step: int,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    curve: list[Row],
) -> None:
    """Save the state after a step below a folder, and drop the oldest of those that are there."""
    target = folder / f"{CHECKPOINT}{step}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    tensors = {}
    for name, weight in model.named_parameters():
        tensors[f"weight.{name}"] = weight.detach().cpu().contiguous()
        for moment in MOMENTS if weight in optimizer.state else ():
            tensors[f"{moment}.{name}"] = optimizer.state[weight][moment].cpu().contiguous()
    save_file(tensors, target / TENSORS)
    write_json(target / CURVE, curve)
    write_json(target / COMPLETE, described(target, (TENSORS, CURVE))["files"])
    store_marked(target, COMPLETE)
    for old in _by_step(folder)[:-KEPT]:
        shutil.rmtree(old)
        remove_below(old)


def load_state(
    saved: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[int, list[Row]]:
    """Put a saved state into a model and its optimizer; returns the step and the curve so far."""
    step, tensors = step_of(saved), load_file(saved / TENSORS)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(tensors[f"weight.{name}"])
            if f"{MOMENTS[0]}.{name}" in tensors:
                held = {moment: tensors[f"{moment}.{name}"].to(weight.device) for moment in MOMENTS}
                counted = torch.tensor(float(step), device=weight.device)
                optimizer.state[weight] = {"step": counted, **held}
    return step, read_json(saved / CURVE)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint; those that a kill left unfinished, or that changed since, are
    removed."""
    newest = None
    for path in _by_step(folder):
        if _is_whole(path):
            newest = path
        else:
            shutil.rmtree(path)
    return newest


def _by_step(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{CHECKPOINT}*"), key=step_of)


def _is_whole(folder: Path) -> bool:
    """Whether a checkpoint to resume from is what was saved."""
    mark = folder / COMPLETE
    if not mark.exists():
        return False
    try:
        for name, sha256 in read_json(mark).items():
            check_bytes(folder / name, sha256)
    except (UserError, AttributeError) as error:
        announce(f"{folder}: damaged, so it is not resumed from: {error}")
        return False
    return True
