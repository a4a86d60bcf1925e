"""The names of request sets: what one LLM is asked about one source or dataset.

A name is `source.prompt`, `source.prompt.context` or, of a further round, one of these with
`.retryN`. Paths and wildcards have it; whoever wants its parts asks here.
"""

import re
from typing import NamedTuple

NO_CONTEXT = "none"  # the context of a request that tells of its passage alone
FIRST = 0  # round
_RETRY = re.compile(r"retry(\d+)")


class RequestSet(NamedTuple):
    """The parts of a request set's name, which is its text.

    name: of the source or dataset. round: 0 for the first.
    """

    name: str
    prompt: str
    context: str = NO_CONTEXT
    round: int = FIRST

    def __str__(self) -> str:
        context = [] if self.context == NO_CONTEXT else [self.context]
        further = [] if self.round == FIRST else [f"retry{self.round}"]
        return ".".join([self.name, self.prompt, *context, *further])

    @classmethod
    def parse(cls, text: str) -> "RequestSet":
        """The parts of a name. Raises ValueError where it is none."""
        name, prompt, *rest = text.split(".")
        further = _RETRY.fullmatch(rest[-1]) if rest else None
        contexts = (rest[:-1] if further else rest) or [NO_CONTEXT]
        if len(contexts) > 1:
            raise ValueError(f"'{text}' is no name of a request set")
        return cls(name, prompt, contexts[0], int(further[1]) if further else FIRST)

    @classmethod
    def of_wildcards(cls, wildcards: dict[str, str]) -> "RequestSet | None":
        """The set that a job's wildcards name, whole or in parts; None where they name none."""
        if "request_set" in wildcards:
            return cls.parse(wildcards["request_set"])
        if "prompt" not in wildcards:
            return None
        named = [wildcards[kind] for kind in ("source", "dataset", "judge") if kind in wildcards]
        name = named[0] if named else ""
        context = wildcards.get("context", NO_CONTEXT)
        return cls(name, wildcards["prompt"], context, int(wildcards.get("round", FIRST)))


def reserved(context: str) -> bool:
    """Whether a context may not be called so: its sets would have the names of others."""
    return context == NO_CONTEXT or bool(_RETRY.fullmatch(context))
