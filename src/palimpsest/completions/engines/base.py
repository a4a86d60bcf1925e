"""What an engine is asked and what it gives back, and how one is chosen."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from palimpsest.completions.ledger import Answer
from palimpsest.core.errors import UserError


@dataclass(frozen=True)
class Question:
    """One request with the seed of its answer. max_tokens: room for the answer."""

    system: str
    user: str
    max_tokens: int
    seed: int


@dataclass(frozen=True)
class Refusal:
    """A question that the engine cannot answer, whatever the luck. reason: a short code."""

    reason: str


Answered = Callable[[int], None]  # told how many more questions of a window are answered


class Engine(Protocol):
    """Answers windows of questions, in order: one answer or refusal for each question."""

    def answer(self, questions: list[Question], answered: Answered) -> list[Answer | Refusal]: ...


def start_engine(llm: dict[str, Any], tuning: dict[str, Any], weights: Path | None) -> Engine:
    """Start the engine that an LLM file asks for.

    llm: identity of the LLM file. tuning: its `engine` part. weights: the prepared folder, which a
    server does not need.
    Raises UserError when the backend is not installed or cannot start.
    """
    backend = tuning["backend"]
    installed = importlib.util.find_spec("vllm") is not None
    if backend == "auto":
        backend = "vllm" if installed else "transformers"
    if backend == "server":
        from palimpsest.completions.engines.server import ServerEngine

        return ServerEngine(llm, tuning)
    if weights is None:
        raise UserError(f"backend '{backend}' needs --weights")
    if backend == "transformers":
        from palimpsest.completions.engines.transformers import TransformersEngine

        return TransformersEngine(llm, weights)
    if not installed:
        raise UserError(
            "backend 'vllm' is asked for, but vLLM is not installed; install `palimpsest[gpu]`, or "
            "set `engine: {backend: auto}` in the LLM file to use transformers instead"
        )
    from palimpsest.completions.engines.vllm import VllmEngine

    return VllmEngine(llm, tuning, weights)
