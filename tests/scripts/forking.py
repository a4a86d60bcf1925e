"""Runs scripts in forks of a process that has loaded the libraries: loading is paid for once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cases
import cases_datasets
import cases_experiments
from cases import Case
from tiny_inputs import write_inputs

ROOT = Path(__file__).parents[2]
LABELLED = (cases_datasets, cases_experiments)
CASES = [case for module in (cases, *LABELLED) for case in module.CASES]
IDS = [f"{case.script}-{index}" for index, case in enumerate(CASES)]
FORKED = """
import json, os, runpy, sys, traceback
import datasets, httpx, matplotlib, pandas, pyarrow.parquet, pydantic, transformers, yaml
import palimpsest.perplexity.score, palimpsest.pretraining.encoder, palimpsest.finetuning.run
import palimpsest.notes.read, palimpsest.reports.screens, palimpsest.reports.figures.perplexity
import sklearn.feature_extraction.text, sklearn.metrics
for line in sys.stdin:
    folder, log, *sys.argv = json.loads(line)
    child = os.fork()
    if not child:
        os.chdir(folder)
        stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(stream, 1), os.dup2(stream, 2)
        code = 0
        try:
            runpy.run_path(sys.argv[0], run_name="__main__")
        except SystemExit as error:
            code = error.code
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stderr.flush()
        os._exit(code or 0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Runner:
    """Runs one script at a time."""

    def __init__(self) -> None:
        known = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        known |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT / "src")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", FORKED],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=known,
        )

    def start(self, folder: Path, case: Case) -> int:
        """Start a script, and return its process."""
        script = str(ROOT / "scripts" / f"{case.script}.py")
        line = [str(folder), str(folder / "log"), script, *case.arguments]
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> int:
        """The exit status of the script that was started; that of a signal is negative."""
        return int(self.process.stdout.readline())

    def run(self, folder: Path, case: Case) -> tuple[int, str]:
        """Exit status and everything that the script wrote."""
        self.start(folder, case)
        code = self.wait()
        return code, (folder / "log").read_text(encoding="utf-8")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


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
    found = [path for path in (folder / "out").rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if not path.name.startswith(".")
    }


def temporaries(folder: Path) -> list[str]:
    """Temporary files and folders under out/ and state/."""
    rooms = [folder / "out", folder / "state"]
    return sorted(str(path) for room in rooms for path in room.rglob(".*"))
