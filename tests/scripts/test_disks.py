"""A disk that is full, or read-only, is one line of every script, and leaves no half of a file.

Each script runs on a file system of its own: with no room at all, with room for half of what it
writes, and read-only.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import Case
from forking import CASES, IDS, Runner, outputs, temporaries

PAGE = 4096
ROOMS = ("out", "state")


def mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    """A file system, on which are the rooms that scripts write to."""
    made = folder / "disk"
    made.mkdir()
    if not mount(made, "size=64m"):
        pytest.skip("this account cannot mount a file system")
    for name in ROOMS:
        (made / name).mkdir()
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).symlink_to(made / name)
    yield made
    subprocess.run(["umount", str(made)], check=True)


def clear(disk: Path) -> None:
    for name in ROOMS:
        shutil.rmtree(disk / name)
        (disk / name).mkdir()


def fill(disk: Path, free: int) -> None:
    """Leave so many bytes free."""
    state = os.statvfs(disk)
    with (disk / "filler").open("wb") as stream:
        stream.truncate(0)
        os.posix_fallocate(stream.fileno(), 0, state.f_bavail * state.f_frsize - free)


def assert_one_line(runner: Runner, folder: Path, case: Case, whole: dict[str, bytes]) -> bool:
    """The script ended well, or with one line and without a half of a file. Whether it failed."""
    code, written = runner.run(folder, case)
    assert outputs(folder).items() <= whole.items()
    assert temporaries(folder) == []
    if code == 0:
        assert outputs(folder) == whole
        return False
    assert code == 1 and "Traceback" not in written, written
    assert written.count("error: ") == 1 and written.splitlines()[-1].startswith("error: ")
    assert "the disk is full" in written or "read-only" in written, written
    return True


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_full_or_read_only_disk_is_one_line(
    runner: Runner, folder: Path, disk: Path, case: Case
) -> None:
    state = os.statvfs(disk)
    code, written = runner.run(folder, case)
    assert code == 0, written
    whole = outputs(folder)
    used = (state.f_bavail - os.statvfs(disk).f_bavail) * state.f_frsize
    for free in (0, used // 2 // PAGE * PAGE):
        clear(disk)
        fill(disk, free)
        assert assert_one_line(runner, folder, case, whole) or free
        (disk / "filler").unlink()
    clear(disk)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    assert assert_one_line(runner, folder, case, whole)
