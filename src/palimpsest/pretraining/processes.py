"""The processes of one training: one for each GPU, started by `torchrun`, or this one alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed

from palimpsest.pretraining.workers import is_worker
from palimpsest.runtime.errors import UserError


@dataclass(frozen=True)
class Processes:
    """This process among those of a training.

    rank: its number. size: how many there are. device: where it computes.
    """

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def sum(self, value: torch.Tensor) -> torch.Tensor:
        """The sum of a tensor over the processes, on each of them."""
        if self.size > 1:
            distributed.all_reduce(value)
        return value

    def wait(self) -> None:
        """Return when all processes are here."""
        if self.size > 1:
            distributed.barrier()


@contextmanager
def joined(label: str, gpus: int) -> Iterator[Processes]:
    """Join the other processes while the block runs.

    gpus: that the job asks for; 0 computes on the CPU. label: names the training, for the error.
    Raises UserError when there are fewer.
    """
    there = torch.cuda.device_count() if gpus else 0
    if there < gpus:
        found = "none is" if not there else f"{there} are"
        raise UserError(f"{label}: the model file asks for {gpus} GPUs, but {found} here")
    if not is_worker():
        yield Processes(0, 1, torch.device("cuda" if gpus else "cpu"))
        return
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if gpus else torch.device("cpu")
    if gpus:
        torch.cuda.set_device(device)
    grouped = distributed.is_initialized()
    if not grouped:
        distributed.init_process_group("nccl" if gpus else "gloo")
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size(), device)
    finally:
        if not grouped:
            distributed.destroy_process_group()
