"""Answers that are to become rephrases, and the tables of what passed and what did not."""

import json
from collections.abc import Callable, Iterable

import pyarrow as pa

from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Wrapper
from palimpsest.screens.marks import QUOTES, is_around
from palimpsest.screens.screen import Answer, measuring_screens
from palimpsest.text.patterns import pattern

FENCED = pattern(r"(?s)(```|~~~)[^\n`~]{0,40}\n(.*?)\n?\s*(```|~~~)")

PLACE = [
    ("request_key", pa.string()),
    ("note_id", pa.string()),
    ("start", pa.int64()),  # the passage's character offsets in its note
    ("end", pa.int64()),
]
# What thresholds are held against; null for a request that failed.
MEASURED = [(screen.column, pa.float64()) for screen in measuring_screens()]
SCHEMA = pa.schema(
    [
        *PLACE,
        ("text", pa.string()),
        ("tokens", pa.int32()),  # by the study's tokenizer: counted here, once, for all corpora
        ("ngrams", pa.int32()),  # of 8 words
        ("copied_ngrams", pa.int32()),  # that stand in the passage, too
        *MEASURED,
    ]
)
REJECTS = pa.schema(
    [
        *PLACE,
        ("outcome", pa.string()),  # rejected or failed
        ("reason", pa.string()),
        *MEASURED,
    ]
)


def strip_lead_in(text: str, patterns: list[str]) -> str:
    """The answer without blanks around it and without a lead-in that the prompt declares."""
    text = text.strip()
    for expression in patterns:
        found = pattern(expression, ignore_case=True).match(text)
        if found:
            text = text[found.end() :].strip()
    return text


def unwrap(text: str, wrappers: Iterable[Wrapper]) -> str:
    """The answer without those wrappings around all of it that the prompt declares."""
    for wrapper in wrappers:
        text = UNWRAPPED[wrapper](text).strip()
    return text


def _of_fence(text: str) -> str:
    found = FENCED.fullmatch(text)
    alone = found and found[1] == found[3] and found[1] not in found[2]
    return found[2] if alone else text


def _of_quotes(text: str) -> str:
    return text[1:-1] if is_around(text, QUOTES) else text


def _of_json(text: str) -> str:
    """The one text of a JSON object or list."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    held = [*value.values()] if isinstance(value, dict) else value
    return (
        held[0] if isinstance(held, list) and len(held) == 1 and isinstance(held[0], str) else text
    )


UNWRAPPED: dict[Wrapper, Callable[[str], str]] = {
    "code_fence": _of_fence,
    "json": _of_json,
    "quotes": _of_quotes,
}


def rephrase(
    request: Row, completion: Row, lead_in: list[str], wrappers: Iterable[Wrapper] = ()
) -> Answer:
    """What a completion says, to be screened as a rephrase of its passage.

    request: system, user, passage, and context where it tells one. completion: text and
    finish_reason. lead_in, wrappers: that the prompt declares.
    """
    text = unwrap(strip_lead_in(completion["text"], lead_in), wrappers)
    return Answer(
        system=request["system"],
        user=request["user"],
        passage=request["passage"],
        context=request.get("context") or "",
        said=text,
        text=text,
        truncated=completion["finish_reason"] == "length",
    )
