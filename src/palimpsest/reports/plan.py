"""What an LLM's completions will cost: tokens to read and to write, and the hours that takes."""

from dataclasses import dataclass

import pandas as pd

from palimpsest.runtime.rows import Row

COLUMNS = [
    "llm", "source", "prompt", "context", "requests", "held", "to_ask", "tokens_in",
    "tokens_out", "tokens_out_from", "tokens_out_per_second", "rate_from", "hours", "core_hours",
    "gpu_hours", "loading_seconds", "shards", "shards_at_most",
]  # fmt: skip


LOADING_SHARE = 0.05  # of a job's time, at most, may go into the start of its engine


@dataclass(frozen=True)
class Work:
    """What one LLM is to complete under one prompt.

    completed: requests whose completions a ledger holds. tokens_in: of all requests, by the LLM's
    own tokenizer or an estimate. rooms: the most tokens that all completions may have.
    completions, seen_in, seen_out: of this LLM and prompt in all ledgers, with the tokens of their
    requests and of themselves. shards: jobs into which the requests are divided.
    """

    requests: int
    completed: int
    tokens_in: float
    rooms: int
    seen_in: int
    seen_out: int
    completions: int
    shards: int = 1


def planned(
    work: Work,
    declared_rate: float,
    measured: tuple[float, str] | None,
    gpus: int,
    cores: int,
    loading: float | None = None,
) -> Row:
    """The row of a plan, without names; cells that nothing is known of are None.

    declared_rate: tokens that are written a second, 0 for none; it goes before what was measured.
    measured: the same, and on what hardware. gpus, cores: of one job. Hours are of one job after
    the other: with more jobs side by side the clock shows less, the hours of cores and GPUs stay.
    loading: seconds that the engine takes to start, once a job. `shards_at_most`: into so many jobs
    may all requests be divided, those held included, until starting takes LOADING_SHARE of each.
    """
    to_ask = work.requests - work.completed
    share = to_ask / work.requests if work.requests else 0.0
    if work.seen_in:
        ratio = work.seen_out / work.seen_in
        # A completion ends where its room ends: a ratio seen on short passages must not exceed it.
        written = min(work.tokens_in * ratio, work.rooms)
        source = f"{work.completions} answers"
    else:
        written, source = work.rooms, "room for answers"
    tokens_in, tokens_out = work.tokens_in * share, written * share
    rate, origin = (declared_rate, "declared") if declared_rate else measured or (0.0, "")
    hours = tokens_out / rate / 3600 if rate else None
    shards = None
    if rate and loading:
        seconds = loading * (1 / LOADING_SHARE - 1)  # of work, for each start
        shards = max(1, int(written / rate / seconds))
    return {
        "requests": work.requests,
        "held": work.completed,
        "to_ask": to_ask,
        "tokens_in": round(tokens_in),
        "tokens_out": round(tokens_out),
        "tokens_out_from": source,
        "tokens_out_per_second": round(rate, 1) if rate else None,
        "rate_from": origin or "not measured yet",
        "hours": hours,
        "core_hours": None if hours is None or gpus else hours * cores,
        "gpu_hours": hours * gpus if hours is not None and gpus else None,
        "loading_seconds": None if loading is None else round(loading, 1),
        "shards": work.shards,
        "shards_at_most": shards,
    }


def too_many_shards(plan: pd.DataFrame) -> list[str]:
    """A line for each source of a plan whose jobs spend more than LOADING_SHARE on starting.

    A source has one number of shards for all its LLMs and prompts: the fewest that any of them
    wants is the number of which each job is long enough.
    """
    lines = []
    for source, rows in plan.dropna(subset="shards_at_most").groupby("source", sort=False):
        worst = rows.sort_values("shards_at_most", kind="stable").iloc[0]
        if worst["shards"] > worst["shards_at_most"]:
            lines.append(
                f"{source}: its {worst['shards']:.0f} shards are too many for {worst['llm']}: to "
                f"start takes {worst['loading_seconds']:,.0f} s, over {LOADING_SHARE:.0%} of a job "
                f"of '{worst['prompt']}'; declare at most {worst['shards_at_most']:.0f}"
            )
    return lines
