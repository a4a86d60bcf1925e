"""Say how far a run is: jobs, answers a second, cost so far, what is left.

It reads logs, benchmarks and ledgers, and asks no process: it works beside Snakemake on one
machine, on a cluster, and after a kill.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

from palimpsest.cli.arguments import add_results
from palimpsest.runtime.errors import UserError
from palimpsest.status.driver import last_run
from palimpsest.status.forecast import forecast
from palimpsest.status.jobs import running, seconds_by_rule, still_failed
from palimpsest.status.lines import Cost, lines_of

CLEAR = "\033[2J\033[H"


def declare(parser: argparse.ArgumentParser) -> None:
    add_results(parser)
    parser.add_argument(
        "--folder", type=Path, default=Path("."), help="where Snakemake was started; default: here"
    )
    parser.add_argument(
        "--every", type=float, metavar="SECONDS", help="say it again, until nothing runs"
    )


def run(arguments: argparse.Namespace) -> None:
    """Print how far the last run is."""
    while True:
        told, over = _told(arguments.folder, arguments.folder / arguments.results)
        print((CLEAR if arguments.every else "") + "\n".join(told), flush=True)
        if over or not arguments.every:
            return
        time.sleep(arguments.every)


def _told(folder: Path, results: Path) -> tuple[list[str], bool]:
    """The lines, and whether the run is over."""
    driver, now = last_run(folder), time.time()
    failures = still_failed(folder, driver.failed)
    jobs = running(results, {(folder / path).resolve() for path in failures}, driver.begun, now)
    begun = driver.begun or now
    ended = seconds_by_rule(results)
    spent = sum(map(sum, seconds_by_rule(results, begun).values()))
    ahead = forecast(driver.left(), ended, jobs, spent, now - begun)
    hours = {rule: sum(seconds) / 3600 for rule, seconds in ended.items()}
    told = lines_of(driver, jobs, failures, ahead, _costs(results), hours, now - begun)
    return told, driver.over or not driver.left()


def _costs(results: Path) -> list[Cost]:
    """What the ledgers hold, by LLM; one that is being written this moment counts next time."""
    from palimpsest.completions.ledger_admin import ledgers, summarize

    if not (results / "state/ledger").exists():
        return []
    sums: dict[str, Counter[str]] = {}
    for path in ledgers(results):
        try:
            found = summarize(path)
        except UserError:
            continue
        counts = sums.setdefault(found.llm_name or "unnamed", Counter())
        counts.update(
            completions=found.completions, tokens_in=found.tokens_in, tokens_out=found.tokens_out
        )
    return [Cost(llm, **counts) for llm, counts in sorted(sums.items())]
