"""Structured output: one of some choices, which are scored, or JSON by a schema.

A request declares it (column `constraint`) as canonical JSON, `{"choices": [...]}` or
`{"schema": {...}}`; without one the LLM writes free text.
"""

import json
from functools import lru_cache
from typing import Any, NamedTuple

from palimpsest.runtime.errors import UserError

DIGITS = 6  # of a log-likelihood: beyond what two engines agree on
LOWEST = -9999.0  # of a log-likelihood: what OpenAI's protocol has for minus infinity
SHOWN = 80  # characters of a malformed declaration in its error


class StructuredOutput(NamedTuple):
    """At most one of both; neither for free text.

    choices: each is scored by the log-likelihood of its first token where the completion begins,
    in the LLM's own distribution, without temperature or any other part of `sampling`. schema: a
    JSON schema that the completion follows, where the engine can see to it; its properties stand
    in the order of `required`, in which they are written.
    """

    choices: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None


@lru_cache
def read_structured_output(text: str | None) -> StructuredOutput:
    """What a request declares in its column. Raises UserError when it is malformed."""
    if text is None:
        return StructuredOutput()
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    match value:
        case {"schema": dict(schema)} if len(value) == 1:
            return StructuredOutput(schema=_in_order(schema))
        case {"choices": list(choices)} if len(value) == 1:
            words = [choice for choice in choices if isinstance(choice, str) and choice.strip()]
            if len(set(words)) == len(choices) > 1:
                return StructuredOutput(choices=tuple(choices))
    raise UserError(
        f"constraint {text[:SHOWN]!r}: expected null, "
        '`{"choices": [...]}` with two or more different texts, or `{"schema": {...}}`'
    )


def _in_order(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema whose properties stand as in `required`: canonical JSON has sorted them by name.

    So an LLM can be made to give its reasons before its decision.
    """
    properties, names = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict) or not isinstance(names, list):
        return schema
    first = {name: properties[name] for name in names if name in properties}
    return {**schema, "properties": {**first, **properties}}


def listed_scores(
    listed: list[tuple[str, float]], choices: tuple[str, ...]
) -> dict[str, float] | None:
    """Log-likelihood of each choice from those of the likeliest tokens; None if none is a choice's.

    listed: tokens as text, with their log-likelihoods. A token is a choice's if it is the choice
    or, failing that, begins this choice alone, blanks before it aside; of several the longest
    counts, then the likeliest. A choice that has none gets the lowest log-likelihood listed, which
    its own does not exceed.
    """
    found: dict[str, tuple[int, float]] = {}
    for token, score in listed:
        word = token.strip()
        begun = [choice for choice in choices if word and choice.startswith(word)]
        (owner,) = [word] if word in choices else begun if len(begun) == 1 else [None]
        if owner is not None:
            found[owner] = max(found.get(owner, (0, score)), (len(word), score))
    if not found:
        return None
    lowest = min(score for _, score in listed)
    return {choice: found[choice][1] if choice in found else lowest for choice in choices}
