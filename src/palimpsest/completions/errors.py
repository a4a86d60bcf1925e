"""What SQLite or an engine does to a job, in one line that a user can act on."""

import errno
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import DISK, GOES_ON, is_fault

REPAIR = "`palimpsest ledger repair` keeps what is sound, and the rest is asked again"
SQLITE = {
    "SQLITE_FULL": DISK[errno.ENOSPC],
    "SQLITE_READONLY": DISK[errno.EACCES],
    "SQLITE_CANTOPEN": DISK[errno.EACCES],
    "SQLITE_CORRUPT": f"the ledger is damaged; {REPAIR}",
    "SQLITE_NOTADB": "this is no ledger; move it elsewhere",
    "SQLITE_BUSY": "another program has the ledger open; close it",
    "SQLITE_PROTOCOL": "its file system has no locks that SQLite can use; move the results",
    "SQLITE_IOERR": DISK[errno.EIO],
}


@contextmanager
def ledger_faults(path: Path) -> Iterator[None]:
    """Turn what SQLite raises inside the block into a UserError that names the ledger."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        known = next((text for name, text in SQLITE.items() if code.startswith(name)), None)
        advice = f"{known}. {GOES_ON}" if known else "run the same command again, or move it away"
        raise UserError(f"{path}: the ledger cannot be used ({error}): {advice}") from error


@contextmanager
def engine_faults(doing: str) -> Iterator[None]:
    """Turn what an engine raises inside the block into a UserError.

    doing: what the engine was at, for the message. The error's own text is left out, as it may
    hold note text; where it came from goes to the log.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, UserError) or is_fault(error):
            raise  # `explained` has the words for it
        frames = traceback.extract_tb(error.__traceback__)
        for frame in frames:
            print(f"  {frame.filename}:{frame.lineno} in {frame.name}", file=sys.stderr)
        raise UserError(
            f"the engine failed while {doing}: {type(error).__name__} at "
            f"{Path(frames[-1].filename).name}:{frames[-1].lineno}; the log says how it got there. "
            + GOES_ON
        ) from error
