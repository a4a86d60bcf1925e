"""How often Snakemake looks for jobs to start."""

from typing import Any

# Of `max-jobs-per-timespan`, as Snakemake sets it where nobody does: jobs, seconds.
DEFAULT_RATE = (100, 1)


def without_default_rate(settings: Any, scheduler: Any) -> None:
    """Lift the limit on how many jobs may start in a second, unless a user set another one.

    With a limit, Snakemake 9.27 looks at all jobs that are ready one second after each time it did
    so; and as every job that ends begins such a row of looks, which goes on to the last job, they
    become more and more: of the demo's 45 minutes of CPU they took some 5. Without one it looks
    when a job ends, which is when there may be something to start.
    settings, scheduler: Snakemake's, before it looks for the first time.
    """
    rate = settings.max_jobs_per_timespan
    if rate is not None and (rate.max_jobs, rate.timespan) == DEFAULT_RATE:
        scheduler.job_rate_limiter = None
