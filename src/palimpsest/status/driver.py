"""What Snakemake's own log says of a run: which jobs there are, and which ended."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from palimpsest.runtime.errors import UserError

DATE = re.compile(r"\s*Date: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
STATS = re.compile(r"(\w+)\s+(\d+)")
FINISHED = re.compile(r"Finished jobid: \d+ \(Rule: (\w+)\)")
STEPS = re.compile(r"(\d+) of (\d+) steps \(\d+%\) done")
ERROR = re.compile(r"\s*Error in rule (\w+)")
LOG = re.compile(r"\s+log: ([^\s,]+)")
STAMP = re.compile(r"\s*\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]")
OVER = "Elapsed time: "
DRY = "This was a dry-run"
TOTAL = "total"


@dataclass
class Driver:
    """A run as its driver tells it.

    begun: seconds since the epoch; None where the log does not say it. planned, finished: jobs by
    rule. failed: logs of jobs that failed, with when the last time. steps: done and all, as last
    told. over: whether the driver ended by itself; it is not where it was killed.
    """

    path: Path
    begun: float | None = None
    planned: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    failed: dict[str, float] = field(default_factory=dict)
    steps: tuple[int, int] | None = None
    over: bool = False

    def left(self) -> Counter[str]:
        """Jobs by rule that have not ended well."""
        return self.planned - self.finished


def last_run(folder: Path) -> Driver:
    """The last run that was no dry run.

    folder: where Snakemake runs. Raises UserError where there was none.
    """
    found = sorted((folder / ".snakemake/log").glob("*.snakemake.log"), reverse=True)
    for path in found:
        run = read_driver(path)
        if run.planned:
            return run
    raise UserError(
        f"{folder / '.snakemake/log'}: no log of a run; expected the folder in which Snakemake was "
        "started, given by --folder"
    )


def read_driver(path: Path) -> Driver:
    """What a log of Snakemake says; nothing is planned in one of a dry run."""
    run, in_stats, in_error, now = Driver(path), False, False, 0.0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(DRY):
            return Driver(path)
        if run.begun is None and (dated := DATE.match(line)):
            run.begun = datetime.strptime(dated[1], "%Y-%m-%d %H:%M:%S").timestamp()
        if line.startswith("Job stats:"):
            in_stats = not run.planned  # a log ends with the table once more
        elif in_stats and (counted := STATS.fullmatch(line.strip())):
            if counted[1] == TOTAL:
                in_stats = False
            else:
                run.planned[counted[1]] = int(counted[2])
        elif line.startswith(OVER):
            run.over = True
        elif ended := FINISHED.match(line):
            run.finished[ended[1]] += 1
        elif stepped := STEPS.match(line):
            run.steps = int(stepped[1]), int(stepped[2])
        if stamped := STAMP.match(line):
            now = datetime.strptime(stamped[1], "%a %b %d %H:%M:%S %Y").timestamp()
        in_error = bool(ERROR.match(line)) or (in_error and line.startswith(" "))
        if in_error and (logged := LOG.match(line)):
            run.failed[logged[1]] = now
    return run
