"""What is left of a run, by how long its jobs took so far."""

from collections import Counter
from dataclasses import dataclass
from statistics import mean

from palimpsest.status.jobs import Running


@dataclass(frozen=True)
class Forecast:
    """work: seconds of jobs that are left. side_by_side: jobs at a time, so far. unknown: jobs of
    rules of which none has ended, whose seconds nobody knows.
    """

    work: float
    side_by_side: float
    unknown: Counter[str]

    def seconds(self) -> float:
        """Seconds on the clock, of what is known."""
        return self.work / max(1.0, self.side_by_side)


def forecast(
    left: Counter[str],
    seconds: dict[str, list[float]],
    jobs: list[Running],
    spent: float,
    elapsed: float,
) -> Forecast:
    """What is left.

    left: jobs by rule that have not ended. seconds: of those that ended, in any run. jobs: that run
    now, of which some tell what is left. spent: seconds of this run's jobs. elapsed: of the run.
    """
    told = [job for job in jobs if job.left is not None]
    waiting = left - Counter(job.rule for job in told)
    known = {rule: mean(found) for rule, found in seconds.items() if found}
    work = sum(job.left or 0.0 for job in told)
    work += sum(count * known[rule] for rule, count in waiting.items() if rule in known)
    unknown = Counter({rule: count for rule, count in waiting.items() if rule not in known})
    running_now = sum(job.seconds for job in told)
    parallel = (spent + running_now) / elapsed if elapsed > 0 else 1.0
    return Forecast(work, max(parallel, float(len(jobs)) if spent == 0 else parallel), unknown)
