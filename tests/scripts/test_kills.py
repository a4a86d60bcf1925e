"""kill -9 of a script at any moment: the next run makes the same bytes, and leaves nothing else.

The suite kills a few; `PALIMPSEST_KILLS=300 pytest tests/scripts/test_kills.py -n 0` kills that
many, dealt over all scripts: notes to tables, labelled sets, training and fine-tuning included.
"""

import os
import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from cases import Case
from forking import CASES, Runner, copied, outputs, temporaries

KILLS = int(os.environ.get("PALIMPSEST_KILLS", "8"))
MORE = 1.05  # kills fall into the time that the script takes, and a little behind it


def answers(folder: Path) -> set[tuple[str, str]]:
    """What the ledgers under state/ hold."""
    found: set[tuple[str, str]] = set()
    for path in (folder / "state").rglob("*.sqlite"):
        connection = sqlite3.connect(path)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'answers'").fetchone():
            found |= set(connection.execute("SELECT key, text FROM answers"))
        connection.close()
    return found


def clear(folder: Path) -> None:
    for name in ("out", "state"):
        shutil.rmtree(folder / name, ignore_errors=True)


def kill_and_run_again(
    runner: Runner, folder: Path, case: Case, whole: dict[str, bytes], seconds: float
) -> bool:
    """Kill a script after so many seconds, run it again and compare. Whether the kill hit it."""
    clear(folder)
    process = runner.start(folder, case)
    time.sleep(seconds)
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass
    hit = runner.wait() == -signal.SIGKILL
    assert outputs(folder).items() <= whole.items()
    held = answers(folder)
    code, written = runner.run(folder, case)
    assert code == 0, written
    assert outputs(folder) == whole
    assert temporaries(folder) == []
    assert held <= answers(folder)
    return hit


@pytest.mark.slow
def test_a_killed_script_leaves_nothing_that_the_next_run_does_not_mend(
    runner: Runner, inputs: Path, tmp_path: Path
) -> None:
    draw = random.Random(5)
    order = draw.sample(range(len(CASES)), len(CASES))
    known: dict[int, tuple[Path, dict[str, bytes], float]] = {}
    hits = number = 0
    while hits < KILLS:
        index = order[number % len(order)]
        number += 1
        case = CASES[index]
        if index not in known:
            folder = copied(inputs, tmp_path / str(index))
            for _ in range(2):  # the first loads what the process had not loaded
                clear(folder)
                before = time.monotonic()
                code, written = runner.run(folder, case)
                seconds = time.monotonic() - before
                assert code == 0, written
            known[index] = folder, outputs(folder), seconds
        folder, whole, seconds = known[index]
        hits += kill_and_run_again(runner, folder, case, whole, draw.uniform(0, MORE * seconds))
        if number % 20 == 0 or hits == KILLS:
            calls = f"{len(known)} of {len(CASES)} calls of scripts"
            print(f"{hits} kills, {number - hits} came too late, {calls}", flush=True)
