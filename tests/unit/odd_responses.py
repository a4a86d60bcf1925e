"""Random responses of a server: sound ones, odd ones, and ones that are no HTTP at all."""

import json
import random
import re
import sqlite3
import time
import zlib
from collections import Counter
from copy import deepcopy
from functools import cache
from typing import Any

import pyarrow as pa
from odd_server import OddServer, chat, response

from palimpsest.completions.complete import SCHEMA
from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines import http, openai_server
from palimpsest.completions.engines.base import Failure, Request
from palimpsest.completions.ledger import Completion

TEXTS = ["Pain.", "", "a\x00b", "\x1b[31mred\x1b[0m", "half \ud83d", "x" * 400_000, "\ufeff", "é\n"]
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2**31 - 1, 2**31, 2**40, -(2**70), 1e308, 20.5, 8.0, "8", "many",
    float("nan"), float("inf"), float("-inf"), [], {}, [None], [[]], {"a": {"b": []}}, *TEXTS,
    "stop", "length", "length\n", "content_filter", "MAX_TOKENS", "tool_calls", "a" * 90, "eos",
    [{"type": "text", "text": "Yes."}], {"content": "x"}, [{"token": "yes", "logprob": None}],
]  # fmt: skip
ERRORS = [
    {"error": {"message": "Provider returned error", "code": 502}},
    {"error": {"message": "overloaded", "type": "server_error", "code": "busy"}},
    {"error": "the request exceeds the available context size"},
    {"error": {"message": "prompt is too long: 9 tokens > 4 maximum"}},
    {"error": {"code": 400, "message": "no"}, "choices": []},
    {"error": {"code": "99999999999", "message": ["a"]}},
    {"error": True}, {"error": [[]]}, {"detail": [{"msg": "x", "input": "y"}]}, {"message": "no"},
    [{"error": {"code": 500}}], {"errors": []}, {"choices": {}}, {"choices": [None]},
    {"choices": ""},
]  # fmt: skip
STATUSES = [
    200, 201, 202, 204, 206, 226, 299, 300, 301, 302, 304, 307, 308, 400, 401, 402, 403,
    404, 405, 406, 407, 408, 409, 410, 411, 413, 414, 415, 418, 421, 422, 424, 425, 426, 428, 429,
    431, 444, 451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 524, 529, 530, 598, 600, 999,
]  # fmt: skip
BUSY = (429, 503, 529)  # these stop a job while they last, so they last one try
SOUND_LOGPROBS = {
    "content": [
        {
            "token": "yes",
            "logprob": -0.1,
            "top_logprobs": [
                {"token": "yes", "logprob": -0.1},
                {"token": "no", "logprob": -3.0},
            ],
        }
    ]
}


def sound(**changes: Any) -> dict:
    """An answer to any question: with a text, and with log-likelihoods of yes and no."""
    value = chat("yes")
    value["choices"][0]["logprobs"] = SOUND_LOGPROBS
    return value | changes


def mutated(value: Any, draw: random.Random) -> Any:
    """A JSON value in which something is another thing, or is missing, or stands twice."""
    places: list[tuple[Any, Any]] = []

    def visit(inner: Any) -> None:
        keys = inner if isinstance(inner, dict) else range(len(inner))
        for key in list(keys):
            places.append((inner, key))
            if isinstance(inner[key], dict | list):
                visit(inner[key])

    value = json.loads(json.dumps(value))
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        places.clear()
        visit(value)
        if not places:
            break
        inner, key = draw.choice(places)
        match draw.randrange(4):
            case 0:
                del inner[key]
            case 1 if isinstance(inner, list):
                inner.append(inner[key])
            case 2 if isinstance(inner, dict):
                inner[draw.choice(("error", "text", "refusal", "extra"))] = deepcopy(
                    draw.choice(ODD)
                )
            case _:
                inner[key] = deepcopy(draw.choice(ODD))
    return value


def encoded(value: Any, draw: random.Random) -> bytes:
    """JSON in bytes, by one of the encodings in use."""
    text = json.dumps(value, ensure_ascii=draw.random() < 0.7)
    encoding = draw.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"))
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


def body(draw: random.Random) -> bytes:
    """The body of a response."""
    match draw.randrange(12):
        case 0 | 1 | 2 | 3 | 4:
            return encoded(mutated(sound(), draw), draw)
        case 5:
            return encoded(mutated(draw.choice(ERRORS), draw), draw)
        case 6:
            return encoded(draw.choice(ERRORS), draw)
        case 7:
            whole = encoded(sound(), draw)
            return whole[: draw.randrange(len(whole))]
        case 8:
            whole = bytearray(encoded(sound(), draw))
            for _ in range(draw.choice((1, 3, 30))):
                whole[draw.randrange(len(whole))] = draw.randrange(256)
            return bytes(whole)
        case 9:
            return draw.choice(
                (b"", b"  \n", b"<html>Sign in</html>", b"null", b"[]", b"{}", b"0", b"[" * 100_000)
            )
        case 10:
            return draw.randbytes(draw.choice((1, 10, 3000)))
        case _:
            size = draw.choice((10, 2_000_000))
            return encoded(sound(system_fingerprint="f" * size), draw)


@cache
def packed(size: int) -> bytes:
    """So many blanks as gzip."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(b" " * size) + packer.flush()


def odd_response(draw: random.Random, number: int) -> Any:
    """A response in bytes or pieces; None for none. number: which try of its request it is."""
    status = 200 if draw.random() < 0.7 else draw.choice(STATUSES)
    if status in BUSY and number > 1:
        status = 200
    data, headers = body(draw), {}
    match draw.randrange(16):
        case 0:
            headers = {"Content_Encoding": "gzip"}
            data = packed(draw.choice((10, 50_000_000)))
        case 1:
            headers = {"Retry_After": draw.choice(("0", "nan", "-1", "inf", "Fri, 99 Foo", "1.5s"))}
        case 2:
            headers = {"Location": draw.choice(("/new", "http://u:p@h/?k=s", "//[", "\xe9"))}
        case 3:
            headers = {"Set_Cookie": "a=b; Domain=127.0.0.1", "X": "y" * draw.choice((9, 200_000))}
        case 4:
            headers = {"Content_Length": draw.choice(("0", "1", "9999", "-1", "x", "9" * 30))}
        case 5:
            headers = {"Content_Length": None, "Transfer_Encoding": "chunked"}
        case 6:
            headers = {"Content_Type": draw.choice(("text/html", "", "a/b; charset=utf-7"))}
        case 7:
            headers = {"Content_Length": None}
    whole = response(data, status, **headers)
    match draw.randrange(20):
        case 0:
            return whole[: draw.randrange(len(whole))]
        case 1:
            return draw.randbytes(draw.choice((0, 1, 100, 5000)))
        case 2 if draw.random() < 0.1:
            return None
        case 3 if draw.random() < 0.1:
            return [piece for byte in whole[:60] for piece in (bytes([byte]), 0.05)]
        case 4:
            return b"HTTP/1.1 100 Continue\r\n\r\n" * draw.choice((1, 1000)) + whole
    return whole


YES_NO = '{"choices":["no","yes"]}'
SOUND = "sound"
REASON = re.compile(r"[a-z][a-z0-9_]{0,60}")
MOST_SECONDS = 1.5  # for one response; a busy machine needs more, lest it be an odd server


class TimedEngine(openai_server.OpenAIServerEngine):
    """Notes how long the slowest request took, all its tries together."""

    slowest = 0.0

    async def _ask(self, request: Request, body: dict) -> Any:
        begun = time.monotonic()
        try:
            return await super()._ask(request, body)
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)


def outcomes(
    count: int, seed: int, window: int = 40, seconds: float = MOST_SECONDS
) -> tuple[Counter, float]:
    """Ask for so many random responses; how often each reason was had, and the slowest request.

    seconds: for one response. Half of the requests get the same response at every try. Raises what
    the engine does, and AssertionError for a result that no table can hold.
    """

    def rule(asked: dict, which: str, number: int) -> Any:
        if which in (SOUND, openai_server.HARMLESS):
            return response(sound())
        draw = random.Random(f"{seed} {which}")
        if draw.random() < 0.5:
            draw = random.Random(f"{seed} {which} {number}")
        return odd_response(draw, number)

    http.LONGEST_RETRY_AFTER_SECONDS = openai_server.FIRST_PAUSE_SECONDS = 0.0
    openai_server.TIMEOUT_TRIES = 1
    server, counted = OddServer(rule), Counter()
    known = {"backend": "server", "url": server.url, "served_model": "m", "concurrency": 8}
    engine = TimedEngine(LlmBehaviour(), LlmEngine(**known, timeout_seconds=seconds))
    try:
        engine.complete([Request("", SOUND, 9, 1)], lambda more: None)
        for start in range(0, count, window):
            numbers = range(start, min(start + window, count))
            asked = [
                Request("", f"odd {number}", 9, number, YES_NO if number % 4 == 0 else None)
                for number in numbers
            ]
            results = engine.complete(asked, lambda more: None)
            assert len(results) == len(asked)
            counted.update(check(results))
    finally:
        engine.close()
        server.close()
    return counted, engine.slowest


def check(results: list[Completion | Failure]) -> list[str]:
    """The reasons of failures, and the finish reasons of completions, which a table holds."""
    rows = [each for each in results if isinstance(each, Completion)]
    columns = dict(zip(Completion._fields, map(list, zip(*rows, strict=True)), strict=False))
    names = [name for name in SCHEMA.names if name in columns]
    schema = pa.schema([SCHEMA.field(name) for name in names])
    table = pa.Table.from_pydict({name: columns[name] for name in names}, schema)
    with sqlite3.connect(":memory:") as ledger:
        ledger.execute(f"CREATE TABLE answers ({', '.join(Completion._fields)})")
        ledger.executemany(f"INSERT INTO answers VALUES (?{', ?' * 6})", rows)
        assert ledger.execute("SELECT * FROM answers").fetchall() == rows
    assert table.num_rows == len(rows)
    for row in rows:
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", row.text)
        assert row.finish_reason in ("stop", "length")
        assert min(row.tokens_in, row.tokens_out) >= 0 and len(row.engine_version) <= 200
    for failure in (each for each in results if isinstance(each, Failure)):
        assert REASON.fullmatch(failure.reason), failure
        assert failure.tokens_in is None or 0 < failure.tokens_in < 2**31
    return [getattr(each, "reason", None) or each.finish_reason for each in results]
