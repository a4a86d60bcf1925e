"""A run as lines for people."""

from collections import Counter
from typing import NamedTuple

from palimpsest.status.driver import Driver
from palimpsest.status.forecast import Forecast
from palimpsest.status.jobs import ANSWERING, Running

BAR = 20  # characters
SILENT = 900  # seconds without a line, after which a job may be dead
SHOWN = 40  # jobs that have a line of their own


class Cost(NamedTuple):
    """What the answers of an LLM took so far: all that its ledgers hold."""

    llm: str
    completions: int
    tokens_in: int
    tokens_out: int


def lines_of(
    run: Driver,
    jobs: list[Running],
    failures: list[str],
    ahead: Forecast,
    costs: list[Cost],
    spent: dict[str, float],
    elapsed: float,
) -> list[str]:
    """The lines.

    failures: logs of jobs that failed for good. spent: hours of jobs that ended, in any run, by
    rule. elapsed: of the run.
    """
    planned = run.planned.total()
    done = run.steps[0] if run.steps else run.finished.total()
    waiting = max(0, planned - done - len(failures) - len(jobs))
    failed = f", {len(failures)} failed" if failures else ""
    told = [
        f"{done:,} of {planned:,} jobs done, {len(jobs):,} running, {waiting:,} waiting{failed}; "
        f"begun {span(elapsed)} ago"
    ]
    if run.over and jobs:
        told.append("the driver has ended; on one machine these were running when it did:")
    told += [_line(job) for job in jobs[:SHOWN]]
    if len(jobs) > SHOWN:
        told.append(f"  and {len(jobs) - SHOWN:,} more")
    told += [f"  failed: {path}" for path in failures]
    rates = [job.rate() or 0.0 for job in jobs if job.rule in ANSWERING]
    if any(rates):
        told.append(f"answers: {sum(rates):,.2f} a second, over {len(rates)} running jobs")
    for cost in costs:
        told.append(
            f"{cost.llm}: {cost.completions:,} answers so far, {cost.tokens_in:,} tokens read, "
            f"{cost.tokens_out:,} written"
        )
    if spent:
        largest = Counter(spent).most_common(3)
        shown = ", ".join(f"{rule} {hours:,.2f}" for rule, hours in largest)
        told.append(f"hours of jobs so far: {sum(spent.values()):,.2f} ({shown})")
    if done >= planned:
        return [*told, "nothing is left"]
    told.append(_ahead(ahead))
    return told


def _line(job: Running) -> str:
    """A running job: how far, how fast, how long yet."""
    quiet = f"; no line for {span(job.silent)}" if job.silent > SILENT else ""
    if job.done is None or not job.total:
        return f"  {'.' * BAR}  {job.log}{quiet}"
    full = min(BAR, BAR * job.done // job.total)
    rate = job.rate()
    speed = f", {rate:,.2f} a second" if rate else ""
    left = f", {span(job.left)} left" if job.left is not None else ""
    return (
        f"  {'#' * full}{'.' * (BAR - full)}  {job.log}: {job.done:,} of {job.total:,} {job.unit}"
        f"{speed}{left}{quiet}"
    )


def _ahead(ahead: Forecast) -> str:
    unknown = ", ".join(f"{count} {rule}" for rule, count in sorted(ahead.unknown.items()))
    but = f", and what nobody has timed yet: {unknown}" if unknown else ""
    if not ahead.work:
        return f"left: nothing that was timed{but}"
    return (
        f"left: about {span(ahead.seconds())} at {ahead.side_by_side:.1f} jobs at a time, by the "
        f"jobs so far{but}"
    )


def span(seconds: float) -> str:
    """Seconds as people say them."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
