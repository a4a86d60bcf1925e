"""The driver says within its time that SLURM cannot be asked, and what to set."""

import os
from pathlib import Path

import pytest

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.slurm import check_status_command


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def write(name: str, body: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return write


def test_accounting_that_is_disabled_names_the_setting(program) -> None:
    program("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1")
    with pytest.raises(UserError, match="storage is disabled.*slurm-status-command: squeue"):
        check_status_command("sacct")


def test_a_query_without_an_answer_ends(program) -> None:
    program("sacct", "exec sleep 60")
    with pytest.raises(UserError, match="no answer.*slurm-status-command: squeue"):
        check_status_command("sacct", seconds=0.2)


def test_a_queue_that_does_not_answer_is_told_as_such(program) -> None:
    program("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(UserError, match="Unable to contact.*controller to answer"):
        check_status_command("squeue")


@pytest.mark.parametrize("command", ["sacct", "squeue"])
def test_a_command_that_answers_passes(program, command: str) -> None:
    program(command, "exit 0")
    check_status_command(command)


def test_without_slurm_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    check_status_command(None)
    with pytest.raises(UserError, match="No such file"):
        check_status_command("sacct")
