"""Starting a program once for each GPU, with `torchrun`. What is here loads no torch."""

import os
import subprocess
import sys

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.progress import TERMINAL

WORKER = "PALIMPSEST_WORKER"  # set for workers: clusters set RANK and the like for other things


def is_worker() -> bool:
    """Whether this process is one of those of `start_workers`."""
    return WORKER in os.environ


def is_first() -> bool:
    """Whether this is the process that writes and speaks: the only one, or the first."""
    return not is_worker() or os.environ["RANK"] == "0"


def start_workers(label: str, count: int, held: list[int]) -> None:
    """Run this very program in so many processes, and return when all have ended.

    held: descriptors of locks, which stay held until all workers have ended, whatever becomes of
    this process. label: names the training.
    Raises UserError when one of them failed; its own message stands in the log.
    """
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command = [*torchrun, "--nproc-per-node", str(count), *sys.argv]
    # The terminal's descriptor is not theirs: another file may have its number there.
    environment = {name: value for name, value in os.environ.items() if name != TERMINAL}
    environment[WORKER] = "1"
    started = subprocess.Popen(command, pass_fds=held, env=environment)
    try:
        status = started.wait()
    except BaseException:
        started.terminate()  # torchrun then ends its workers; a kill would leave them
        started.wait()
        raise
    if status:
        raise UserError(
            f"{label}: one of its {count} processes failed (status {status}), see above"
        )
