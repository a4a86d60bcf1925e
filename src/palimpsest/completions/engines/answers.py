"""The one way by which an engine's answer becomes a completion.

Whatever a server, an LLM or a library gives, what leaves here fits into a ledger and a table: text
of a bounded length that UTF-8 and every reader can hold, counts of 31 bits, a finish reason that is
`stop` or `length`, names without blanks. All else is a failure with a reason code, and
docs/engines.md lists these.
"""

import math
import re
from typing import Any

from palimpsest.completions.engines.base import Failure, Request
from palimpsest.completions.engines.wordings import repeats
from palimpsest.completions.ledger import Completion
from palimpsest.completions.structured_output import DIGITS, LOWEST
from palimpsest.runtime.identity import canonical_json

MOST_TOKENS = 2**31 - 1
# More than any token of a vocabulary spells; a text that exceeds it is not what was asked for.
CHARACTERS_A_TOKEN = 256
VERSION = re.compile(r"[\w.+:@/=~-]{1,200}", re.ASCII)
REASON = re.compile(r"[A-Za-z][\w.:-]{0,39}", re.ASCII)
# Finish reasons, in lower case and without anything between the words, of OpenAI, vLLM, SGLang,
# TGI, Mistral, Anthropic, Gemini, Bedrock, Cohere, AI21, watsonx, LM Studio and Ollama.
STOPS = frozenset(
    """
    stop stopped stopsequence stopsequences stopstring stopstringfound stoptoken stopword
    stopcriteriamet eos eosfound eostoken eostokenfound eot endofsequence endoftext endofturn
    endturn finish finished complete completed done
    """.split()
)
LENGTHS = frozenset(
    """
    length lengthlimit lengthcapped modellength maxlength maxtokens maxtoken maxnewtokens
    maxoutputtokens maxcompletiontokens maxtokensreached maxpredictedtokensreached tokenlimit
    tokenlimitreached contextlength contextlengthreached contextlengthexceeded
    modelcontextwindowexceeded contextwindowexceeded limit truncated
    """.split()
)
FAILURES = {
    "contentfilter": "content_filter",
    "contentfiltered": "content_filter",
    "error": "error",
    "functioncall": "tool_calls",
    "toolcall": "tool_calls",
    "toolcalls": "tool_calls",
    "tooluse": "tool_calls",
}
# Control characters, of which a text keeps tab, line feed and carriage return. What a reader of a
# table might stop at, or a terminal obey, is one sign that says that something stood here.
CLEANED: dict[int, str] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd")
CLEANED |= {0x0B: "\n", 0x0C: "\n"}  # of notes in pages
for kept in "\t\n\r":
    del CLEANED[ord(kept)]


def completion_of(
    request: Request,
    text: Any,
    finish_reason: Any,
    counts: tuple[Any, Any],
    made_by: tuple[str, Any],
) -> Completion | Failure:
    """The completion of a request, or why there is none.

    text, finish_reason: as the engine gave them. counts: tokens of the prompt and of the
    completion; None where they are not known, which a completion notes as 0. made_by: the engine
    and its version.
    """
    tokens_in, tokens_out = (_count(value) for value in counts)
    if tokens_in is None or tokens_out is None:
        return Failure("malformed_usage")
    reason = finish_reason_of(finish_reason, tokens_out, request)
    if reason not in ("stop", "length"):
        return Failure(reason, tokens_in or None)
    if not isinstance(text, str):
        return Failure("malformed_answer", tokens_in or None)
    if len(text) > CHARACTERS_A_TOKEN * (request.max_tokens + 1):
        return Failure("answer_too_large", tokens_in or None)
    engine, version = made_by
    counted = (tokens_in, tokens_out, request.seed)
    text = _whole(text).translate(CLEANED)
    return Completion(text, reason, *counted, engine, _version(version))


def scored_completion(
    request: Request, scores: dict[str, float] | None, tokens_in: Any, engine: str, version: Any
) -> Completion | Failure:
    """The completion of a request with choices: canonical JSON of the log-likelihood of each.

    scores: None if no choice has one. Minus infinity is LOWEST. A score that is no number fails the
    request.
    """
    counted = _count(tokens_in)
    if counted is None:
        return Failure("malformed_usage")
    if not scores or not all(score < math.inf for score in scores.values()):  # NaN is not less
        return Failure("no_choice_scored", counted or None)
    # Adding 0 makes a rounded -0.0 the same text as 0.0.
    rounded = {
        choice: round(max(float(score), LOWEST), DIGITS) + 0.0 for choice, score in scores.items()
    }
    made_by = (request.seed, engine, _version(version))
    return Completion(canonical_json(rounded), "stop", counted, 1, *made_by)


def finish_reason_of(value: Any, tokens_out: int, request: Request) -> str:
    """`stop`, `length`, or the code of a failure, by what an engine says of an answer's end.

    An engine that says nothing is judged by the tokens that it used of its room; where it does not
    count them either, an answer that was cut cannot be told from a whole one.
    """
    if value is None or value == "":
        if not tokens_out:
            return "no_finish_reason"
        return "length" if tokens_out >= request.max_tokens else "stop"
    if not isinstance(value, str) or not REASON.fullmatch(value):
        return "unknown_finish_reason"
    word = re.sub("[^a-z0-9]", "", value.lower()).removeprefix("finishreason")
    if word in STOPS:
        return "stop"
    if word in LENGTHS:
        return "length"
    if word in FAILURES:
        return FAILURES[word]
    if "length" in word or ("token" in word and ("max" in word or "limit" in word)):
        return "length"
    if repeats(value, f"{request.system} {request.user}"):
        return "unknown_finish_reason"  # a word of the request goes into no account
    return re.sub("[^a-z0-9]+", "_", value.lower()).strip("_")


def _count(value: Any) -> int | None:
    """A number of tokens, 0 where it is not known; None for what is no such number."""
    if value is None:
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 11:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_TOKENS:
        return None
    return value


def _version(value: Any) -> str:
    return value if isinstance(value, str) and VERSION.fullmatch(value) else "unknown"


def _whole(text: str) -> str:
    """A text whose halves of surrogate pairs are joined, or replaced where the other is missing.

    A server that cuts inside an emoji escapes one half of it.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
