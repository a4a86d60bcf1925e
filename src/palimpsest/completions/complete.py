"""Complete a shard's requests through its ledger, in pieces: memory does not grow with it."""

import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.completions.engines.base import Engine, Failure, Request
from palimpsest.completions.errors import engine_faults
from palimpsest.completions.hardware import describe_hardware
from palimpsest.completions.ledger import (
    STARTING,
    Completion,
    Ledger,
    Speed,
    completion_key,
    request_seed,
)
from palimpsest.completions.structured_output import read_structured_output
from palimpsest.runtime.accounting import ROWS_ARE, Account
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.progress import Progress, announce

SCHEMA = pa.schema(
    [
        ("request_key", pa.string()),
        ("note_id", pa.string()),  # where the passage stands: note and character offsets
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("text", pa.string()),  # null for a request that failed
        ("failure", pa.string()),  # reason code, null for a completion
        ("finish_reason", pa.string()),
        ("tokens_in", pa.int32()),  # also of a request that was too long, where it was counted
        ("tokens_out", pa.int32()),
        ("seed", pa.int64()),
        ("engine", pa.string()),
        ("engine_version", pa.string()),
    ]
)
REQUEST_COLUMNS = ["request_key", "system", "user", "max_tokens", "constraint"]
SPAN_COLUMNS = ["request_key", "note_id", "start", "end"]
BLOCK = 8192  # requests that are sorted by length together; changing it changes the windows
PIECE = 1024  # completions that are read and written at once: few enough to stay in the caches
NO_COMPLETION = (None,) * len(Completion._fields)

# A pass over a shard's requests: given columns, their batches of BLOCK rows, in order.
ReadRequests = Callable[[list[str]], Iterator[pa.RecordBatch]]


@dataclass
class Results:
    """What became of a shard's requests.

    rowids: of each completion in the ledger, batch by batch; 0 for a request that failed.
    failures: by request key.
    """

    rowids: "list[array[int]]"
    failures: dict[str, Failure]


def are_scored(requests: ReadRequests) -> bool:
    """Whether a shard's requests are to score choices: all of a shard are of one kind."""
    first = next(requests(["constraint"]), None)
    if first is None:
        return False
    return bool(read_structured_output(first["constraint"][0].as_py()).choices)


def complete_missing(
    requests: ReadRequests, ledger: Ledger, llm: str, window: int, start: Callable[[], Engine]
) -> Results:
    """Bring the completions of all requests into the ledger.

    llm: the LLM's identity. window: requests that are completed and committed together. start:
    starts the engine; it is called only when something is missing.

    Windows are cut from the shard's requests, never from what happens to be missing, and are
    completed and committed whole: so an undisturbed run and one that was killed see the same
    windows. Equal requests are completed once.
    """
    results = Results([], {})
    total, missing, adopted = 0, 0, 0
    for batch in requests(["request_key"]):
        keys = _completion_keys(batch, llm)
        rowids = ledger.rowids(keys)
        if 0 in rowids:
            lacking = {key for key, rowid in zip(keys, rowids, strict=True) if not rowid}
            if found := ledger.adopt(lacking):
                adopted += found
                rowids = ledger.rowids(keys)
        results.rowids.append(array("q", rowids))
        total += len(keys)
        missing += rowids.count(0)
    announce(
        f"completions: {total - missing:,} of {total:,} requests are in the ledger"
        + (f", {adopted:,} of them from an earlier one" if adopted else "")
    )
    if not missing:
        return results
    begun = time.monotonic()
    with engine_faults("starting"):
        engine = start()
    with closing(engine):
        loading = [Speed(STARTING, describe_hardware(), 0, 0, 0, time.monotonic() - begun)]
        hardware = loading[0].hardware
        progress = Progress("completions", missing, "requests")
        tokens_out, done, begun = 0, 0, time.monotonic()
        for number, batch in enumerate(requests(REQUEST_COLUMNS)):
            if 0 not in results.rowids[number]:
                continue
            names = batch["request_key"].to_pylist()
            keys = _completion_keys(batch, llm)
            # Equal requests of earlier batches may have been completed since, or have failed.
            lacking = {
                index
                for index, rowid in enumerate(ledger.rowids(keys))
                if not rowid and names[index] not in results.failures
            }
            for indices in _windows(batch, keys, window):
                todo = [index for index in indices if index in lacking]
                if not todo:
                    continue
                before = time.monotonic()
                with engine_faults(f"completing {len(todo)} requests, after {done} were completed"):
                    given = engine.complete(_requests(batch, keys, todo), progress.advance)
                    pairs = list(zip(todo, given, strict=True))
                seconds = time.monotonic() - before
                completions, speed = {}, []
                for index, result in pairs:
                    if isinstance(result, Failure):
                        results.failures[names[index]] = result
                    else:
                        completions[keys[index]] = result
                if rows := list(completions.values()):
                    counts = (
                        sum(row.tokens_in for row in rows),
                        sum(row.tokens_out for row in rows),
                    )
                    speed = [Speed(rows[0].engine, hardware, len(rows), *counts, seconds)]
                    tokens_out += counts[1]
                ledger.commit(completions, *loading, *speed)
                loading = []
                done += len(todo)
                rate = tokens_out / max(time.monotonic() - begun, 1e-9)
                progress.count(done, f"{rate:,.0f} tokens generated a second")
            results.rowids[number] = array("q", ledger.rowids(keys))
    progress.close(f"{len(results.failures):,} failed" if results.failures else "")
    return results


def write_completions(
    requests: ReadRequests, ledger: Ledger, results: Results, write: Callable[[pa.Table], None]
) -> dict[str, Any]:
    """Write a completion for each request, in order; returns fields of the manifest.

    results: from `complete_missing`. The fields are the account, the sums of tokens in and out,
    and how many rows each version of an engine completed.
    Raises AccountingError for a request that was neither completed nor failed.
    """
    account, entered = Account(), 0
    engines: Counter[tuple[Any, Any]] = Counter()
    tokens = Counter(tokens_in=0, tokens_out=0)
    for batch, rowids in _pieces(requests(SPAN_COLUMNS), results.rowids):
        completions = ledger.read(rowids)
        rows = [completions.get(rowid, NO_COMPLETION) for rowid in rowids]
        columns = dict(zip(Completion._fields, map(list, zip(*rows, strict=True)), strict=True))
        for name in tokens:
            tokens[name] += sum(filter(None, columns[name]))
        engines.update(zip(columns["engine"], columns["engine_version"], strict=True))
        columns["failure"] = [None] * len(rows)
        failed = [index for index, row in enumerate(rows) if row is NO_COMPLETION]
        for index in failed:
            name = batch["request_key"][index].as_py()
            failure = results.failures.get(name)
            if failure is None:
                raise AccountingError(f"completions: request {name} was never completed")
            columns["failure"][index] = failure.reason
            columns["tokens_in"][index] = failure.tokens_in
            account.fail(failure.reason)
        account.keep(len(rows) - len(failed))
        entered += batch.num_rows
        columns |= {name: batch[name] for name in SPAN_COLUMNS}
        write(pa.Table.from_pydict({name: columns[name] for name in SCHEMA.names}, SCHEMA))
    engines.pop((None, None), None)
    return {
        "account": account.close(entered, "completions"),
        ROWS_ARE: ["kept", "failed"],
        "engines": {" ".join(name): count for name, count in sorted(engines.items())},
        **tokens,
    }


def _pieces(batches: Iterator[pa.RecordBatch], rowids: "list[array[int]]") -> Iterator[Any]:
    """Batches with the rowids of their completions, PIECE rows at a time."""
    for batch, found in zip(batches, rowids, strict=True):
        for start in range(0, batch.num_rows, PIECE):
            yield batch.slice(start, PIECE), found[start : start + PIECE]


def _completion_keys(batch: pa.RecordBatch, llm: str) -> list[str]:
    return [completion_key(name, llm) for name in batch["request_key"].to_pylist()]


def _windows(batch: pa.RecordBatch, keys: list[str], window: int) -> Iterator[list[int]]:
    """Rows of a block, equal requests once, longest first: those of a window end together."""
    rooms = batch["max_tokens"].to_pylist()
    sizes = pc.utf8_length(batch["user"]).to_pylist()
    firsts = {key: index for index, key in reversed(list(enumerate(keys)))}
    ordered = sorted(firsts.values(), key=lambda index: (-rooms[index], -sizes[index], index))
    for start in range(0, len(ordered), window):
        yield ordered[start : start + window]


def _requests(batch: pa.RecordBatch, keys: list[str], indices: list[int]) -> list[Request]:
    requests = []
    for index, row in zip(indices, batch.take(pa.array(indices)).to_pylist(), strict=True):
        try:
            read_structured_output(row["constraint"])
        except UserError as error:
            raise UserError(f"request {row['request_key'][:12]}…: {error}") from error
        given = (row["system"], row["user"], row["max_tokens"])
        requests.append(Request(*given, request_seed(keys[index]), row["constraint"]))
    return requests
