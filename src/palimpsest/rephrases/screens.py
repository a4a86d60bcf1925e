"""The screens: each looks at one completion and may turn it down with a reason code.

Screens read only the request and the answer, so a changed threshold needs no new answer.
"""

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from palimpsest.core.text import ngrams, words

SCHEMA = pa.schema(
    [
        ("request_key", pa.string()),
        ("note_id", pa.string()),
        ("start", pa.int64()),  # the passage's character offsets in its note
        ("end", pa.int64()),
        ("text", pa.string()),
    ]
)
REJECTS = pa.schema(
    [
        ("request_key", pa.string()),
        ("note_id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("outcome", pa.string()),  # rejected or failed
        ("reason", pa.string()),
        # What was measured; null for a failed request.
        ("length_ratio", pa.float64()),
        ("repeated_share", pa.float64()),
        ("copied_share", pa.float64()),
    ]
)

THINKING = re.compile(r"</?\s*think(ing)?\s*>|<\|?(begin|end)_of_thought\|?>", re.I)
# What an assistant cannot do; clinicians and patients cannot do other things.
REFUSAL = re.compile(
    r"^\W*(i\W?m (really |very )?sorry\b|sorry,|i apologi[sz]e\b"
    r"|as an? (ai|language model|artificial)\b|i\W?m (just )?an? (ai|language model)\b"
    r"|(unfortunately,? )?i(\W?m| am)? (can ?not|can\W?t|unable to|not able to|won\W?t|"
    r"do not have|don\W?t have)( [\w']+){0,2} (help|assist|provide|offer|give|rewrite|rephrase|"
    r"paraphrase|summari[sz]e|write|create|generate|continue|complete|comply|fulfil+|answer|"
    r"discuss|share|do|enough|ability)\b)",
    re.I,
)
# What an assistant says about its answer, instead of the answer.
OURS = r"(text|passage|note|paragraph|rewrite|paraphrase|version)s?"
CHAT = re.compile(
    r"<\|[a-z_]+\|>|\[/?INST\]|</?s>|^\s*(system|user|assistant)\s*:?\s*$|^(user|assistant):"
    r"|^\W*((sure|certainly|of course|absolutely|okay|great)\s*[,!:.]"
    r"|(here(\W?s| (is|are) (a|the|my|your|some))|i(\W?ve| have) (re|para)\w+"
    r"|i\W?d be happy|i\W?m (glad|happy|ready)|thank you for (the|your|providing|sharing))\b"
    rf"|the following is (a|the|my)( \w+)? {OURS}\b)"
    rf"|\b((paraphrased|rephrased|rewritten) {OURS}|revised (version|text|paragraph|passage))\b"
    r"|\b(the|this) ((above|provided|given|original|clinical|medical) )*(text|passage|sentence|"
    r"paragraph)s? (is|are|was|were|discuss|contain|include|describe|highlight|provide|explain|"
    r"appear|present|use|mention|outline)(e?s)?\b|\b(language|terms) (in|of) this text\b"
    r"|\b(let me know if (you\W?d|you would|you need|you want|this|there)|feel free to (ask|let)"
    rf"|i hope this|would you like me|please provide (me|the( \w+)? {OURS})"
    r"|if you have any (further|other|more)? ?questions about (this|the) (text|rewrite))\b",
    re.I | re.M,
)
ECHO_WORDS = 8
REPEAT_WORDS = 4
COPY_WORDS = 5


def strip_lead_in(text: str, patterns: list[str]) -> str:
    """The answer without blanks around it and without a lead-in that the prompt declares."""
    text = text.strip()
    for pattern in patterns:
        found = re.match(pattern, text, re.I)
        if found:
            text = text[found.end() :].strip()
    return text


def repeated_share(tokens: list[str]) -> float:
    """Share of 4-grams that repeat an earlier one; 0 for a text without 4-grams."""
    found = ngrams(tokens, REPEAT_WORDS)
    return 1 - len(set(found)) / len(found) if found else 0.0


def copied_share(tokens: list[str], passage: list[str]) -> float:
    """Share of the answer's 5-grams that stand in the passage.

    For an answer too short for a 5-gram: 1 if it stands in the passage as a whole, else 0.
    """
    size = min(COPY_WORDS, len(tokens))
    if not size:
        return 0.0
    there = set(ngrams(passage, size))
    found = ngrams(tokens, size)
    return sum(gram in there for gram in found) / len(found)


def measure(request: dict[str, Any], text: str) -> dict[str, float]:
    """What the thresholds are held against, and what the tables of rejects keep."""
    answer, passage = words(text), words(request["passage"])
    return {
        "length_ratio": len(answer) / max(1, len(passage)),
        "repeated_share": repeated_share(answer),
        "copied_share": copied_share(answer, passage),
    }


def _truncated(request: dict[str, Any], completion: dict[str, Any], text: str) -> bool:
    return completion["finish_reason"] == "length"


def _echoes(request: dict[str, Any], completion: dict[str, Any], text: str) -> bool:
    """Whether eight words in a row come from the prompt and not from the passage."""
    own = f"{request['system']}\n{request['user'].replace(request['passage'], ' ')}"
    instructions = set(ngrams(words(own), ECHO_WORDS)) - set(
        ngrams(words(request["passage"]), ECHO_WORDS)
    )
    return any(gram in instructions for gram in ngrams(words(text), ECHO_WORDS))


PLAIN: dict[str, Callable[[dict[str, Any], dict[str, Any], str], bool]] = {
    "truncated": _truncated,
    "thinking": lambda request, completion, text: bool(THINKING.search(text)),
    "refusal": lambda request, completion, text: bool(REFUSAL.search(text)),
    "chat_residue": lambda request, completion, text: bool(CHAT.search(text)),
    "prompt_echo": _echoes,
}


def screen(
    request: dict[str, Any],
    completion: dict[str, Any],
    text: str,
    measured: dict[str, float],
    screens: list[dict[str, Any]],
) -> str | None:
    """The reason code of the first screen that turns an answer down, or None.

    An answer without a word is turned down as `empty`, whatever screens are declared.

    text: the answer after `strip_lead_in`. measured: from `measure`. screens: as declared.
    """
    if not words(text):
        return "empty"
    for declared in screens:
        name = declared["name"]
        if name == "length":
            if measured["length_ratio"] < declared["min_ratio"]:
                return "too_short"
            if measured["length_ratio"] > declared["max_ratio"]:
                return "too_long"
        elif name == "repetition":
            if measured["repeated_share"] > declared["max_share"]:
                return "repetition"
        elif name == "copy":
            if measured["copied_share"] > declared["max_share"]:
                return "copy"
        elif PLAIN[name](request, completion, text):
            return name
    return None
