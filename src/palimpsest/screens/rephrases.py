"""Answers that are to become rephrases, and the tables of what passed and what did not."""

import re

import pyarrow as pa

from palimpsest.runtime.rows import Row
from palimpsest.screens.screen import Answer, measuring_screens

PLACE = [
    ("request_key", pa.string()),
    ("note_id", pa.string()),
    ("start", pa.int64()),  # the passage's character offsets in its note
    ("end", pa.int64()),
]
# What thresholds are held against; null for a request that failed.
MEASURED = [(screen.column, pa.float64()) for screen in measuring_screens()]
SCHEMA = pa.schema([*PLACE, ("text", pa.string()), *MEASURED])
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
    for pattern in patterns:
        found = re.match(pattern, text, re.I)
        if found:
            text = text[found.end() :].strip()
    return text


def rephrase(request: Row, completion: Row, lead_in: list[str]) -> Answer:
    """What a completion says, to be screened as a rephrase of its passage.

    request: system, user and passage. completion: text and finish_reason.
    """
    text = strip_lead_in(completion["text"], lead_in)
    return Answer(
        system=request["system"],
        user=request["user"],
        passage=request["passage"],
        said=text,
        text=text,
        truncated=completion["finish_reason"] == "length",
    )
