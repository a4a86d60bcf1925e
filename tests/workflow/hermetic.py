"""Runs every job of a study once more, alone: what it reads must be among its declared inputs.

Each runs in an empty folder, with its inputs under other paths and without the project's data
files, and must make the same bytes. So two builds of one study, whose files are equal at the
start, give the same bytes at their end.
"""

import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

from connections import addresses, watching, why_not
from forks import Forks
from project import Project, forks

RULE = re.compile(r"^(?:local)?rule (\w+):\n", re.M)
LOG = re.compile(r">\S+\.log 2>&1")
MOVED = "moved"


class DryJob:
    """One job as a dry run shows it: its inputs, its outputs and its command."""

    def __init__(self, rule: str, text: str) -> None:
        self.rule = rule
        self.inputs, self.outputs = (self._listed(text, key) for key in ("input", "output"))
        command = re.search(r"^\s*(python scripts/.*?2>&1)", text, re.M | re.S)
        self.command = " ".join(command[1].replace("\\\n", " ").split()) if command else ""

    @staticmethod
    def _listed(text: str, key: str) -> list[str]:
        found = re.search(rf"^    {key}: (.*)$", text, re.M)
        # Recipes are marked, as Snakemake sends them with the code.
        return found[1].replace(" (cached)", "").split(", ") if found else []

    def __str__(self) -> str:
        return f"{self.rule} of {self.outputs[0]}"


def dry_jobs(project: Project) -> list[DryJob]:
    """Every job of a study that runs a program."""
    output = project.snakemake("--dry-run", "--forceall", "--printshellcmds").stdout
    parts = RULE.split(output)[1:]
    jobs = [DryJob(rule, text) for rule, text in zip(parts[::2], parts[1::2], strict=True)]
    return [job for job in jobs if job.command]


def run_alone(forked: Forks, job: DryJob, project: Project, folder: Path) -> list[str]:
    """What goes wrong or differs when a job runs in a folder of its own, in lines."""
    for path in dict.fromkeys(job.inputs):
        target = folder / MOVED / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project.folder / path, target)
    for path in job.outputs:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / "scripts").symlink_to(project.folder / "scripts")
    moved = {path: f"{MOVED}/{path}" for path in job.inputs}
    _, program, *arguments = shlex.split(LOG.sub("", job.command))
    arguments = [moved.get(word, word) for word in arguments]
    forked.begin(folder, folder / "log", project.folder / program, *arguments)
    if forked.wait():
        return [f"{job}: {(folder / 'log').read_text().strip().splitlines()[-1:]}"]
    made = [path for path in job.outputs if not path.endswith("/")]
    differ = [path for path in made if (folder / path).read_bytes() != project.read(path)]
    return [f"{job}: {path} differs" for path in differ]


class Alone(NamedTuple):
    """What came of running every job alone.

    differences: what went wrong or differs, in lines. addresses: what jobs connected to; None where
    this machine cannot tell, and then unwatched says why.
    """

    differences: list[str]
    addresses: set[str] | None
    unwatched: str


def all_alone(project: Project, folder: Path) -> Alone:
    """Run each job of a built study alone, and watch where it connects to."""
    if reason := why_not():
        return Alone(differences(project, folder, forks()), None, reason)
    log = folder / "connections"
    forked = Forks(watching(log))
    try:
        found = differences(project, folder, forked)
    finally:
        forked.close()
    return Alone(found, addresses(log), "")


def differences(project: Project, folder: Path, forked: Forks) -> list[str]:
    """What goes wrong or differs when each job of a built study runs alone."""
    jobs = dry_jobs(project)
    assert jobs, "the dry run shows no job"
    return [
        line
        for number, job in enumerate(jobs)
        for line in run_alone(forked, job, project, folder / str(number))
    ]
