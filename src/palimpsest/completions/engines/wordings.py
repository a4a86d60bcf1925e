"""What a server says of a request that it refuses: the parts of its error, and what they mean.

Servers say the same thing in many ways and have no codes in common, so a request that is too long
is known by its wording: what is said of prompts, tokens and contexts together. The request's own
words are taken out before, and what a server repeats of the request's fields is not looked at.
"""

import re
from typing import Any, NamedTuple

MOST_CHARACTERS = 4000  # of what is looked at
# Where a server repeats what it was sent, as FastAPI does.
REPEATED = frozenset({"input", "inputs", "prompt", "messages", "body", "request", "ctx", "url"})
NAME = re.compile(r"[\w.:\[\]/-]{1,60}", re.ASCII)
WORD = re.compile(r"[^\W_]{2,}")
# Words of a message that give nothing away where the request has them, too.
HARMLESS = frozenset(
    """
    about above after all allowed also an and any are as at available bad be been before below but
    by call can cannot check could did do does enabled error expected failed field for format found
    from get given greater had has have if in input instead into invalid is it its key least less
    limit list make many maximum message missing model more most must no not number of on one only
    or other out output parameter please provided request requested required response see server
    should string support supported system than that the their them then there these this to token
    tokens too try two type unable unknown unsupported use used user using valid value was we were
    when where which while will with without you your
    """.split()
)
# Of lower-case text. No part is repeated without a bound.
TOO_LONG = re.compile(
    "|".join(
        (
            r"context[ _-]?(?:length|window|size|limit)",
            r"exceed_context|\bn_ctx\b|max_seq_len|max_model_len|max_total_tokens|maxlength",
            r"string_above_max_length|tokens to keep from the initial prompt",
            r"max(?:imum)? (?:model|input|prompt|sequence|allowed|total) (?:sequence )?length",
            r"\b(?:prompt|inputs?|text|messages?|sequence|conversation|request(?: entity| body)?)\b"
            r".{0,60}"
            r"\b(?:too (?:long|large|big|many tokens)|longer than|exceeds? (?:the )?max)",
            r"\b(?:prompt|input|sequence) (?:length|tokens?|size|token count)\b.{0,60}"
            r"(?:greater|more|larger|longer|exceed|over|above|>)",
            r"\b(?:length|size) of (?:the |your )?(?:prompt|inputs?|messages?|request)\b.{0,60}"
            r"\b(?:exceed|too |great|more|larg|long|over)",
            r"\boversized? (?:prompt|input|request)|\bover the (?:limit|maximum) of \d+ tokens",
            r"\bmore than \d+ (?:input |prompt )?tokens|\binput characters limit",
            r"\bkv[ -]?cache\b.{0,60}\b(?:too small|exceed\w{0,3}|not enough|insufficient)\b",
            r"too many (?:input |prompt |total )?tokens",
            r"reduce (?:the |your )?(?:length|prompt|input|number of tokens|messages)",
            r"(?:shorter|shorten (?:the|your)) (?:input|prompt)",
            r"exceed\w{0,3}\b.{0,60}\b(?:tokens|token limit)\b",
            r"\btokens?\b.{0,60}\bexceed",
            r"tokens?\b.{0,80}\bmust (?:be|have) (?:<=|less|at most|smaller|no more|fewer)",
            r"\binputs?\b.{0,40}\bmust have (?:less|fewer|at most)",
            r"\btokens?\b.{0,60}(?:larger|longer|greater|more) than",
            r"(?:input|prompt) length (?:limit|should be)",
            r"tokens \(-\d|tokens must be at least 1, got -",
        )
    )
)
# What may speak of tokens, of a length or of a limit and means another one: waiting may help.
OF_ANOTHER_LIMIT = re.compile(
    r"\bper[ -]?(?:second|minute|min|hour|day|month)\b|\brate[ -]?limit|\bquota\b|\btp[mdh]\b|"
    r"\btime[ -]?(?:d[ -]?)?out|\b\d+ ?(?:s|sec|seconds|ms|minutes)\b"
)
# Of a request that is too large for what a key may use in a minute: waiting is of no use.
TOO_LARGE_FOR_THE_RATE = re.compile(r"request too large|must be reduced in order to run")
ABOUT_CONTENT = re.compile(r"moderation|flagged|content[ _]?(?:filter|policy)|guardrail|safety")


# Where a message may hold text of a request in another spelling: escapes, codes, letters or numbers
# in a row, and letters beyond ASCII, which it may have without their accents.
SPELT = re.compile(
    r"[^ -~]|\\|%[0-9A-Fa-f]{2}|&#|(?:\b[^\W_]\b\W{1,3}){3}|(?:\b\d+\b[\s,;]+){3}|"
    r"[A-Za-z+/]*\d[A-Za-z\d+/]*[A-Z][A-Za-z\d+/=]{4,}|\w{25,}"
)
PART = 4  # characters by which a word or a key is known that a server repeats in part


def is_too_long(words: str) -> bool:
    """Whether an error says that a prompt is too long. words: of it, in lower case."""
    if OF_ANOTHER_LIMIT.search(words):
        return False
    return any(TOO_LONG.search(text) for text in (words, words.replace("_", " ")))


class ServerError(NamedTuple):
    """What an error says. code: text or a number. words: all of it that is looked at."""

    code: Any = None
    type: Any = None
    param: Any = None
    message: str = ""
    words: str = ""


def server_error(value: Any) -> ServerError | None:
    """The error in a JSON body of any of the common forms; None where there is none."""
    if isinstance(value, list):
        value = value[0] if value else None  # Gemini's
    if not isinstance(value, dict):
        return None
    found = next((value[key] for key in ("error", "detail", "errors") if value.get(key)), None)
    if found is None:
        if not isinstance(value.get("message"), str):
            return None
        found = value
    if isinstance(found, list):
        found = found[0] if found else None
    words = " ".join(_texts(value, 0))[:MOST_CHARACTERS].lower()
    if not isinstance(found, dict):
        message = found if isinstance(found, str) else ""
        return ServerError(value.get("code"), value.get("error_type"), None, message, words)
    message = next((found[key] for key in ("message", "msg", "detail") if found.get(key)), "")
    param = found.get("param")
    named = (found.get("code", found.get("status")), found.get("type"), param)
    return ServerError(*named, message if isinstance(message, str) else "", words)


def _texts(value: Any, depth: int) -> list[str]:
    """The texts in a JSON value, without those that repeat what was sent."""
    if isinstance(value, str):
        return [value[:MOST_CHARACTERS]]
    if depth < 6 and isinstance(value, dict):
        inner = [entry for key, entry in value.items() if str(key).lower() not in REPEATED]
        return [text for entry in inner[:20] for text in _texts(entry, depth + 1)]
    if depth < 6 and isinstance(value, list):
        return [text for entry in value[:20] for text in _texts(entry, depth + 1)]
    return []


def told(error: ServerError, sent: str, secret: str) -> str:
    """What a message may repeat of an error: its names, and its text where that is not the request.

    sent: the text that the server was given. secret: the key.
    """

    def harmless(text: str) -> bool:
        given_away = bool(secret) and any(part in text for part in _parts_of(secret))
        return not given_away and not repeats(text, sent)

    parts = []
    for name, value in (("code", error.code), ("type", error.type), ("param", error.param)):
        text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if NAME.fullmatch(text) and harmless(text):
            parts.append(f"{name} {text}")
    message = " ".join(error.message.split())[:300]
    if message and not SPELT.search(message) and harmless(message):
        parts.append(f"it says: {message}")
    return ", ".join(parts)


def _parts_of(secret: str) -> list[str]:
    """Pieces by which a key is known that a server repeats in part."""
    return [secret[start : start + PART] for start in range(max(1, len(secret) - PART + 1))]


def repeats(text: str, sent: str) -> bool:
    """Whether a text has a word of what was sent, whole or cut at its end; no harmless one."""
    known = {word for word in WORD.findall(sent.lower()) if word not in HARMLESS}
    said = {word for word in WORD.findall(text.lower()) if word not in HARMLESS}
    cut = tuple(word for word in said if len(word) >= PART)
    return not known.isdisjoint(said) or any(word.startswith(cut) for word in known)
