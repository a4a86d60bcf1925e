"""A study whose jobs are pods: the driver has neither notes nor weights, and pods have no disk."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from cluster_project import Driver
from every_rule import OUTSIDE
from forks import Forks
from pods import PLACE, PYTHON, ObjectStore, Pods
from project import Project

# The project's own profile, but for its executor and what a test cannot wait for.
PROFILE = {
    "workflow-profile": "profiles/kubernetes",
    "executor": "cluster-generic",
    "default-storage-prefix": PLACE,
    "jobs": "4",
    "latency-wait": "5",
    "seconds-between-status-checks": "1",
}


class PodsProject(Project):
    """Where the driver runs: a git repository, whose ignored files are in the bucket alone."""

    def __init__(self, folder: Path, store: ObjectStore, pods: Pods) -> None:
        super().__init__(folder)
        self.store, self.pods = store, pods

    @classmethod
    def of(cls, declared: Project, folder: Path, store: ObjectStore, forks: Forks) -> "PodsProject":
        """A declared study whose notes and weights are uploaded, and then no longer here."""
        shutil.copytree(declared.folder, folder)
        store.upload(folder, *OUTSIDE)
        for name in OUTSIDE:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (folder / ".gitignore").write_text("results/\n" + "".join(f"/{name}\n" for name in OUTSIDE))
        for command in (["git", "init", "--quiet"], ["git", "add", "."]):
            subprocess.run(command, cwd=folder, check=True)
        return cls(folder, store, Pods(folder.with_name("spool"), folder, forks))

    def environment(self) -> dict[str, str]:
        inherited = super().environment()
        kept = {name: value for name, value in inherited.items() if "SNAKEMAKE" not in name}
        path = os.pathsep.join((str(PYTHON.parent), inherited["PATH"]))
        return {**kept, **self.store.environment(), "PATH": path}

    def command(self, *arguments: str) -> list[str]:
        scripts = {
            "cluster-generic-submit-cmd": str(self.pods.spool / "submit"),
            "cluster-generic-status-cmd": str(self.pods.spool / "status"),
        }
        options = [f"--{name}={value}" for name, value in (PROFILE | scripts).items()]
        return [str(PYTHON), "-m", "snakemake", *options, *arguments]

    def begin(self, *arguments: str) -> Driver:
        """Start Snakemake, and return it."""
        output = self.folder.with_name(f"driver-{time.monotonic_ns()}.out")
        return Driver(self.command(*arguments), self, output)

    def submit(self, *arguments: str) -> str:
        """Run Snakemake, and return what it printed."""
        driver = self.begin(*arguments)
        code, printed = driver.wait(3000), driver.output.read_text()
        assert code == 0, printed[-8000:]
        return printed
