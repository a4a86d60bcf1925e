"""What a disk, a memory, an engine or a signal does to a job, in one line that a user can act on.

Nothing here saves anything: what was committed to the ledger is on disk already, so every fault
ends the job, and the next run goes on where it was.
"""

import errno
import signal
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from palimpsest.runtime.errors import UserError

GOES_ON = "What was completed before is kept: run the same command again to go on"
DISK = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "your quota of disk space is used up; free some space",
    errno.EROFS: "the file system is read-only; mount it for writing or move the results",
    errno.EACCES: "there is no permission to write here; change it or move the results",
    errno.EPERM: "there is no permission to write here; change it or move the results",
    errno.EIO: "the disk has an input or output error; have it checked",
}
SQLITE = {
    "SQLITE_FULL": DISK[errno.ENOSPC],
    "SQLITE_READONLY": DISK[errno.EACCES],
    "SQLITE_CANTOPEN": DISK[errno.EACCES],
    "SQLITE_CORRUPT": "the ledger is damaged; `palimpsest ledger verify` says more",
    "SQLITE_NOTADB": "this is no ledger; move it elsewhere",
    "SQLITE_BUSY": "another program has the ledger open; close it",
}
MEMORY = (
    "out of memory: ask for more (`memory_mb`), or let the engine hold less at once (`window`, or "
    "`vllm: {max_num_seqs: ...}` in the LLM file). " + GOES_ON
)


class Terminated(BaseException):
    """The process was told to end. Not an Exception, so that no engine's handler swallows it."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the disk, SQLite, the memory or a signal does inside the block into a UserError.

    path: what is being written, for messages where the error itself names no file.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        known = next((text for name, text in SQLITE.items() if code.startswith(name)), None)
        advice = f"{known}. {GOES_ON}" if known else "run the same command again, or move it away"
        raise UserError(f"{path}: the ledger cannot be used ({error}): {advice}") from error
    except OSError as error:
        if error.errno not in DISK:
            raise
        where = error.filename or path
        raise UserError(f"{where}: {DISK[error.errno]}. {GOES_ON}") from error
    except MemoryError as error:
        raise UserError(MEMORY) from error
    except (Terminated, KeyboardInterrupt) as error:
        raise UserError(f"stopped by {str(error) or 'SIGINT'}. {GOES_ON}") from error


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


@contextmanager
def engine_faults(doing: str) -> Iterator[None]:
    """Turn what an engine raises inside the block into a UserError.

    doing: what the engine was at, for the message. The error's own text is left out, as it may
    hold note text; where it came from goes to the log.
    """
    try:
        yield
    except (UserError, MemoryError):
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        for frame in frames:
            print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
        if type(error).__name__ == "OutOfMemoryError":  # torch's, of a GPU
            raise UserError(MEMORY) from error
        raise UserError(
            f"the engine failed while {doing}: {type(error).__name__} at "
            f"{Path(frames[-1].filename).name}:{frames[-1].lineno}; the log says how it got there. "
            + GOES_ON
        ) from error
