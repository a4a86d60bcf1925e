"""Who writes a file, where locks may hold on one machine only: one file beside it that says so.

A lock of the operating system is enough on a disk of one machine, and on network file systems known
to carry locks between machines. On others, such as NFS mounted with `nolock`, Lustre with
`localflock` or BeeGFS as it comes, each machine gets the lock, and none is told of the other's.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.progress import announce

MOUNTS = Path("/proc/self/mountinfo")
# Of one machine, or with locks that all machines see unless an option says otherwise.
ONE_MACHINE = {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs"}
ONE_MACHINE |= {"tmpfs", "ramfs", "overlay"}
BETWEEN = {"nfs", "nfs4", "lustre", "gpfs", "ceph", "gfs2", "ocfs2"}
LOCAL_LOCKS = {"nolock", "localflock", "local_lock=flock", "local_lock=all"}
ESCAPED = re.compile(r"\\([0-7]{3})")  # a space in a path of the table of mounts
LOOKS = 20  # seconds between looks at an owner that is waited for
SECONDS = 30  # in which SLURM must say whether a job is there


class OwnedError(UserError):
    """A process of another machine is at the very file."""


def locks_reach(path: Path, mounts: Path = MOUNTS) -> bool:
    """Whether a lock on a file is known to keep processes of all machines out."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    kind, options = _mount(path.resolve(), table)
    return kind in ONE_MACHINE or (kind in BETWEEN and not LOCAL_LOCKS & options)


def _mount(path: Path, mounts: str) -> tuple[str, set[str]]:
    """The kind and the options of the file system that a path is on: the last, longest match."""
    kind, options, longest = "", set[str](), -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        place = Path(ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), before.split(" ")[4]))
        if path.is_relative_to(place) and len(place.parts) >= longest:
            named, _, of_kind = (after.split(" ") + ["", ""])[:3]
            kind, longest = named, len(place.parts)
            options = {*before.split(" ")[5].split(","), *of_kind.split(",")}
    return kind, options


@contextmanager
def owned(path: Path, wait: bool = False) -> Iterator[None]:
    """Keep processes of other machines from a file while the block runs, where locks may not.

    This machine's lock for that file must be held. An owner whose process is gone is followed: on
    this machine the lock tells that, and of a job on another one SLURM.
    Raises OwnedError where another one has the file, or nothing tells that its process is gone;
    with `wait` it waits instead.
    """
    if locks_reach(path.parent):
        yield
        return
    owner = path.with_suffix(".owner")
    mine = {
        "id": uuid.uuid4().hex,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "job": os.environ.get("SLURM_JOB_ID"),
    }
    waiting = False
    while True:
        try:
            _claim(owner, mine)
            break
        except OwnedError as error:
            if not wait:
                raise
            if not waiting:
                announce(str(error))
            waiting = True
            time.sleep(LOOKS)
    try:
        yield
    finally:
        if _read(owner).get("id") == mine["id"]:
            owner.unlink()


def _claim(owner: Path, mine: dict[str, object]) -> None:
    if _create(owner, mine):
        return
    there = _read(owner)
    if _at_work(there):
        raise OwnedError(_refusal(owner, there))
    # Two may find the same owner gone: one of them alone can make this file, and so follow it.
    following = owner.with_name(f"{owner.name}.{there['id']}")
    if not _create(following, mine):
        raise OwnedError(_refusal(following, _read(following)))
    if _read(owner).get("id") != there["id"]:  # another one followed, and is done with its file
        following.unlink()
        raise OwnedError(_refusal(owner, _read(owner)))
    os.replace(following, owner)


def _create(path: Path, content: dict[str, object]) -> bool:
    """Make a file with this content; False where there is one. Network file systems tell that."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    with open(handle, "w", encoding="utf-8") as out:
        json.dump(content, out)
        out.flush()
        os.fsync(handle)
    return True


def _read(path: Path) -> dict[str, object]:
    """Who owns; nothing where that cannot be read, as of a file that is just being made."""
    with contextlib.suppress(OSError, ValueError):
        value = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(value, dict) and re.fullmatch(r"[0-9a-f]{32}", str(value.get("id"))):
            return value
    return {}


def _at_work(there: dict[str, object]) -> bool:
    """Whether an owner may still be writing."""
    if not there:
        return True
    if there["host"] == socket.gethostname():
        return False  # this machine's lock is ours
    job = there.get("job")
    if not job:
        return True
    if job == os.environ.get("SLURM_JOB_ID"):
        return False  # this very job, which SLURM began again on another machine
    return not _ended(str(job))


def _ended(job: str) -> bool:
    """Whether SLURM knows that a job does not run; False where SLURM does not answer."""
    command = ["squeue", "--noheader", "--format=%T", f"--jobs={job}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    if done.returncode:
        return "Invalid job id" in done.stderr
    return not done.stdout.strip()


def _refusal(owner: Path, there: dict[str, object]) -> str:
    if not there:
        who = "a process"
    elif there.get("job"):
        who = f"SLURM job {there['job']} on {there['host']}"
    else:
        who = f"process {there['pid']} on {there['host']}"
    return (
        f"{owner}: {who} is writing, and locks of this file system may not reach other machines. "
        "Wait for it, or end it; delete this file if it is gone"
    )
