"""kill -9 of the whole tree while an LLM is asked: nothing committed is lost or asked again."""

import hashlib
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from project import Project
from scripted_server import ScriptedServer

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

KILLS = 20
WINDOW = 4  # of the tiny study's LLMs
TARGETS = [
    f"results/rephrases/alpha/clinic.{prompt}/{shard}.json"
    for prompt in ("plain", "formal")
    for shard in ("000-of-002", "001-of-002")
]


def hashes(project: Project) -> dict[str, str]:
    found = {}
    for folder in ("requests", "completions", "rephrases"):
        for path in sorted((project.folder / "results" / folder).rglob("*.parquet")):
            name = str(path.relative_to(project.folder))
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def descendants(process: int) -> list[int]:
    """Process ids of a process and of all that it started, from /proc."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [process]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def kill_tree(process: subprocess.Popen) -> None:
    # Stopped first, so that nothing starts a child between the listing and the kill.
    for number in descendants(process.pid):
        try:
            os.kill(number, signal.SIGSTOP)
        except ProcessLookupError:
            continue
    for number in descendants(process.pid):
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def test_twenty_kills_lose_nothing_and_ask_nothing_twice(
    built: Project, server: ScriptedServer, tmp_path: Path
) -> None:
    server.pause, server.fail_next = 0.0, 0
    undisturbed = Project.create(tmp_path / "undisturbed", server.url)
    undisturbed.build(*TARGETS)
    project = Project.create(tmp_path / "killed", server.url)
    project.build("results/requests/clinic.plain/000-of-002.json")
    server.requests.clear()
    server.pause = 0.4
    draw = random.Random(5)
    for _ in range(KILLS):
        before = len(server.requests)
        process = subprocess.Popen(
            project.command("--cores", "1", *TARGETS),  # one window is under way at a time
            cwd=project.folder,
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # The moment is counted from the first request of this try, so that every kill falls into
        # the stage, whatever the speed of the machine.
        while process.poll() is None and len(server.requests) == before:
            time.sleep(0.02)
        time.sleep(draw.uniform(0, 1.2))
        assert process.poll() is None, "all was asked before the twentieth kill"
        kill_tree(process)
        project.snakemake("--unlock")
    server.pause = 0.0
    project.build(*TARGETS)
    assert hashes(project) == hashes(undisturbed)
    asked = 2 * 36
    assert asked <= len(server.requests) <= asked + KILLS * WINDOW
