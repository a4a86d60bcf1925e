"""Formatting and linting of Python and Snakemake files, as `make lint` does it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BINARIES = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--no-cache", "--check", "."],
        ["snakefmt", "--check", "Snakefile", "rules"],
        pytest.param(["snakemake", "--lint"], marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_the_linters_are_content(command: list[str]) -> None:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PATH": f"{BINARIES}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_are_short_enough_to_read() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.py", "*.smk", "Snakefile"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in tracked}
    limits = {name: 200 if name.endswith(".smk") else 420 for name in lengths}
    assert {name: n for name, n in lengths.items() if n > limits[name]} == {}
