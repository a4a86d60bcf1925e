"""Checkpoints to resume from in a bucket, where jobs share no disk. What is here loads no torch."""

from pathlib import Path

from palimpsest.runtime.kept_objects import fetch_marked, names_below

COMPLETE = (
    "COMPLETE"  # the file of a checkpoint that is written last, with the hashes of the others
)
CHECKPOINT = "checkpoint-"  # and the number of its step


def step_of(checkpoint: Path) -> int:
    """The step after which a checkpoint was saved. checkpoint: its folder."""
    return int(checkpoint.name.removeprefix(CHECKPOINT))


def fetch_checkpoint(room: Path) -> None:
    """Take the newest whole checkpoint that a pod left in the bucket, unless there is one here."""
    if any(room.glob(f"{CHECKPOINT}*")):
        return
    marks = [Path(name) for name in names_below(room)]
    left = [room / mark.parent for mark in marks if mark.name == COMPLETE]
    for folder in sorted(left, key=step_of, reverse=True):
        if fetch_marked(folder, COMPLETE):
            return
