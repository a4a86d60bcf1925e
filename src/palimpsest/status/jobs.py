"""Jobs by the files that they write: a log from the start on, seconds at the end."""

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

# The lines of `runtime.progress` in a log.
PROGRESS = re.compile(
    r"(?P<label>.*?): (?P<done>[\d,]+) of (?P<total>[\d,]+) (?P<unit>.+?) in (?P<seconds>\d+) s, "
    r"about (?P<left>\d+) s left"
)
TAIL = 64 * 1024  # bytes of a log's end that are read
SLACK = 30.0  # seconds by which the clock of a file system may differ
ANSWERING = ("complete_requests", "ask_pilot")  # rules whose units are answers of LLMs


@dataclass(frozen=True)
class Running:
    """A job that began and did not end.

    log: below the folder of logs, without its ending. silent: seconds since its last line.
    done, total, unit, seconds, left: as it last told; None where it told nothing yet.
    """

    log: str
    silent: float
    done: int | None = None
    total: int | None = None
    unit: str = ""
    seconds: float = 0.0
    left: float | None = None

    @property
    def rule(self) -> str:
        return self.log.split("/")[0]

    def rate(self) -> float | None:
        """Units a second, since the job began to work."""
        return self.done / self.seconds if self.done and self.seconds else None


def still_failed(folder: Path, failed: dict[str, float]) -> list[str]:
    """The logs of jobs that failed and were not begun again.

    folder: where Snakemake runs. failed: logs, with when their job failed.
    """
    return [path for path, when in failed.items() if _told_at(folder / path) <= when + SLACK]


def _told_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def running(results: Path, failed: set[Path], begun: float | None, now: float) -> list[Running]:
    """The jobs that began in a run and did not end, those that told something first.

    failed: logs of jobs that failed. begun: when the run did; earlier logs are of other runs.
    """
    logs, found = results / "logs", []
    for path in sorted(logs.rglob("*.log")):
        told = path.stat().st_mtime
        stem = path.relative_to(logs).with_suffix("").as_posix()
        seconds = results / "benchmarks" / f"{stem}.tsv"
        over = seconds.exists() and seconds.stat().st_mtime >= told
        if over or path.resolve() in failed or (begun and told < begun):
            continue
        found.append(_told(path, stem, now - told))
    return sorted(found, key=lambda job: (job.done is None, job.log))


def _told(path: Path, stem: str, silent: float) -> Running:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - TAIL))
        lines = stream.read().decode("utf-8", "replace").splitlines()
    for line in reversed(lines):
        if found := PROGRESS.match(line):
            done, total = (int(found[name].replace(",", "")) for name in ("done", "total"))
            return Running(
                stem, silent, done, total, found["unit"], float(found["seconds"]),
                float(found["left"]),
            )  # fmt: skip
    return Running(stem, silent)


def seconds_by_rule(results: Path, since: float = 0.0) -> dict[str, list[float]]:
    """Seconds of the jobs that ended, by rule, from the files that Snakemake writes at their end.

    since: only of those that ended later.
    """
    found: dict[str, list[float]] = defaultdict(list)
    folder = results / "benchmarks"
    for path in sorted(folder.rglob("*.tsv")):
        if path.stat().st_mtime < since:
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        rule = path.relative_to(folder).with_suffix("").parts[0]
        try:
            found[rule] += [float(row["s"]) for row in rows]
        except (KeyError, TypeError, ValueError):
            continue  # Snakemake is just writing it
    return dict(found)
