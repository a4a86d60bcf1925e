"""Answer a shard's requests through its ledger."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from palimpsest.completions.engines.base import Engine, Question
from palimpsest.completions.ledger import Answer, Ledger, answer_key, request_seed
from palimpsest.core.accounting import Account
from palimpsest.core.progress import Progress

SCHEMA = pa.schema(
    [
        ("request_key", pa.string()),
        ("text", pa.string()),  # null for a request that failed
        ("failure", pa.string()),  # reason code, null for an answer
        ("finish_reason", pa.string()),
        ("tokens_in", pa.int32()),
        ("tokens_out", pa.int32()),
        ("seed", pa.int64()),
        ("engine", pa.string()),
        ("engine_version", pa.string()),
    ]
)


def complete(
    requests: list[dict[str, Any]],
    ledger: Ledger,
    llm: str,
    window: int,
    start: Callable[[], Engine],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Completion rows for request rows, in the same order, and the account.

    llm: the LLM's identity. window: requests that are answered and committed together. start:
    starts the engine; it is called only when something must be asked.

    Windows are cut from the shard's requests, never from what happens to be missing, and are asked
    and committed whole: so an undisturbed run and one that was killed see the same windows.
    """
    keys = {row["request_key"]: answer_key(row["request_key"], llm) for row in requests}
    asked = {row["request_key"]: row for row in requests}  # equal requests are asked once
    ordered = list(asked)
    known = ledger.get(keys.values())
    missing = [key for key in keys.values() if key not in known]
    adopted = ledger.adopt(missing) if missing else 0
    held = len(ordered) - len(missing) + adopted
    refused: dict[str, str] = {}
    engine: Engine | None = None
    progress = Progress("completions", len(ordered), "requests")
    for at in range(0, len(ordered), window):
        some = ordered[at : at + window]
        known = ledger.get(keys[request] for request in some)
        todo = [request for request in some if keys[request] not in known]
        if todo:
            engine = engine or start()
            questions = [
                Question(
                    asked[request]["system"],
                    asked[request]["user"],
                    asked[request]["max_tokens"],
                    request_seed(keys[request]),
                )
                for request in todo
            ]
            given: dict[str, Answer] = {}
            answers = engine.answer(questions, progress.advance)
            for request, answer in zip(todo, answers, strict=True):
                if isinstance(answer, Answer):
                    given[keys[request]] = answer
                else:
                    refused[request] = answer.reason
            ledger.commit(given)
        progress.count(len(ordered[: at + window]))
    progress.close(f"{held} of them were in the ledger, {adopted} of these in an earlier one")
    return _rows(requests, keys, ledger, refused)


def _rows(
    requests: list[dict[str, Any]], keys: dict[str, str], ledger: Ledger, refused: dict[str, str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    answers = ledger.get(keys.values())
    account = Account()
    rows = []
    for request in (row["request_key"] for row in requests):
        row: dict[str, Any] = dict.fromkeys(SCHEMA.names)
        row["request_key"] = request
        if request in refused:
            row["failure"] = refused[request]
            account.fail(refused[request])
        else:
            answer = answers[keys[request]]
            row |= {name: getattr(answer, name) for name in SCHEMA.names if hasattr(answer, name)}
            account.keep()
        rows.append(row)
    return rows, account.close(len(requests), "completions")
