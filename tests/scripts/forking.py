"""Runs scripts in forks of a process that has loaded the libraries: loading is paid for once."""

import shutil
from pathlib import Path

import cases
import cases_datasets
import cases_evidence
import cases_experiments
import cases_release
import cases_rephrases
from cases import Case
from forks import ROOT, Forks
from tiny_inputs import write_inputs

LABELLED = (cases_datasets, cases_evidence, cases_experiments, cases_release, cases_rephrases)
CASES = [case for module in (cases, *LABELLED) for case in module.CASES]
IDS = [f"{case.script}-{index}" for index, case in enumerate(CASES)]


class Runner(Forks):
    """Runs one script at a time."""

    def start(self, folder: Path, case: Case) -> int:
        """Start a script, and return its process."""
        script = ROOT / "scripts" / f"{case.script}.py"
        return self.begin(folder, folder / "log", script, *case.arguments)

    def run(self, folder: Path, case: Case) -> tuple[int, str]:
        """Exit status and everything that the script wrote."""
        self.start(folder, case)
        code = self.wait()
        return code, (folder / "log").read_text(encoding="utf-8")


def make_inputs(folder: Path) -> Path:
    """One of everything that the cases read."""
    write_inputs(folder)
    for module in LABELLED:
        module.write(folder)
    return folder


def copied(inputs: Path, folder: Path) -> Path:
    return Path(shutil.copytree(inputs, folder))


def outputs(folder: Path) -> dict[str, bytes]:
    """What lies under out/ by name, without temporary files."""
    files = {
        path.relative_to(folder): path for path in (folder / "out").rglob("*") if path.is_file()
    }
    return {
        str(name): path.read_bytes()
        for name, path in files.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def temporaries(folder: Path) -> list[str]:
    """Temporary files and folders under out/ and state/."""
    rooms = [folder / "out", folder / "state"]
    return sorted(str(path) for room in rooms for path in room.rglob(".*"))
