"""kill -9 of Snakemake and all that it started, many times, and the count of what that cost."""

import csv
import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from project import Project, note_text
from scripted_server import ScriptedServer

WINDOW = 4  # of the tiny study's LLMs
TARGETS = [
    f"results/rephrases/alpha/clinic.{prompt}/{shard}.json"
    for prompt in ("plain", "formal")
    for shard in ("000-of-002", "001-of-002")
]
PAUSE_SECONDS = 0.4  # before each answer of the server


@dataclass
class Killed:
    """What a study went through. Answers are counted by their seeds, which no two share.

    lost: answers that were committed and then missing. asked_twice: that were committed and asked
    for again. requests: of the study. asked: what the server was asked in all. left: temporary
    files after the last run.
    """

    kills: int
    lost: int
    asked_twice: int
    requests: int
    asked: int
    same_bytes: bool
    left: list[str]


def hashes(project: Project) -> dict[str, str]:
    """SHA-256 of each table of requests, completions and rephrases."""
    found = {}
    for folder in ("requests", "completions", "rephrases"):
        for path in sorted((project.folder / "results" / folder).rglob("*.parquet")):
            name = str(path.relative_to(project.folder))
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def committed(project: Project) -> set[int]:
    """Seeds of the answers that the ledgers hold."""
    seeds: set[int] = set()
    for path in (project.folder / "results" / "state" / "ledger").rglob("*.sqlite"):
        connection = sqlite3.connect(path)
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'answers'").fetchone():
            seeds.update(seed for (seed,) in connection.execute("SELECT seed FROM answers"))
        connection.close()
    return seeds


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
    """SIGKILL a process and all that it started."""
    # Stopped first, so that nothing starts a child between the listing and the kill.
    for signal_number in (signal.SIGSTOP, signal.SIGKILL):
        for number in descendants(process.pid):
            try:
                os.kill(number, signal_number)
            except ProcessLookupError:
                continue
    process.wait()


def write_distinct_notes(path: Path, count: int) -> None:
    """Notes of which no two have a sentence in common: equal passages of two shards would both be
    asked, which is no fault, and have one seed."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["id", "patient", "body"])
        for number in range(count):
            sentences = re.sub(r"\.(\s)", rf" in bed {number}.\1", note_text(number))
            table.writerow([f"n{number}", f"p{number}", sentences])


def build_with_kills(folder: Path, server: ScriptedServer, kills: int, seed: int) -> Killed:
    """Build a study's rephrases undisturbed, and again with so many kills; compare the two."""

    def create(name: str) -> Project:
        project = Project.create(folder / name, server.url)
        write_distinct_notes(project.folder / "notes.csv", 3 * kills)
        for at in range(2):
            project.edit(
                "config/config.yaml",
                lambda study, at=at: study["rephrasings"][at].update(tokens=60 * kills),
            )
        return project

    server.pause, server.fail_next, server.break_at = 0.0, 0, 0
    server.requests.clear()
    undisturbed = create("undisturbed")
    undisturbed.build(*TARGETS)
    requests = len(server.requests)
    project = create("killed")
    project.build("results/requests/clinic.plain/000-of-002.json")
    server.requests.clear()
    server.pause = PAUSE_SECONDS
    draw = random.Random(seed)
    held: set[int] = set()
    lost = asked_twice = 0
    for _ in range(kills):
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
        time.sleep(draw.uniform(0, 3 * PAUSE_SECONDS))
        assert process.poll() is None, "all was asked before the last kill"
        kill_tree(process)
        shutil.rmtree(project.folder / ".snakemake" / "locks")  # as `snakemake --unlock` does
        asked_twice += sum(body["seed"] in held for body in server.requests[before:])
        now = committed(project)
        lost += len(held - now)
        held = now
    server.pause = 0.0
    before = len(server.requests)
    project.build(*TARGETS)
    asked_twice += sum(body["seed"] in held for body in server.requests[before:])
    lost += len(held - committed(project))
    same = hashes(project) == hashes(undisturbed)
    left = [path.name for path in (project.folder / "results").rglob(".*.tmp")]
    return Killed(kills, lost, asked_twice, requests, len(server.requests), same, left)
