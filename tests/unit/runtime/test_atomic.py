"""Temporary files: the next writer takes over what a killed one left, and nothing of a live one."""

import errno
import fcntl
import os
import signal
import subprocess
import sys

import pytest

from palimpsest.runtime import locks
from palimpsest.runtime.atomic import atomic_folder, atomic_path, sweep, temporary_folder
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


HOLDER = """
import sys
from pathlib import Path
from palimpsest.runtime.atomic import atomic_path, temporary_folder
with temporary_folder(Path(sys.argv[1])) as folder, atomic_path(Path(sys.argv[2])) as temporary:
    (folder / "part").write_text("Secret pain")
    temporary.write_text("Secret pain")
    print("written", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that is writing a folder `f` and a file `a.txt`."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "f"), str(tmp_path / "a.txt")]
    made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert made.stdout.readline() == b"written\n"
    yield made
    made.kill()
    made.communicate()


def kill(holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()


def test_what_a_killed_writer_left_is_gone_after_the_next(holder, tmp_path):
    kill(holder)
    assert len(names(tmp_path)) == 3  # a file, and a folder with its lock
    write_text(tmp_path / "a.txt", "new")
    with temporary_folder(tmp_path / "f") as folder:
        assert names(folder) == []
    assert names(tmp_path) == ["a.txt"]


def test_what_another_process_is_writing_stays(holder, tmp_path):
    write_text(tmp_path / "a.txt", "new")
    assert len(names(tmp_path)) == 4
    assert sweep(tmp_path) == []
    holder.communicate()  # ends well, after the other
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "Secret pain"


def test_two_writers_that_were_killed_leave_nothing_after_the_next(holder, tmp_path):
    second = subprocess.Popen(holder.args, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert second.stdout.readline() == b"written\n"
    for writer in (second, holder):
        kill(writer)
    assert len(names(tmp_path)) == 6
    write_text(tmp_path / "a.txt", "new")
    with temporary_folder(tmp_path / "f"):
        pass
    assert names(tmp_path) == ["a.txt"]
    second.communicate()


def test_a_sweep_finds_those_of_killed_writers_and_of_earlier_versions(holder, tmp_path):
    kill(holder)
    for name in (".b.parquet.ab12_x9z", ".c.safetensors.link"):
        (tmp_path / name).write_text("Secret")
    (tmp_path / ".exported.ab12_x9z").mkdir()
    (tmp_path / ".gitignore").write_text("*")
    assert len(sweep(tmp_path, dry_run=True)) == 5
    assert len(names(tmp_path)) == 7
    assert len(sweep(tmp_path)) == 5
    assert names(tmp_path) == [".gitignore"]


def test_two_writers_in_one_process_do_not_meet(tmp_path):
    with atomic_path(tmp_path / "a") as one, atomic_path(tmp_path / "a") as two:
        one.write_text("one")
        two.write_text("two")
    assert names(tmp_path) == ["a"] and (tmp_path / "a").read_text() == "one"


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "f") as folder:
        (folder / "part").touch()
        raise ZeroDivisionError
    assert names(tmp_path) == []
    with atomic_folder(tmp_path / "f") as folder:
        (folder / "part").touch()
    assert names(tmp_path) == ["f"] and names(tmp_path / "f") == ["part"]
    with pytest.raises(UserError, match="f: it is there already"), atomic_folder(tmp_path / "f"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_files_are_written_without_locks_and_what_needs_them_says_so(tmp_path, monkeypatch, number):
    def refuse(*unused):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    write_text(tmp_path / "a", "new")
    assert names(tmp_path) == ["a"]
    with (tmp_path / "a").open() as stream:
        with pytest.raises(UserError, match=r"a: its file system has no locks .*on NFS"):
            locks.lock(stream.fileno(), tmp_path / "a")


def test_an_error_of_the_disk_names_the_file(tmp_path):
    with pytest.raises(OSError) as raised, atomic_path(tmp_path / "a") as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert raised.value.filename == str(tmp_path / "a")
    assert names(tmp_path) == []
