"""Completions: the LLMs' answers."""

from palimpsest.completions.config import CompletionsSpec, LlmBehaviour, LlmEngine
from palimpsest.graph.job import Inputs, Job, Recipe
from palimpsest.graph.places import table, weights
from palimpsest.graph.requests import request_stem
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.weights.identity import declared_identity


class CompleteRequests(Job, rule="complete_requests"):
    def reads(self) -> Inputs:
        llm, request_set, shard = (self.wildcards[key] for key in ("llm", "request_set", "shard"))
        return {
            **llm_weights(self, llm),
            # How the engine is tuned: read when the job runs, and never a reason to run it.
            "llm": Recipe(f"config/llms/{llm}.yaml"),
            **table("requests", request_stem(llm, request_set, shard)),
        }

    def spec(self) -> CompletionsSpec:
        asked = RequestSet.parse(self.wildcards["request_set"])
        llm = self.catalogue.llms[self.wildcards["llm"]]
        return CompletionsSpec(
            llm=llm.narrowed(LlmBehaviour),
            # Of a server's weights nothing is here: they are what they are declared to be.
            weights=None if llm.engine.needs_weights else declared_identity(llm.weights),
            llm_name=self.wildcards["llm"],
            source=asked.name,  # further rounds share the ledger of the first
            prompt_name=asked.prompt,
            shard=self.wildcards["shard"],
        )

    def resources(self) -> LlmEngine:
        return self.catalogue.llms[self.wildcards["llm"]].engine


def llm_weights(job: Job, llm: str) -> Inputs:
    """The weights of an LLM that runs here, as input `weights`; nothing of a server's."""
    if job.catalogue.llms[llm].engine.needs_weights:
        return weights("weights", llm)
    return {"weights": [], "weights_files": []}
