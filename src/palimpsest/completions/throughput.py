"""What a plan needs from the ledgers: what is completed already, and how fast that was."""

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from palimpsest.completions.ledger import (
    STARTING,
    SUMS,
    completion_key,
    earlier_ledgers,
    ledger_path,
    reading,
    select,
)


class TokenCounts(NamedTuple):
    """How many completions there are, and the tokens of their prompts and of themselves."""

    completions: int
    tokens_in: int
    tokens_out: int


class Throughput(NamedTuple):
    """How fast an LLM was on one kind of hardware.

    tokens_in, tokens_out: a second, of prompts and of completions, over the same seconds: a
    window's prompts are read and its completions written in them. windows: how many were measured.
    output_ratio: tokens of completions for each token of prompts.
    """

    hardware: str
    engine: str
    tokens_in: float
    tokens_out: float
    output_ratio: float
    windows: int


def count_completed(
    state: Path, llm: str, asked_with: str, source: str, shard: str, request_keys: Iterable[str]
) -> int:
    """How many of a shard's requests have their completions in a ledger, and cost nothing.

    state: the folder of the ledgers. llm: the LLM's identity. asked_with: the prompt's.
    Equal requests count each. Reads only; a job that is at work on the ledger is not disturbed.
    Raises UserError when a ledger cannot be read.
    """
    path = ledger_path(state, llm, asked_with, source, shard)
    keys = [completion_key(request, llm) for request in request_keys]
    found: set[str] = set()
    for ledger in filter(Path.exists, [path, *earlier_ledgers(path)]):
        with reading(ledger) as connection:
            found.update(key for (key,) in select(connection, "key", set(keys) - found))
    return sum(key in found for key in keys)


def token_counts(state: Path, llm: str, asked_with: str) -> TokenCounts:
    """The completions of an LLM under a prompt in all its ledgers, with their tokens.

    Raises UserError when a ledger cannot be read.
    """
    rows = [(0, 0, 0)]
    for path in sorted((state / llm[:16] / asked_with[:16]).glob("*.sqlite")):
        with reading(path) as connection:
            rows += connection.execute(f"{SUMS} FROM answers")
    return TokenCounts(*(int(sum(column)) for column in zip(*rows, strict=True)))


def measured_throughput(
    state: Path, llm: str, hardware: str, scored: bool = False
) -> Throughput | None:
    """How fast an LLM was on this kind of hardware, from all its ledgers.

    hardware: from `describe_hardware`. It is that of the middle window, so that one that waited
    for something does not count. scored: of windows of one token a completion, in which choices
    were scored, and else of the others. None when nothing was measured.
    """
    kind = "tokens_out = requests" if scored else "tokens_out > requests"
    windows = _speeds(state, llm, hardware, f"seconds > 0 AND requests > 0 AND {kind}")
    if not windows:
        return None
    read, written = (sum(window[index] for window in windows) for index in (1, 2))
    return Throughput(
        hardware=hardware,
        engine=windows[-1][0],
        tokens_in=median(window[1] / window[3] for window in windows),
        tokens_out=median(window[2] / window[3] for window in windows),
        output_ratio=written / max(1, read),
        windows=len(windows),
    )


def measured_loading(state: Path, llm: str, hardware: str) -> float | None:
    """Seconds that an LLM's engine took to start on this kind of hardware: the middle of all.

    None when none was measured.
    """
    starts = _speeds(state, llm, hardware, f"engine = '{STARTING}'")
    return median(seconds for *_, seconds in starts) if starts else None


def _speeds(state: Path, llm: str, hardware: str, which: str) -> list[tuple[Any, ...]]:
    """Engine, tokens in and out, and seconds, of an LLM's speeds that a condition is true of."""
    found: list[tuple[Any, ...]] = []
    for path in sorted((state / llm[:16]).glob("*/*.sqlite")):
        with reading(path) as connection:
            found += connection.execute(
                "SELECT engine, tokens_in, tokens_out, seconds FROM speed "
                f"WHERE machine = ? AND {which}",
                (hardware,),
            )
    return found
