"""Whatever a disk, a memory or a signal does to a program is one line, with what to do."""

import errno
import os
import signal

import pytest

from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.faults import DISK, Terminated, explained


def raised_after(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("number", DISK)
def test_every_fault_of_a_disk_is_one_line(number):
    with pytest.raises(UserError, match=rf"^a\.txt: {DISK[number][:12]}.*run the same command"):
        with explained():
            raise OSError(number, os.strerror(number), "a.txt")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("I/O error: No space left on device (os error 28)"), "the disk is full"),
        (raised_after(ValueError("x"), OSError(errno.EROFS, "read-only")), "read-only"),
        (MemoryError(), "out of memory"),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA"), "out of memory"),
        (Terminated("SIGTERM"), "stopped by SIGTERM"),
        (KeyboardInterrupt(), "stopped by SIGINT"),
    ],
)
def test_what_libraries_and_signals_raise_is_one_line(error, said):
    with pytest.raises(UserError, match=said), explained():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a mistake of ours"),
        raised_after(ValueError("a mistake"), PermissionError(errno.EACCES, "tried and passed")),
        FileNotFoundError(errno.ENOENT, "No such file"),
    ],
)
def test_other_errors_stay_what_they_are(error):
    with pytest.raises(type(error)), explained():
        raise error


@pytest.fixture
def program(monkeypatch, capsys, tmp_path):
    """Runs a function as a program with the option --out; its exit status and what it printed."""

    def ran(main):
        monkeypatch.setattr("sys.argv", ["program", "--out", str(tmp_path / "deep" / "out")])
        with pytest.raises(SystemExit) as ended:
            run(main, parser("A program.", "--out"))
        return ended.value.code, capsys.readouterr().err

    return ran


def test_every_program_says_in_one_line_what_a_disk_does(program):
    def full(arguments):
        raise OSError(errno.ENOSPC, "No space left on device", str(arguments.out))

    code, printed = program(full)
    assert code == 1 and printed.startswith("error: ") and "out: the disk is full" in printed


def test_a_library_that_only_says_that_writing_failed_is_asked_no_further(program, monkeypatch):
    state = os.statvfs("/")

    class Full:
        f_bavail, f_frsize, f_flag = 0, state.f_frsize, 0

    def unclear(arguments):
        raise RuntimeError("PytorchStreamWriter failed writing file")

    monkeypatch.setattr(os, "statvfs", lambda path: Full)
    code, printed = program(unclear)
    assert code == 1 and "out: its disk is full or read-only" in printed


def test_the_line_is_on_the_terminal_where_the_log_is_on_the_full_disk(
    program, monkeypatch, tmp_path
):
    class FullLog:
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

        def flush(self):
            pass

    def full(arguments):
        raise UserError("the disk is full")

    with (tmp_path / "terminal").open("w+") as terminal:
        monkeypatch.setenv("PALIMPSEST_PROGRESS_FD", str(terminal.fileno()))
        with monkeypatch.context() as patched:
            patched.setattr("sys.stderr", FullLog())
            assert program(full)[0] == 1
        terminal.seek(0)
        assert terminal.read() == "error: the disk is full\n"


def test_sigterm_ends_a_program_with_one_line_and_without_temporary_files(program, tmp_path):
    from palimpsest.runtime.atomic import atomic_path

    def told_to_end(arguments):
        with atomic_path(arguments.out) as temporary:
            temporary.write_text("half")
            os.kill(os.getpid(), signal.SIGTERM)

    code, printed = program(told_to_end)
    assert code == 1 and "stopped by SIGTERM" in printed
    assert list((tmp_path / "deep").iterdir()) == []
