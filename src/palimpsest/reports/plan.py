"""What asking an LLM will cost: tokens to read and to write, and the hours that takes."""

from dataclasses import dataclass
from typing import Any

COLUMNS = [
    "llm",
    "source",
    "prompt",
    "requests",
    "held",
    "to_ask",
    "tokens_in",
    "tokens_out",
    "tokens_out_from",
    "tokens_out_per_second",
    "rate_from",
    "hours",
    "core_hours",
    "gpu_hours",
]


@dataclass(frozen=True)
class Work:
    """What one LLM is to be asked under one prompt.

    held: requests that are answered already. tokens_in: of all requests, by the LLM's own
    tokenizer or an estimate. rooms: the most tokens that all answers may have.
    seen_in, seen_out: tokens of requests and answers of this LLM and prompt in its ledgers.
    """

    requests: int
    held: int
    tokens_in: float
    rooms: int
    seen_in: int
    seen_out: int
    answers: int


def planned(
    work: Work, declared_rate: float, measured: tuple[float, str] | None, gpus: int, cores: int
) -> dict[str, Any]:
    """The row of a plan, without names; cells that nothing is known of are None.

    declared_rate: tokens that are written a second, 0 for none; it goes before what was measured.
    measured: the same, and on what machine. gpus, cores: of one job. Hours are of one job after
    the other: with more jobs side by side the clock shows less, the hours of cores and GPUs stay.
    """
    to_ask = work.requests - work.held
    share = to_ask / work.requests if work.requests else 0.0
    tokens_in = work.tokens_in * share
    if work.seen_in:
        ratio = work.seen_out / work.seen_in
        # An answer ends where its room ends: a ratio seen on short passages must not exceed it.
        tokens_out = min(tokens_in * ratio, work.rooms * share)
        source = f"{work.answers} answers"
    else:
        tokens_out, source = work.rooms * share, "room for answers"
    rate, told = (declared_rate, "declared") if declared_rate else measured or (0.0, "")
    hours = tokens_out / rate / 3600 if rate else None
    return {
        "requests": work.requests,
        "held": work.held,
        "to_ask": to_ask,
        "tokens_in": round(tokens_in),
        "tokens_out": round(tokens_out),
        "tokens_out_from": source,
        "tokens_out_per_second": round(rate, 1) if rate else None,
        "rate_from": told or "not measured yet",
        "hours": hours,
        "core_hours": None if hours is None or gpus else hours * cores,
        "gpu_hours": hours * gpus if hours is not None and gpus else None,
    }
