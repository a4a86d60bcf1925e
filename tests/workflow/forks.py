"""Programs in forks of a process that has loaded the libraries: loading is paid for once."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
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


class Forks:
    """Runs one program at a time."""

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

    def begin(self, folder: Path, log: Path, program: Path, *arguments: str) -> int:
        """Start a program in a folder, and return its process. log: gets all that it writes."""
        self.process.stdin.write(json.dumps([str(folder), str(log), str(program), *arguments]))
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> int:
        """The exit status of the program that was started; that of a signal is negative."""
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
