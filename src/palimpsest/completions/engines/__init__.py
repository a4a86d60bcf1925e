"""Engines that complete requests. They differ in speed, never in what a completion means.

To add one, write its module and its line in ENGINES: a class that is made with the LLM, its tuning
and what else an `EngineClass` gets, and that completes windows of requests as `Engine` says. Its
name in ENGINES is then a `backend` that an LLM file may ask for.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from palimpsest.runtime.errors import UserError

if TYPE_CHECKING:
    from palimpsest.completions.config import LlmBehaviour, LlmEngine
    from palimpsest.completions.engines.base import Engine, EngineClass


# Imported when asked for: these load torch, vLLM or an HTTP client, and a job whose ledger holds
# every completion needs none of them.
def _vllm(tuning: "LlmEngine") -> "EngineClass":
    from palimpsest.completions.engines.vllm import VllmEngine

    return VllmEngine


def _transformers(tuning: "LlmEngine") -> "EngineClass":
    from palimpsest.completions.engines.transformers import TransformersEngine

    return TransformersEngine


def _server(tuning: "LlmEngine") -> "EngineClass":
    from palimpsest.completions.engines.managed_server import ManagedServerEngine
    from palimpsest.completions.engines.openai_server import OpenAIServerEngine

    return ManagedServerEngine if tuning.serve else OpenAIServerEngine


def _auto(tuning: "LlmEngine") -> "EngineClass":
    installed = importlib.util.find_spec("vllm") is not None
    return (_vllm if installed else _transformers)(tuning)


ENGINES: dict[str, Callable[["LlmEngine"], "EngineClass"]] = {
    "auto": _auto,
    "vllm": _vllm,
    "transformers": _transformers,
    "server": _server,
}


def start_engine(
    llm: "LlmBehaviour", tuning: "LlmEngine", weights: Path | None, scoring: bool = False
) -> "Engine":
    """Start the engine that an LLM file asks for.

    weights: the prepared folder, which a server elsewhere does not need. scoring: whether choices
    will be scored, which needs log-likelihoods finer than the LLM's `dtype`.
    Raises UserError when the engine is not installed or cannot start.
    """
    if weights is None and tuning.needs_weights:
        raise UserError(f"backend '{tuning.backend}' needs --weights")
    return ENGINES[tuning.backend](tuning)(llm, tuning, weights, scoring)
