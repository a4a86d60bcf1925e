"""Asking an odd server about notes: four of them, of which it may be odd about that of number 2."""

from typing import Any

from odd_server import chat, response

from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines import start_engine
from palimpsest.completions.engines.base import Request

WORDS = "It hurts. " * 30
YES_NO = '{"choices":["no","yes"]}'
PLAIN: dict[str, Any] = {"system": "", "max_tokens": 100, "seed": 7}


def engine_of(server, **tuning):
    known = {"backend": "server", "url": server.url, "served_model": "m"}
    known |= {"concurrency": 2, "timeout_seconds": 5}
    return start_engine(LlmBehaviour(), LlmEngine(**(known | tuning)), None)


def note(number, **changes):
    user = f"Say it.\n\nThe patient number {number} has pain. {WORDS}"
    return Request(**(PLAIN | {"user": user} | changes))


def ask(server, count=4, structured_output=None, **tuning):
    requests = [note(number, structured_output=structured_output) for number in range(count)]
    return engine_of(server, **tuning).complete(requests, lambda more: None)


def always(body, status=200, **headers):
    return lambda asked, which, number: response(body, status, **headers)


def one_of(said, times=99):
    """Says something to the note of number 2, so many times, and answers all else."""

    def rule(asked, which, number):
        odd = "number 2 " in which and number <= times
        return response(chat()) if not odd else said if isinstance(said, bytes) else response(said)

    return rule


def used(tokens_out, tokens_in=20):
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
