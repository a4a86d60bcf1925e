"""Locks between processes: the operating system releases them when a process ends, however."""

import errno
import fcntl
from pathlib import Path

from palimpsest.runtime.errors import UserError

WITHOUT = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class NoLocksError(UserError):
    """The file system has no locks."""


def lock(handle: int, path: Path, wait: bool = False) -> bool:
    """Lock an open file for this process alone; returns whether the lock was had.

    handle: a descriptor; over NFS it must be one that may write. path: what the lock is for, in
    messages. wait: until another process releases it.
    Raises NoLocksError where the file system has no locks.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in WITHOUT:
            raise
        raise NoLocksError(
            f"{path}: its file system has no locks ({error.strerror}), and without them two jobs "
            "would write one file; expected one that has them: on NFS start the lock service or "
            "mount version 4, on Lustre mount with `flock`, or move the results"
        ) from error
    return True
