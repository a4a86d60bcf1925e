"""Reading a server's reply: its answer, or what is wrong with it and what can be done."""

import codecs
import json
import re
from enum import Enum
from typing import Any, NamedTuple

from palimpsest.completions.engines.base import Request
from palimpsest.completions.engines.http import Json, Reply
from palimpsest.completions.engines.wordings import (
    ABOUT_CONTENT,
    TOO_LARGE_FOR_THE_RATE,
    ServerError,
    is_too_long,
    repeats,
    server_error,
)
from palimpsest.completions.structured_output import LOWEST

MOST = 1e9  # of a log-likelihood, which has no meaning above 0; NaN is not less
BYTES_A_TOKEN = 2048  # of a body: its text, escaped, and the log-likelihoods of tokens
BYTES_OF_A_BODY = 1 << 20  # besides: names, thoughts, a passage that is sent back


class Remedy(Enum):
    """What can be done about a reply that is no completion."""

    NONE = "the request is at fault: it fails alone"
    AGAIN = "it is asked again; then it fails alone, if the server answers others"
    WAIT = "it is asked again; then the job stops, as the server has too much to do"
    STOP = "address, key or the like are wrong: the job stops at once"


class Trouble(NamedTuple):
    """A reply that is no completion.

    reason: the code with which the request fails, if it does. about: what came, for a message.
    advice: what a user can do, where all requests end so. wait: seconds that the server wants. odd:
    whether it came with status 200, which a server that stumbles seldom gives.
    """

    remedy: Remedy
    reason: str
    about: str
    advice: str = "check that it runs, and its log; then run again"
    wait: float = 0.0
    error: ServerError = ServerError()
    odd: bool = False


WRONG_ADDRESS = "check `url`, which ends in `/v1`, and `served_model`"
WRONG_KEY = "check its key, in the variable that `api_key_variable` names"
OTHER_FORM = "expected an OpenAI-style completion: check `url`, and that nothing stands before it"
# What stops a job at once, by status.
STOPPING = {
    401: WRONG_KEY,
    402: "the account behind the key has to be paid for",
    403: WRONG_KEY,
    404: WRONG_ADDRESS,
    405: WRONG_ADDRESS,
    406: OTHER_FORM,
    407: "a proxy stands before it and asks for a password: name the server behind it in `url`",
    410: WRONG_ADDRESS,
    411: OTHER_FORM,
    415: OTHER_FORM,
    421: WRONG_ADDRESS,
    426: "it wants another protocol: check whether `url` should begin with https",
    501: WRONG_ADDRESS,
    505: OTHER_FORM,
    511: "the network asks to sign in first",
}
STUMBLES = frozenset({408, 409, 425})  # and all from 500 on
BUSY = frozenset({429, 503, 529})
OVERLOAD = "it has too much to do: lower `concurrency`, or run again later"
# What is wrong with a connection, or with a body that has no error of the server's.
PROBLEMS = {
    "certificate": (
        "its certificate is not trusted",
        "name the certificates of its CA under `ca_file` in the LLM file, or check `url`",
    ),
    "tls": (
        "it speaks no TLS that can be read",
        "check whether `url` should begin with http instead of https",
    ),
    "proxy": (
        "the proxy opens no connection to it",
        "check `proxy` and `url` in the LLM file, and what the proxy lets pass",
    ),
    "no_such_host": ("there is no machine of that name", WRONG_ADDRESS),
    "timeout": (
        "no answer in time",
        "check that it runs, and its log; raise `timeout_seconds` where it is slow",
    ),
    "encoded_body": ("its answers are compressed, though asked for as they are", OTHER_FORM),
    "answer_too_large": ("its answers are far larger than what was asked for", OTHER_FORM),
    "empty_body": ("its answers are empty", OTHER_FORM),
    "not_json": ("its answers are no JSON, or are cut", OTHER_FORM),
    "no_choices": ("its answers have no choices", OTHER_FORM),
    "malformed_answer": ("its answers have no text where it is expected", OTHER_FORM),
    "no_finish_reason": (
        "its answers say neither why they end nor how many tokens they have, so that whole ones "
        "cannot be told from cut ones",
        "use a server that gives `finish_reason` or `usage`",
    ),
}
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
TIMEOUT = "server_failed_timeout"
AT_ONCE = ("certificate", "tls", "proxy", "no_such_host")


def problem(name: str, detail: str = "", wait: float = 0.0) -> Trouble:
    """The trouble of a connection or body that has one of PROBLEMS."""
    if name == "connection":
        return Trouble(Remedy.AGAIN, "server_failed_connection", detail, wait=wait)
    about, advice = PROBLEMS[name]
    reason = TIMEOUT if name == "timeout" else name
    remedy = Remedy.STOP if name in AT_ONCE else Remedy.AGAIN
    about = f"{about} ({detail})" if detail else about
    return Trouble(remedy, reason, about, advice, wait, odd=name != "timeout")


def most_bytes(request: Request) -> int:
    """How large a reply may be."""
    return BYTES_OF_A_BODY + BYTES_A_TOKEN * request.max_tokens


def read_reply(reply: Reply, request: Request) -> Json | Trouble:
    """The payload of a reply, which has a choice; or what is wrong with it."""
    if not reply.status:
        return problem(reply.problem, reply.detail)
    if 300 <= reply.status < 400:
        where = f", which points to {reply.location}" if reply.location else ""
        about = f"status {reply.status}{where}"
        advice = "no redirect is followed: name the server itself in `url`"
        return Trouble(Remedy.STOP, f"server_refused_{reply.status}", about, advice)
    value = None if reply.problem else json_of(reply.body)
    error = server_error(value)
    if not 200 <= reply.status < 300:
        if error is None:
            error = ServerError(words=_plain(reply.body))
        return _refusal(reply.status, error, request, reply.wait)
    if reply.problem:
        return problem(reply.problem, wait=reply.wait)
    if not reply.body.strip():
        return problem("empty_body", wait=reply.wait)
    if value is None:
        return problem("not_json", wait=reply.wait)
    choice = inside(value, "choices", 0)
    half = choice if inside(choice, "error") else value if inside(value, "error") else None
    if isinstance(choice, dict) and half is None:
        return value
    error = server_error(half) or error
    if error is None:
        return problem("no_choices", wait=reply.wait)
    code = str(error.code).lower()
    if code.isascii() and code.isdigit() and 400 <= int(code[:4]) < 600:
        return _refusal(int(code), error, request, reply.wait)._replace(odd=True)
    if _too_long(error, request):
        return Trouble(Remedy.NONE, "too_long", "")
    named = isinstance(error.code, str) and CODE.fullmatch(code) and not _said(code, request)
    reason = f"server_failed_{code if named else 'error'}"
    about = f"status {reply.status} with an error"
    return Trouble(Remedy.AGAIN, reason, about, wait=reply.wait, error=error, odd=True)


def _refusal(status: int, error: ServerError, request: Request, wait: float) -> Trouble:
    """What a status of 400 or more means, whether a line or a body has it."""
    if status in (400, 413, 422, 500) and _too_long(error, request):
        return Trouble(Remedy.NONE, "too_long", "")
    if status in (413, 429) and TOO_LARGE_FOR_THE_RATE.search(error.words):
        return Trouble(Remedy.NONE, "too_long", "")
    about = f"status {status}"
    if status in STOPPING and not (status == 403 and ABOUT_CONTENT.search(error.words)):
        return Trouble(
            Remedy.STOP, f"server_refused_{status}", about, STOPPING[status], error=error
        )
    if status in BUSY:
        return Trouble(Remedy.WAIT, f"server_failed_{status}", about, OVERLOAD, wait, error)
    if status in STUMBLES or not 400 <= status < 500:
        reason = f"server_failed_{status}"
        return Trouble(Remedy.AGAIN, reason, about, wait=wait, error=error)
    advice = "check what it takes, and `served_model`"
    return Trouble(Remedy.NONE, f"server_refused_{status}", about, advice, error=error)


def _said(word: str, request: Request) -> bool:
    """Whether a request has words of a code, which then goes into no account."""
    return repeats(word, f"{request.system} {request.user}")


def _too_long(error: ServerError, request: Request) -> bool:
    words = error.words
    for text in (request.user, request.system):
        if text:
            words = words.replace(text.lower(), " ")
    return is_too_long(words)


def json_of(body: bytes) -> Any:
    """What a body says; None where it is no JSON."""
    try:
        return json.loads(body)
    except UnicodeDecodeError:
        try:
            return json.loads(body.decode("cp1252"))  # what calls itself Latin-1, as a rule
        except (ValueError, RecursionError):
            return None
    except (ValueError, RecursionError):
        return None


def _plain(body: bytes) -> str:
    text = body.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
    return text[:4000].lower()


def inside(value: Any, *path: str | int) -> Any:
    """What lies in a JSON value at a path; None where there is nothing."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def text_of(message: Any) -> Any:
    """The text of a message; None where there is none. An empty answer is one."""
    if not isinstance(message, dict):
        return None
    content = message.get("content")
    if isinstance(content, list):  # parts, of which some may be thoughts
        texts = [inside(part, "text") for part in content if inside(part, "type") == "text"]
        whole = texts and all(isinstance(text, str) for text in texts)
        return "".join(texts) if whole else None
    if content is None:
        refusal = message.get("refusal")
        return refusal if isinstance(refusal, str) else ""
    return content


def listed_tokens(logprobs: Any) -> list[tuple[str, float]]:
    """The likeliest first tokens as text, with their log-likelihoods, from a part of a choice.

    Of a chat, or as the protocol was before chats. What has no number is left out; minus infinity
    is LOWEST.
    """
    listed = inside(logprobs, "content", 0, "top_logprobs")
    pairs = [(inside(entry, "token"), inside(entry, "logprob")) for entry in _list(listed)]
    older = inside(logprobs, "top_logprobs", 0)
    pairs += list(older.items()) if isinstance(older, dict) else []
    return [
        (token, float(max(score, LOWEST)))
        for token, score in pairs
        if isinstance(token, str) and type(score) in (int, float) and score < MOST
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
