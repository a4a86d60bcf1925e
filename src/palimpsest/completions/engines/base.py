"""What an engine is asked and what it gives back, and how one is chosen."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from palimpsest.completions.ledger import Answer
from palimpsest.completions.structured_output import DIGITS
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import canonical_json

if TYPE_CHECKING:
    from palimpsest.completions.chat_template import ChatTurns


@dataclass(frozen=True)
class Question:
    """One request with the seed of its answer.

    max_tokens: room for the answer. constraint: what it may be, see `constraints`; None: free text.
    """

    system: str
    user: str
    max_tokens: int
    seed: int
    constraint: str | None = None


@dataclass(frozen=True)
class Refusal:
    """A question that the engine cannot answer, whatever the luck.

    reason: a short code, such as `too_long` or `bad_characters`. tokens_in: tokens of the prompt,
    where they were counted: with the room for the answer they exceed the LLM's `max_model_len`.
    """

    reason: str
    tokens_in: int | None = None


Answered = Callable[[int], None]  # told how many more questions of a window are answered


class Engine(Protocol):
    """Answers windows of questions, in order: one answer or refusal for each question."""

    def answer(self, questions: list[Question], answered: Answered) -> list[Answer | Refusal]: ...


def encode_window(
    turns: "ChatTurns", questions: list[Question], max_model_len: int
) -> tuple[dict[int, list[int]], list[Answer | Refusal]]:
    """Token ids of a window's questions, and a list of answers with the refusals filled in.

    The ids are by position, longest first, without the questions that are refused: prompt and room
    together must fit into `max_model_len` tokens, and the text must be one that can be encoded.
    The other places of the list are to be filled.
    """
    answers: list[Answer | Refusal] = [Refusal("bad_characters")] * len(questions)
    prompts: dict[int, list[int]] = {}
    encoded = turns.encode_all([(question.system, question.user) for question in questions])
    for at, (question, ids) in enumerate(zip(questions, encoded, strict=True)):
        if ids is None:
            continue
        if len(ids) + question.max_tokens > max_model_len:
            answers[at] = Refusal("too_long", len(ids))
        else:
            prompts[at] = ids
    # A batch then ends with short answers instead of one long one.
    longest_first = sorted(prompts, key=lambda at: (-len(prompts[at]), at))
    return {at: prompts[at] for at in longest_first}, answers


def scored_answer(
    question: Question, scores: dict[str, float], tokens_in: int, engine: str, version: str
) -> Answer:
    """The answer to a question with choices: canonical JSON of the log-likelihood of each.

    Raises ValueError for one that is not finite.
    """
    # Adding 0 makes a rounded -0.0 the same text as 0.0.
    rounded = {choice: round(float(score), DIGITS) + 0.0 for choice, score in scores.items()}
    return Answer(canonical_json(rounded), "stop", tokens_in, 1, question.seed, engine, version)


def start_engine(
    llm: dict[str, Any], tuning: dict[str, Any], weights: Path | None, scoring: bool = False
) -> Engine:
    """Start the engine that an LLM file asks for.

    llm: identity of the LLM file. tuning: its `engine` part. weights: the prepared folder, which a
    server elsewhere does not need. scoring: whether it is choices that will be scored, which needs
    log-likelihoods finer than the LLM's `dtype`.
    Raises UserError when the backend is not installed or cannot start.
    """
    backend = tuning["backend"]
    installed = importlib.util.find_spec("vllm") is not None
    if backend == "auto":
        backend = "vllm" if installed else "transformers"
    if backend == "server" and not tuning["serve"]:
        from palimpsest.completions.engines.openai_server import ServerEngine

        return ServerEngine(llm, tuning)
    if weights is None:
        raise UserError(f"backend '{backend}' needs --weights")
    if backend == "transformers":
        from palimpsest.completions.engines.transformers import TransformersEngine

        return TransformersEngine(llm, tuning, weights)
    if not installed:
        raise UserError(
            f"backend '{backend}' is asked for, but vLLM is not installed; install "
            "`palimpsest[gpu]`, or set `engine: {backend: auto}` in the LLM file to use "
            "transformers instead"
        )
    if backend == "server":
        from palimpsest.completions.engines.managed_server import OwnServerEngine

        return OwnServerEngine(llm, tuning, weights, scoring)
    from palimpsest.completions.engines.vllm import VllmEngine

    return VllmEngine(llm, tuning, weights, scoring)


def installed_version(*packages: str) -> str:
    """The version of the first of some packages that is installed."""
    for name in packages:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"
