"""A tiny study that SLURM runs, with the project's own profile."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from forks import Forks
from project import Project, forks
from slurm import wait_for

from palimpsest.runtime.environments import JOBS_FILE

SNAKEMAKE = str(Path(__file__).with_name("watching_snakemake.py"))
PROFILE = ["--workflow-profile", "profiles/slurm"]
# What a test cannot wait for: the profile's values are for big clusters.
QUICKLY = ["--latency-wait", "15", "--jobs", "6"]
WITHOUT_ACCOUNTING = ["--slurm-status-command", "squeue"]
RUN_ID = re.compile(r"SLURM run ID: (\S+)")
NOT_COMPARED = {"logs", "benchmarks", "state"}  # times, and the order in which answers came


def driver_of_forks(folder: Path) -> tuple[Path, Forks]:
    """The environment that submits jobs, but that it and its jobs run in forks.

    For studies of many jobs: most of their time would go into loading libraries. Also returns the
    server of forks of Snakemake, to be closed.
    """
    origin = Path(os.environ["PALIMPSEST_CLUSTER"])
    driver, jobs = folder / "driver", folder / "jobs"
    for made, like in ((driver, origin), (jobs, Path(sys.prefix))):
        (made / "bin").mkdir(parents=True)
        (made / "lib").symlink_to(like / "lib")
    (jobs / "bin/python").symlink_to(forks().python())
    shutil.copy(origin / "pyvenv.cfg", driver)
    (driver / JOBS_FILE).write_text("../jobs\n", encoding="utf-8")
    (driver / "bin/interpreter").symlink_to(origin / "bin/python")
    served = Forks(interpreter=str(driver / "bin/interpreter"))
    (driver / "bin/python").symlink_to(served.python())
    return driver, served


class ClusterProject(Project):
    """A project whose jobs SLURM runs.

    They are real processes, which can be killed and measured, unless `driver` is one of forks.
    """

    driver = Path(os.environ.get("PALIMPSEST_CLUSTER", ""))

    def arguments(self, *arguments: str) -> list[str]:
        python = self.driver / "bin/python"
        return [str(python), SNAKEMAKE, *PROFILE, *QUICKLY, *arguments]

    def environment(self) -> dict[str, str]:
        """As a user's, without what SLURM or a test set."""
        kept = {
            key: value
            for key, value in super().environment().items()
            if not key.startswith(("SLURM_", "SNAKEMAKE_", "CUDA_"))
        }
        return kept | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}

    def begin(self, *arguments: str) -> "Driver":
        """Start Snakemake, and return it."""
        output = self.folder / f"driver-{time.monotonic_ns()}.out"
        return Driver(self.arguments(*WITHOUT_ACCOUNTING, *arguments), self, output)

    def submit(self, *arguments: str, succeeds: bool = True) -> str:
        """Run Snakemake, and return what it printed."""
        driver = self.begin(*arguments)
        code, printed = driver.wait(), driver.output.read_text()
        assert (code == 0) == succeeds, printed[-8000:]
        return printed

    def planned(self, *arguments: str) -> set[str]:
        """The rules that a dry run would run."""
        done = self.snakemake("-n", "--quiet", "rules", "--", *arguments)
        lines = [line.split() for line in done.stdout.splitlines()]
        return {line[0] for line in lines if len(line) == 2 and line[1].isdigit()} - {"total"}

    def hashes(self) -> dict[str, str]:
        """SHA-256 of every result, by path; without logs, times and state."""
        results = self.folder / "results"
        return {
            str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(results.rglob("*"))
            if path.is_file() and path.relative_to(results).parts[0] not in NOT_COMPARED
        }


class Driver:
    """A Snakemake that submits jobs."""

    def __init__(self, command: list[str], project: ClusterProject, output: Path) -> None:
        self.output = output
        with output.open("w") as stream:
            self.process = subprocess.Popen(
                command,
                cwd=project.folder,
                env=project.environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def wait(self, seconds: float = 1700) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGINT)  # cancels its jobs
            self.process.wait(60)
            raise AssertionError(f"still running:\n{self.output.read_text()[-6000:]}") from None

    def run_id(self) -> str:
        """The name that all jobs of this run have in SLURM."""
        wait_for("the run's id", lambda: RUN_ID.search(self.output.read_text()))
        found = RUN_ID.search(self.output.read_text())
        assert found
        return found.group(1)

    def kill(self) -> None:
        """kill -9, of Snakemake alone: what it submitted goes on."""
        self.process.kill()
        self.process.wait()
