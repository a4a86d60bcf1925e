"""What a disk, a memory or a signal does to a program, in one line that a user can act on.

Nothing here saves anything: what was finished is on disk already, so every fault ends the job, and
the next run goes on where it was.
"""

import errno
import os
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from palimpsest.runtime.errors import UserError

GOES_ON = "What was completed before is kept: run the same command again to go on"
DISK = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "your quota of disk space is used up; free some space",
    errno.EFBIG: "the file is larger than the file system or `ulimit -f` allows; raise the limit",
    errno.EROFS: "the file system is read-only; mount it for writing or move the results",
    errno.EACCES: "there is no permission to read or write here; change it or move the results",
    errno.EPERM: "there is no permission to read or write here; change it or move the results",
    errno.EIO: "the disk has an input or output error; have it checked",
    errno.ESTALE: "the file server lost the file; mount it again",
    errno.EMFILE: "too many files are open; raise `ulimit -n`",
    errno.ENFILE: "too many files are open on this machine; ask who runs it",
}
MEMORY = (
    "out of memory: ask for more (`memory_mb`), or hold less at once (in an LLM file `window`, or "
    "`vllm: {max_num_seqs: ...}`; in a model file `device_batch_size`). " + GOES_ON
)
NUMBER = re.compile(r"\(os error (\d+)\)")  # as libraries in Rust write it
ROOM = 65_536  # bytes; with less, a disk counts as full


class Terminated(BaseException):
    """The process was told to end. Not an Exception, so that no library's handler swallows it."""


@contextmanager
def explained(path: Path | None = None) -> Iterator[None]:
    """Turn what the disk, the memory or a signal does inside the block into a UserError.

    path: what is being written, for messages where the error itself names no file.
    """
    try:
        yield
    except UserError:
        raise
    except (Terminated, KeyboardInterrupt) as error:
        raise UserError(f"stopped by {str(error) or 'SIGINT'}. {GOES_ON}") from error
    except Exception as error:
        if _is_of_memory(error):
            raise UserError(MEMORY) from error
        if (number := _disk_fault(error)) is None:
            raise
        where = getattr(error, "filename", None) or path
        said = f"{where}: {DISK[number]}" if where else DISK[number]
        raise UserError(f"{said}. {GOES_ON}") from error


def is_fault(error: Exception) -> bool:
    """Whether an exception tells of the disk or the memory."""
    return _is_of_memory(error) or _disk_fault(error) is not None


def _is_of_memory(error: Exception) -> bool:
    # The latter is torch's, of a GPU.
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _disk_fault(error: BaseException | None) -> int | None:
    """The error number of a fault of the disk, one of DISK, that an exception tells of, or None.

    Libraries in Rust raise exceptions of their own, which have it in their text alone. Of what an
    exception was raised after, a permission is none: libraries try what they need not have.
    """
    known = set(DISK)
    while error is not None:
        number = error.errno if isinstance(error, OSError) else None
        if not isinstance(error, OSError) and (found := NUMBER.search(str(error))):
            number = int(found[1])
        if number in known:
            return number
        known -= {errno.EACCES, errno.EPERM}
        error = error.__cause__ or error.__context__
    return None


def full_disk(paths: Iterable[Path]) -> Path | None:
    """The first of some paths whose file system has no room, or is read-only.

    For libraries that say no more than that writing failed.
    """
    for path in paths:
        there = next(
            place for place in [path.absolute(), *path.absolute().parents] if place.exists()
        )
        state = os.statvfs(there)
        if state.f_bavail * state.f_frsize < ROOM or state.f_flag & os.ST_RDONLY:
            return path
    return None


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM (of a cluster, or of a driver that ends) raise Terminated inside the block."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated(signal.Signals(number).name)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
