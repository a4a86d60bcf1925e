"""How long a prompt is for a server whose tokenizer is not here: bounds, not numbers."""

import re
from typing import Any

from palimpsest.completions.engines.base import Request
from palimpsest.completions.engines.responses import inside

WORD = re.compile(r"\w\S*")
# Tokens a word, at the least: tokenizers in use have 1.2 and more, those whose tokens go beyond a
# word 0.8. What a server counts of a short prompt is blurred by its template and its cache.
LEAST, LEAST_OF_SHORT, SHORT = 0.7, 0.25, 200
# Under which of these a server says how many tokens a model takes: vLLM, gateways, LM Studio.
LIMITS = ("max_model_len", "context_length", "context_window", "max_context_length")


def least_tokens(request: Request) -> int:
    """No tokenizer in use makes fewer tokens of a request's prompt."""
    words = len(WORD.findall(request.user))
    return int(words * (LEAST_OF_SHORT if words < SHORT else LEAST))


def may_exceed(request: Request, limit: int) -> bool:
    """Whether prompt and room may exceed so many tokens, at two characters a token."""
    return len(request.system + request.user) // 2 + request.max_tokens > limit


def limit_of(models: Any, name: str | None) -> int | None:
    """How many tokens a model takes by a server's list of models, if that says so."""
    listed = inside(models, "data")
    listed = listed if isinstance(listed, list) else []
    entries = [entry for entry in listed if isinstance(entry, dict)]
    named = [entry for entry in entries if entry.get("id") == name] or entries
    if len(named) != 1:
        return None
    said = [named[0].get(key) for key in LIMITS]
    numbers = [number for number in said if type(number) is int and number > 0]
    return min(numbers, default=None)
