"""Answer a shard's requests through its ledger, in pieces: memory does not grow with the shard."""

import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.completions.engines.base import Engine, Question, Refusal
from palimpsest.completions.errors import engine_faults
from palimpsest.completions.hardware import describe_machine
from palimpsest.completions.ledger import Answer, Ledger, Speed, answer_key, request_seed
from palimpsest.completions.structured_output import read_constraint
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.progress import Progress, announce

SCHEMA = pa.schema(
    [
        ("request_key", pa.string()),
        ("note_id", pa.string()),  # where the passage stands: note and character offsets
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("text", pa.string()),  # null for a request that failed
        ("failure", pa.string()),  # reason code, null for an answer
        ("finish_reason", pa.string()),
        ("tokens_in", pa.int32()),  # also of a request that was too long, where it was counted
        ("tokens_out", pa.int32()),
        ("seed", pa.int64()),
        ("engine", pa.string()),
        ("engine_version", pa.string()),
    ]
)
QUESTION = ["request_key", "system", "user", "max_tokens", "constraint"]
SPAN = ["request_key", "note_id", "start", "end"]
BLOCK = 8192  # requests that are sorted by length together; changing it changes the windows
PIECE = 1024  # answers that are read and written at once: few enough to stay in the caches
NO_ANSWER = (None,) * len(Answer._fields)

# A pass over a shard's requests: given columns, their batches of BLOCK rows, in order.
Requests = Callable[[list[str]], Iterator[pa.RecordBatch]]


@dataclass
class Asked:
    """What became of a shard's requests.

    places: where each answer stands in the ledger, batch by batch; 0 for a refused request.
    refused: what the engine refused, by request key.
    """

    places: list[array]
    refused: dict[str, Refusal]


def are_scored(requests: Requests) -> bool:
    """Whether it is choices that a shard's requests are about: all of a shard are of one kind."""
    first = next(requests(["constraint"]), None)
    return first is not None and bool(read_constraint(first["constraint"][0].as_py()).choices)


def ask_missing(
    requests: Requests, ledger: Ledger, llm: str, window: int, start: Callable[[], Engine]
) -> Asked:
    """Bring answers to all requests into the ledger.

    llm: the LLM's identity. window: requests that are answered and committed together. start:
    starts the engine; it is called only when something must be asked.

    Windows are cut from the shard's requests, never from what happens to be missing, and are
    asked and committed whole: so an undisturbed run and one that was killed see the same windows.
    Equal requests are asked once.
    """
    asked = Asked([], {})
    total, missing, adopted = 0, 0, 0
    for batch in requests(["request_key"]):
        keys = _answer_keys(batch, llm)
        places = ledger.places(keys)
        if 0 in places:
            found = ledger.adopt(
                {key for key, place in zip(keys, places, strict=True) if not place}
            )
            adopted += len(found)
            places = ledger.places(keys) if found else places
        asked.places.append(array("q", places))
        total += len(keys)
        missing += places.count(0)
    announce(
        f"completions: {total - missing:,} of {total:,} requests are in the ledger"
        + (f", {adopted:,} of them from an earlier one" if adopted else "")
    )
    if missing:
        _ask(requests, ledger, llm, window, start, asked, missing)
    return asked


def _ask(
    requests: Requests,
    ledger: Ledger,
    llm: str,
    window: int,
    start: Callable[[], Engine],
    asked: Asked,
    missing: int,
) -> None:
    """Ask what has no place in the ledger yet."""
    with engine_faults("starting"):
        engine = start()
    machine = describe_machine()
    progress = Progress("completions", missing, "requests")
    tokens_out, done, begun = 0, 0, time.monotonic()
    for number, batch in enumerate(requests(QUESTION)):
        lacking = [place == 0 for place in asked.places[number]]
        if not any(lacking):
            continue
        names = batch["request_key"].to_pylist()
        keys = _answer_keys(batch, llm)
        # Equal requests of earlier batches may have been answered since.
        lacking = [place == 0 for place in ledger.places(keys)]
        for some in _windows(batch, keys, window):
            todo = [at for at in some if lacking[at] and names[at] not in asked.refused]
            if not todo:
                continue
            before = time.monotonic()
            with engine_faults(f"answering {len(todo)} requests, after {done} were answered"):
                answers = engine.answer(_questions(batch, keys, todo), progress.advance)
                pairs = list(zip(todo, answers, strict=True))
            seconds = time.monotonic() - before
            asked.refused |= {names[at]: one for at, one in pairs if isinstance(one, Refusal)}
            given = {keys[at]: one for at, one in pairs if isinstance(one, Answer)}
            ledger.commit(given, *_speed(given, machine, seconds))
            tokens_out += sum(answer.tokens_out for answer in given.values())
            done += len(todo)
            rate = tokens_out / max(time.monotonic() - begun, 1e-9)
            progress.count(done, f"{rate:,.0f} tokens generated a second")
        asked.places[number] = array("q", ledger.places(keys))
    progress.close(f"{len(asked.refused):,} were refused" if asked.refused else "")


def write_completions(
    requests: Requests, ledger: Ledger, asked: Asked, write: Callable[[pa.Table], None]
) -> dict[str, Any]:
    """Write a completion for each request, in order; returns fields of the manifest.

    asked: from `ask_missing`. The fields are the account, the sums of tokens in and out, and how
    many rows each version of an engine answered.
    Raises AccountingError for a request that was neither answered nor refused.
    """
    account, entered = Account(), 0
    engines: Counter[tuple[str, str]] = Counter()
    tokens = Counter(tokens_in=0, tokens_out=0)
    for batch, places in _pieces(requests(SPAN), asked.places):
        answers = ledger.read(places)
        rows = [answers.get(place, NO_ANSWER) for place in places]
        columns = dict(zip(Answer._fields, map(list, zip(*rows, strict=True)), strict=True))
        for name in tokens:
            tokens[name] += sum(filter(None, columns[name]))
        engines.update(zip(columns["engine"], columns["engine_version"], strict=True))
        columns["failure"] = [None] * len(rows)
        failed = [at for at, row in enumerate(rows) if row is NO_ANSWER]
        for at in failed:
            name = batch["request_key"][at].as_py()
            if name not in asked.refused:
                raise AccountingError(f"completions: request {name} was never answered")
            columns["failure"][at] = asked.refused[name].reason
            columns["tokens_in"][at] = asked.refused[name].tokens_in
            account.fail(asked.refused[name].reason)
        account.keep(len(rows) - len(failed))
        entered += batch.num_rows
        columns |= {name: batch[name] for name in SPAN}
        write(pa.Table.from_pydict({name: columns[name] for name in SCHEMA.names}, SCHEMA))
    engines.pop((None, None), None)
    return {
        "account": account.close(entered, "completions"),
        "engines": {" ".join(name): count for name, count in sorted(engines.items())},
        **tokens,
    }


def _pieces(
    batches: Iterator[pa.RecordBatch], places: list[array]
) -> Iterator[tuple[pa.RecordBatch, array]]:
    """Batches and the places of their answers, PIECE rows at a time."""
    for batch, stand in zip(batches, places, strict=True):
        for start in range(0, batch.num_rows, PIECE):
            yield batch.slice(start, PIECE), stand[start : start + PIECE]


def _answer_keys(batch: pa.RecordBatch, llm: str) -> list[str]:
    return [answer_key(name, llm) for name in batch["request_key"].to_pylist()]


def _windows(batch: pa.RecordBatch, keys: list[str], window: int) -> Iterator[list[int]]:
    """Rows of a block, equal requests once, longest first: answers of a window end together."""
    rooms = batch["max_tokens"].to_pylist()
    sizes = pc.utf8_length(batch["user"]).to_pylist()
    firsts = {key: at for at, key in reversed(list(enumerate(keys)))}
    ordered = sorted(firsts.values(), key=lambda at: (-rooms[at], -sizes[at], at))
    for start in range(0, len(ordered), window):
        yield ordered[start : start + window]


def _questions(batch: pa.RecordBatch, keys: list[str], rows: list[int]) -> list[Question]:
    questions = []
    for at, row in zip(rows, batch.take(pa.array(rows)).to_pylist(), strict=True):
        try:
            read_constraint(row["constraint"])
        except UserError as error:
            raise UserError(f"request {row['request_key'][:12]}…: {error}") from error
        given = [row[name] for name in ("system", "user", "max_tokens")]
        questions.append(Question(*given, request_seed(keys[at]), row["constraint"]))
    return questions


def _speed(answers: dict[str, Answer], machine: str, seconds: float) -> list[Speed]:
    """What a window took, if the engine answered any of it."""
    if not answers:
        return []
    given = list(answers.values())
    sums = [sum(getattr(one, name) for one in given) for name in ("tokens_in", "tokens_out")]
    return [Speed(given[0].engine, machine, len(given), *sums, seconds)]
