"""A study of every rule, built on this machine and by pods; what tests of pods have in common."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from forks import Forks
from pods import ObjectStore
from pods_project import PodsProject
from project import Project
from scripted_server import ScriptedServer

# Times; the order of answers; what a plan is made of: how far the LLMs were, and how fast.
NOT_COMPARED = {"logs", "benchmarks", "state", "plan", "plan.csv", "pilot.csv"}
Targets = Sequence[Sequence[str]]  # of commands that are given one after the other


def sent_to(server: ScriptedServer) -> list[str]:
    """What was asked, in the order of the alphabet."""
    return sorted(json.dumps(body, sort_keys=True) for body in server.requests)


def hashes(results: Path) -> dict[str, str]:
    """SHA-256 of every result, by path; without logs, times and state."""
    return {
        str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.relative_to(results).parts[0] not in NOT_COMPARED
    }


def built_here(declared: Project, server: ScriptedServer, room: Path, targets: Targets) -> Project:
    """The study, built by Snakemake on this machine's disk; `jobs` ran, and `sent` was asked."""
    project = Project(shutil.copytree(declared.folder, room / "project"))
    server.requests.clear()
    project.jobs = set().union(*(project.build(*wanted) for wanted in targets))
    project.sent = sent_to(server)
    return project


def built_by_pods(
    declared: Project,
    server: ScriptedServer,
    room: Path,
    targets: Targets,
    store: ObjectStore,
    forks: Forks,
) -> PodsProject:
    """The study, built by pods; `printed` is what the drivers said, `fetched` has the bucket."""
    project = PodsProject.of(declared, room / "project", store, forks)
    server.requests.clear()
    project.printed = "".join(project.submit(*wanted) for wanted in targets)
    project.sent = sent_to(server)
    project.fetched = room / "fetched"
    store.download(project.fetched)
    return project
