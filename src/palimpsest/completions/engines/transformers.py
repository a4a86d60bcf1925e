"""transformers' `generate`: the last resort where vLLM cannot be installed.

It scores choices as the others do, but cannot make an LLM keep to a JSON schema: such a request
gets free text, and whoever reads the completions counts those that are not such JSON.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

# isort: off
from palimpsest.runtime import lean_transformers  # noqa: F401  before transformers
from transformers import (
    AutoModelForCausalLM,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

# isort: on
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
)
from palimpsest.completions.ledger import Completion
from palimpsest.completions.structured_output import read_structured_output
from palimpsest.runtime.checkpoints import load_pretrained
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.progress import announce

BATCH = 16


class SeededGumbel(LogitsProcessor):
    """Turns greedy decoding into sampling with a seed of its own for every row.

    The argmax of logits plus Gumbel noise is a draw from their softmax; `generate` itself has one
    generator for a batch, so that a completion would depend on its neighbours.
    """

    def __init__(self, seeds: list[int]) -> None:
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """scores: rows x vocabulary."""
        size = scores.shape[-1]
        noise = torch.stack([torch.rand(size, generator=each) for each in self.generators])
        gumbel = -torch.log((-torch.log(noise.clamp_min(1e-20))).clamp_min(1e-20))
        return scores.float() + gumbel.to(scores.device)


def _in_float32(
    head: torch.nn.Linear, hidden: tuple[torch.Tensor], logits: torch.Tensor
) -> torch.Tensor:
    """Logits of an LLM's last layer once more, without rounding them to its `dtype`."""
    bias = None if head.bias is None else head.bias.float()
    return torch.nn.functional.linear(hidden[0].float(), head.weight.float(), bias)


class TransformersEngine(Engine):
    """Batches of at most 16 requests of similar length, padded on the left."""

    def __init__(
        self, llm: LlmBehaviour, tuning: LlmEngine, weights: Path, scoring: bool = False
    ) -> None:
        """scoring: needs nothing here, as the last layer is run in float32 where it scores."""
        take_gpus(tuning.gpus)
        announce(f"transformers: loading {weights.name}")
        self.turns = ChatTurns(weights, llm.chat)
        self.tokenizer = self.turns.tokenizer
        self.max_model_len = llm.max_model_len
        self.sampling = llm.sampling
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        model = load_pretrained(AutoModelForCausalLM, weights, dtype=getattr(torch, llm.dtype))
        self.model = model.to(self.device).eval()
        ends = self.model.generation_config.eos_token_id
        self.ends = ends if isinstance(ends, list) else [ends]
        # What the weights suggest, such as a repetition penalty, is not what was declared.
        self.model.generation_config = GenerationConfig(eos_token_id=self.ends)
        self.version = installed_version("transformers")

    def complete(self, requests: Sequence[Request], advance: Advance) -> list[Completion | Failure]:
        """Complete a window; a request that the LLM cannot be given fails alone."""
        prompts, results = encode_window(self.turns, requests, self.max_model_len)
        scored, written = [], []
        for index in prompts:
            choices = read_structured_output(requests[index].structured_output).choices
            (scored if choices else written).append(index)
        for indices, work in ((scored, self._score), (written, self._write)):
            for start in range(0, len(indices), BATCH):
                batch = indices[start : start + BATCH]
                given = [prompts[index] for index in batch], [requests[index] for index in batch]
                for index, completion in zip(batch, work(*given), strict=True):
                    results[index] = completion
                advance(len(batch))
        return results

    def _score(
        self, prompts: list[list[int]], requests: list[Request]
    ) -> list[Completion | Failure]:
        """Completions of requests with choices, from one step without sampling."""
        # In bfloat16 log-likelihoods are eighths: most differences of two would be 0, 1/8, 1/4.
        head = self.model.get_output_embeddings().register_forward_hook(_in_float32)
        output = self._generate(prompts, max_new_tokens=1, output_logits=True)
        head.remove()
        spread = output.logits[0].float().log_softmax(-1).cpu()  # rows x vocabulary
        completions = []
        for row, prompt, request in zip(spread, prompts, requests, strict=True):
            choices = read_structured_output(request.structured_output).choices
            found = row[self.turns.first_tokens(choices)].tolist()
            scores = dict(zip(choices, found, strict=True))
            made_by = ("transformers", self.version)
            completions.append(scored_completion(request, scores, len(prompt), *made_by))
        return completions

    def _write(
        self, prompts: list[list[int]], requests: list[Request]
    ) -> list[Completion | Failure]:
        output = self._generate(
            prompts,
            max_new_tokens=max(request.max_tokens for request in requests),
            logits_processor=self._processors([request.seed for request in requests]),
        )
        rows = output.sequences[:, max(map(len, prompts)) :].tolist()
        return [
            self._completion(prompt, request, ids)
            for prompt, request, ids in zip(prompts, requests, rows, strict=True)
        ]

    def _generate(self, prompts: list[list[int]], **options: Any) -> Any:
        width = max(map(len, prompts))
        # Padded with a token of its own: the repetition penalty counts what the mask hides.
        ids = torch.tensor([row[:1] * (width - len(row)) + row for row in prompts])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in prompts])
        with torch.inference_mode():
            return self.model.generate(
                input_ids=ids.to(self.device),
                attention_mask=mask.to(self.device),
                do_sample=False,
                pad_token_id=self.ends[0],
                return_dict_in_generate=True,
                **options,
            )

    def _processors(self, seeds: list[int]) -> LogitsProcessorList:
        chain = LogitsProcessorList()
        if self.sampling.repetition_penalty != 1.0:
            chain.append(RepetitionPenaltyLogitsProcessor(self.sampling.repetition_penalty))
        if self.sampling.temperature == 0:
            return chain
        chain.append(TemperatureLogitsWarper(self.sampling.temperature))
        if self.sampling.min_p:  # before the other two, as vLLM has it
            chain.append(MinPLogitsWarper(self.sampling.min_p))
        if self.sampling.top_k:
            chain.append(TopKLogitsWarper(self.sampling.top_k))
        if self.sampling.top_p < 1:
            chain.append(TopPLogitsWarper(self.sampling.top_p))
        chain.append(SeededGumbel(seeds))
        return chain

    def _completion(
        self, prompt: list[int], request: Request, ids: list[int]
    ) -> Completion | Failure:
        ids = ids[: request.max_tokens]
        end = next((index for index, token in enumerate(ids) if token in self.ends), None)
        kept = ids if end is None else ids[:end]
        text = self.tokenizer.decode(kept, skip_special_tokens=True)
        reason, tokens_out = ("length", len(kept)) if end is None else ("stop", len(kept) + 1)
        counts = (len(prompt), tokens_out)
        return completion_of(request, text, reason, counts, ("transformers", self.version))
