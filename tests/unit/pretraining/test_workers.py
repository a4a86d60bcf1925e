"""A program starts itself once for each GPU."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from palimpsest.pretraining.workers import WORKER, is_first, is_worker

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, sys
from pathlib import Path
from palimpsest.pretraining.workers import is_first, is_worker, start_workers
from palimpsest.runtime.errors import in_one_line

folder, fails = Path(sys.argv[1]), sys.argv[2]
if is_worker():
    name = os.environ["RANK"] + (" first" if is_first() else "")
    (folder / name).write_text(os.environ["WORLD_SIZE"])
    assert "PALIMPSEST_PROGRESS_FD" not in os.environ
    sys.exit(int(fails == os.environ["RANK"]))
with in_one_line():
    start_workers("training a", 2, [])
"""


@pytest.mark.parametrize("fails", ["none", "1"])
def test_every_worker_knows_its_place_and_a_failure_is_one_line(tmp_path, fails):
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "program.py"), str(tmp_path), fails]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PALIMPSEST_PROGRESS_FD": "7"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if fails == "none":
        assert done.returncode == 0, done.stderr[-2000:]
        assert (tmp_path / "0 first").read_text() == (tmp_path / "1").read_text() == "2"
    else:
        assert done.returncode == 1
        last = done.stderr.splitlines()[-1]
        assert last.startswith("error: training a: one of its 2 processes failed (status 1)")


def test_a_process_alone_is_the_first_whatever_a_cluster_set(monkeypatch):
    monkeypatch.delenv(WORKER, raising=False)
    monkeypatch.setenv("RANK", "3")
    assert is_first() and not is_worker()
