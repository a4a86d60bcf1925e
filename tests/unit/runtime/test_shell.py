"""The shell of a job finds program, package and interpreter, whatever the project's folder is."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from palimpsest.runtime.environments import JOBS_FILE, jobs_environment, packages_of
from palimpsest.runtime.errors import UserError, in_one_line
from palimpsest.runtime.results import keep_out_of_git
from palimpsest.runtime.shell import call_own_python, job_prefix

PROGRAM = """
import os, sys
typed, network = sys.stdin.read(), os.environ["PALIMPSEST_NETWORK"]
print(sys.argv[1:], os.environ["PYTHONPATH"], typed == "", network)
"""
FOLDERS = [
    "plain",
    "brace{x}",
    "{",
    "a b",
    "it's",
    'say "x"',
    "$HOME",
    "`id`",
    "é日",
    "a;b&c|d",
    "~",
    "-x",
]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_program_runs_from_any_folder_of_the_project(name, tmp_path):
    root = tmp_path / name
    (root / "scripts").mkdir(parents=True)
    (root / "scripts" / "show.py").write_text(PROGRAM)
    command = f"{job_prefix(root, True)} python scripts/show.py --x 'a b' >out.txt 2>&1"
    subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:{os.defpath}:/usr/bin:/bin"},
        input="typed",
        text=True,
        check=True,
    )
    shown = (tmp_path / "out.txt").read_text().strip()
    assert shown == f"['--x', 'a b'] {root / 'src'} True 1"


def test_a_program_that_fails_fails_the_job(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "fail.py").write_text("raise SystemExit(3)")
    done = subprocess.run(["bash", "-c", f"{job_prefix(tmp_path, False)} python scripts/fail.py"])
    assert done.returncode == 3


@pytest.mark.parametrize(("name", "called"), [("a:b", "a colon"), ("a\nb", "a line break")])
def test_a_folder_that_no_path_can_name_is_refused(name, called):
    with pytest.raises(UserError, match=f"has {called} in its name"):
        job_prefix(Path("/somewhere") / name, False)


def test_jobs_call_the_interpreter_that_runs_snakemake(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "/nowhere")
    for _ in range(2):
        call_own_python()
        assert os.environ["PATH"] == f"{Path(sys.executable).parent}:/nowhere"
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UserError, match="activate the environment"):
        call_own_python(str(tmp_path / "python3"))
    (tmp_path / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    call_own_python("/gone/python3")
    assert os.environ["PATH"] == str(tmp_path)


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """An environment of Snakemake that names another one for jobs, with a package of its own."""
    jobs = tmp_path / "jobs"
    (packages_of(jobs) / "only_in_jobs").mkdir(parents=True)
    (jobs / "bin").mkdir()
    (jobs / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "driver").mkdir()
    (tmp_path / "driver" / JOBS_FILE).write_text("../jobs\n")
    monkeypatch.setattr(sys, "path", list(sys.path))
    of, named = jobs_environment, tmp_path / "driver"
    monkeypatch.setattr("palimpsest.runtime.shell.jobs_environment", lambda: of(named))
    return named


def test_jobs_run_in_the_environment_that_snakemakes_own_names(driver, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_spec("only_in_jobs") is None
    for _ in range(2):
        call_own_python()
    assert os.environ["PATH"] == f"{driver.parent / 'jobs' / 'bin'}:/nowhere"
    assert find_spec("only_in_jobs")
    assert sys.path.count(str(packages_of(driver.parent / "jobs"))) == 1
    assert sys.path[-1] == str(packages_of(driver.parent / "jobs")), "behind Snakemake's own"


def test_an_environment_that_is_none_is_named(driver):
    (driver.parent / "jobs" / "bin" / "python").unlink()
    with pytest.raises(UserError, match=rf"{JOBS_FILE}: expected the folder of an environment"):
        jobs_environment(driver)
    assert jobs_environment(driver.parent) is None


def test_a_results_folder_of_any_name_is_ignored_by_git(tmp_path):
    for _ in range(2):
        keep_out_of_git(tmp_path / "my-results" / "one")
    ignored = tmp_path / "my-results" / "one" / ".gitignore"
    assert "*" in ignored.read_text().splitlines()
    ignored.write_text("mine\n")
    keep_out_of_git(ignored.parent)
    assert ignored.read_text() == "mine\n"


def test_a_results_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "results").touch()
    with pytest.raises(UserError, match=r"\.gitignore: cannot be written"):
        keep_out_of_git(tmp_path / "results")


def test_an_error_of_the_user_is_one_line(capsys):
    with pytest.raises(SystemExit) as raised, in_one_line():
        raise UserError("study.yaml: seed: missing")
    assert raised.value.code == 1
    assert capsys.readouterr().err == "error: study.yaml: seed: missing\n"
