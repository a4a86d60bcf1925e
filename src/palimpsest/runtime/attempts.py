"""What a job asks for when it is tried again: more of what it may have been cut off for."""

from collections.abc import Callable
from typing import Any


def growing(resource: Any) -> Callable[..., Any]:
    """A rule's memory or time, as often as its job is tried. resource: Snakemake's, of the rule.

    Snakemake passes what a resource may depend on by these names.
    """

    def of_attempt(
        wildcards: Any, input: Any, attempt: int, threads: Any, rulename: str, async_run: Any
    ) -> Any:
        given = {"input": input, "attempt": attempt, "threads": threads}
        given |= {"rulename": rulename, "async_run": async_run}
        value = resource.evaluate(wildcards, **given).value
        return value * attempt if isinstance(value, int) else value  # not known yet, or none

    return of_attempt
