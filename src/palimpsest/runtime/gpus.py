"""GPUs of this machine: which there are, and which ones a job may use.

A cluster says so in CUDA_VISIBLE_DEVICES. On a single machine nothing does: Snakemake counts how
many GPUs are in use, and not which. So each job takes free ones, by locks on files that the system
releases when the job ends, however it ends.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.locks import lock
from palimpsest.runtime.progress import announce

SECONDS_BETWEEN_LOOKS = 2.0
LOCKS = Path(tempfile.gettempdir()) / "palimpsest-gpus"

_taken: list[int] = []  # descriptors of the locks, which are held as long as the process lives


def installed_gpus() -> list[tuple[str, str]]:
    """Index and name of each GPU of this machine, as nvidia-smi tells; none without it."""
    query = ["nvidia-smi", "--query-gpu=index,name", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    pairs = [line.partition(",") for line in done.stdout.splitlines() if "," in line]
    return [(index.strip(), name.strip()) for index, _, name in pairs]


def take_gpus(count: int) -> None:
    """Take `count` free GPUs for the rest of the process, and set CUDA_VISIBLE_DEVICES to them.

    Where CUDA_VISIBLE_DEVICES is set, something else has decided already. Call it before anything
    uses CUDA. When too few are free it waits: Snakemake's `gpu` resource is then larger than what
    the machine has left.
    Raises UserError when the machine has fewer.
    """
    if not count or os.environ.get("CUDA_VISIBLE_DEVICES"):
        return
    there = [index for index, _ in installed_gpus()]
    if len(there) < count:
        raise UserError(
            f"{count} GPUs are asked for and this machine has {len(there)}; set `engine: {{gpus: "
            "...}` to what it has (0 runs on the CPU)"
        )
    waited = False
    while len(free := _lock(there, count)) < count:
        if not waited:
            announce(f"waiting for {count} free GPUs: other jobs have them")
            waited = True
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # the order in which nvidia-smi counts
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(free)


def held_locks() -> list[int]:
    """The descriptors by which this process holds its GPUs, for processes that it starts."""
    return list(_taken)


def _lock(there: list[str], count: int) -> list[str]:
    """Lock `count` GPUs, or none."""
    LOCKS.mkdir(exist_ok=True)
    if LOCKS.stat().st_uid == os.getuid():
        LOCKS.chmod(0o1777)  # other users' jobs lock the same files
    got: list[tuple[str, int]] = []
    for index in there:
        # Reading is enough to lock it, so that it may be another user's file.
        handle = os.open(LOCKS / index, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        if not lock(handle, LOCKS / index):
            os.close(handle)
            continue
        got.append((index, handle))
        if len(got) == count:
            _taken.extend(handle for _, handle in got)
            return [index for index, _ in got]
    for _, handle in got:
        os.close(handle)
    return []
