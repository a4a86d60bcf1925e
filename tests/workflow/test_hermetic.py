"""Every job reads its declared inputs and nothing else.

Each job of a tiny study of both papers runs once more, alone: in an empty folder, with its inputs
under other paths and without the project's data files, and makes the same bytes.
"""

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from project import REPOSITORY, Project

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

JOB = re.compile(
    r"^(?:local)?rule (\w+):\n((?:    .*\n)*)\n((?:\s*python .*\n(?:.*\\\n|.*\n)*?)?)\n", re.M
)
MOVED = "moved"


class Dry:
    """One job as a dry run shows it."""

    def __init__(self, rule: str, block: str, command: str) -> None:
        self.rule, self.command = rule, " ".join(command.replace("\\\n", " ").split())
        self.inputs, self.outputs = self._listed(block, "input"), self._listed(block, "output")

    @staticmethod
    def _listed(block: str, key: str) -> list[str]:
        found = re.search(rf"^    {key}: (.*)$", block, re.M)
        return found[1].split(", ") if found else []

    def __str__(self) -> str:
        return f"{self.rule} {self.outputs[0]}"


def jobs_of(project: Project) -> list[Dry]:
    """Every job of a study, with its command."""
    output = project.snakemake("--dry-run", "--forceall", "--printshellcmds").stdout
    return [Dry(*found) for found in JOB.findall(output + "\n") if found[2].strip()]


def run_alone(job: Dry, project: Project, folder: Path) -> list[str]:
    """Run a job in a folder of its own; what went wrong or differs, in lines."""
    folder.mkdir(parents=True)
    for path in dict.fromkeys(job.inputs):
        target = folder / MOVED / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project.folder / path, target)
    for path in job.outputs:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / "scripts").symlink_to(REPOSITORY / "scripts")
    moved = {path: f"{MOVED}/{path}" for path in job.inputs}
    words = [moved.get(word, word) for word in re.split(r"(\s+)", job.command)]
    command = re.sub(r">\S+\.log 2>&1", "", "".join(words))
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env={**project.environment(), "PYTHONPATH": str(REPOSITORY / "src")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        return [f"{job}: {done.stderr.strip().splitlines()[-1]}"]
    return [
        f"{job}: {path} differs"
        for path in job.outputs
        if (folder / path).read_bytes() != project.read(path)
    ]


def test_every_job_gives_the_same_bytes_from_its_inputs_alone(
    both_papers: Project, tmp_path: Path
) -> None:
    jobs = jobs_of(both_papers)
    assert len(jobs) > 60
    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(run_alone, job, both_papers, tmp_path / str(number))
            for number, job in enumerate(jobs)
        ]
    assert [line for run in runs for line in run.result()] == []
