"""What an engine is given and what it gives back."""

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Protocol

from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.ledger import Completion
from palimpsest.runtime.errors import UserError

if TYPE_CHECKING:
    from palimpsest.completions.chat_template import ChatTurns


@dataclass(frozen=True)
class Request:
    """What an LLM is given, with the seed of its completion.

    max_tokens: room for the completion. structured_output: what the completion may be, see
    `structured_output`; None: free text.
    """

    system: str
    user: str
    max_tokens: int
    seed: int
    structured_output: str | None = None


@dataclass(frozen=True)
class Failure:
    """Stands for the completion of a request that the engine cannot complete, however often asked.

    reason: a short code, such as `too_long` or `bad_characters`. tokens_in: tokens of the prompt,
    where they were counted: with the room for the completion they exceed `max_model_len`.
    """

    reason: str
    tokens_in: int | None = None


Advance = Callable[[int], None]  # told how many more requests of a window are completed


class Engine(Protocol):
    """Completes windows of requests, in order: one completion or failure for each request."""

    def complete(
        self, requests: Sequence[Request], advance: Advance
    ) -> list[Completion | Failure]: ...

    def close(self) -> None:
        """End what the engine started. It completes nothing afterwards."""


# Given an LLM, its tuning, its weights (a Path; None where they are not here) and whether choices
# will be scored, makes an engine, or raises UserError when that cannot be started.
EngineClass = Callable[[LlmBehaviour, LlmEngine, Any, bool], Engine]


def encode_window(
    turns: "ChatTurns", requests: Sequence[Request], max_model_len: int
) -> tuple[dict[int, list[int]], list[Completion | Failure]]:
    """Token ids of a window's requests, and a list of results with the failures filled in.

    The ids are by index, longest first, without the requests that fail: prompt and room together
    must fit into `max_model_len` tokens, and the text must be one that can be encoded. The other
    results are to be filled in.
    """
    results: list[Completion | Failure] = [Failure("bad_characters")] * len(requests)
    prompts: dict[int, list[int]] = {}
    encoded = turns.encode_all([(request.system, request.user) for request in requests])
    for index, (request, ids) in enumerate(zip(requests, encoded, strict=True)):
        if ids is None:
            continue
        if len(ids) + request.max_tokens > max_model_len:
            results[index] = Failure("too_long", len(ids))
        else:
            prompts[index] = ids
    # A batch then ends with short completions instead of one long one.
    longest_first = sorted(prompts, key=lambda index: (-len(prompts[index]), index))
    return {index: prompts[index] for index in longest_first}, results


def require_vllm(backend: str) -> None:
    """Raises UserError, with the way out, when vLLM is not installed."""
    if importlib.util.find_spec("vllm") is None:
        raise UserError(
            f"backend '{backend}' is asked for, but vLLM is not installed; install "
            "`palimpsest[gpu]`, or set `engine: {backend: auto}` in the LLM file to use "
            "transformers instead"
        )


def installed_version(*packages: str) -> str:
    """The version of the first of some packages that is installed."""
    for name in packages:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"
