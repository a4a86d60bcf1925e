"""Build requests: their table, their keys, and those that ask an LLM to rephrase passages."""

import math
import re

import pyarrow as pa

from palimpsest.requests.config import CONTEXT, Prompt
from palimpsest.runtime.identity import digest
from palimpsest.runtime.rows import Row

SCHEMA = pa.schema(
    [
        ("request_key", pa.string()),  # hash of what the LLM is given: 64 hex digits
        ("note_id", pa.string()),
        ("start", pa.int64()),  # the passage's character offsets in its note
        ("end", pa.int64()),
        ("passage", pa.string()),
        ("passage_tokens", pa.int32()),  # by the study's tokenizer
        ("section", pa.string()),  # the header under which the passage starts, or nothing
        ("system", pa.string()),
        ("user", pa.string()),
        ("max_tokens", pa.int32()),  # room for the answer
        # What the answer may be; null: free text. Else canonical JSON: {"choices": [...]}, each of
        # which is scored, or {"schema": {...}}, after which the answer is JSON.
        ("constraint", pa.string()),
    ]
)
# Of requests that tell more of the note than the passage: what they tell, and where it stands.
IN_CONTEXT = pa.schema(
    [
        *SCHEMA,
        ("context", pa.string()),  # as the LLM reads it; empty where nothing was found to tell
        (
            "context_spans",  # character offsets in the note; null of what the note's table says
            pa.list_(
                pa.struct([("part", pa.string()), ("start", pa.int64()), ("end", pa.int64())])
            ),
        ),
    ]
)
NO_PASSAGE: Row = {"note_id": "", "start": 0, "end": 0}
NO_PASSAGE |= {"passage": "", "passage_tokens": 0, "section": ""}
PLACEHOLDER = re.compile(r"\{(passage|section)\}")  # of a prompt
WITH_CONTEXT = re.compile(r"\{(passage|section|context)\}")
SMALLEST_ROOM = 48  # tokens: a short passage still gets room for a whole sentence


def request_key(system: str, user: str, max_tokens: int, constraint: str | None = None) -> str:
    """What makes two requests the same: everything that the LLM is given, and no name.

    constraint: as in SCHEMA; where there is none, the key is what it was before there were any.
    """
    given = {"system": system, "user": user, "max_tokens": max_tokens}
    return digest(given if constraint is None else {**given, "constraint": constraint})


def request_row(
    system: str, user: str, max_tokens: int, constraint: str | None = None, **place: str | int
) -> Row:
    """A row of SCHEMA. place: the columns of the passage that it is about, if it is about one."""
    return {
        "request_key": request_key(system, user, max_tokens, constraint),
        **NO_PASSAGE,
        **place,
        "system": system,
        "user": user,
        "max_tokens": max_tokens,
        "constraint": constraint,
    }


def rephrase_request(passage: Row, prompt: Prompt, context: str = "") -> Row:
    """The request for one passage.

    passage: a row of a passages table. context: what is told of the note besides; where that is
    nothing, the request is what it was before there were contexts.
    """
    section = passage.get("section") or ""
    values = {"passage": passage["text"], "section": section}
    placeholder = PLACEHOLDER
    if prompt.context is None or not context:
        prompt = prompt.without_context()
    else:
        placeholder = WITH_CONTEXT
        values["context"] = prompt.context.replace(CONTEXT, context)
    # Not str.format, and all at once: a passage, a context or a prompt may hold braces.
    user = placeholder.sub(lambda found: values[found[1]], prompt.user)
    room = max(SMALLEST_ROOM, math.ceil(passage["tokens"] * prompt.max_output_ratio))
    place = {name: passage[name] for name in ("note_id", "start", "end")}
    place |= {"passage": passage["text"], "passage_tokens": passage["tokens"], "section": section}
    return request_row(prompt.system, user, room, **place)
