"""Rephrases and synthetic notes: the completions that pass every screen."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import tokenizer_of
from palimpsest.graph.requests import answers
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.screens.config import ScreeningSpec


class ScreenCompletions(Job, rule="screen_completions"):
    @property
    def use(self) -> str:
        """Whose screens the answers take."""
        return "rephrase"

    def reads(self) -> Inputs:
        llm, request_set, shard = (self.wildcards[key] for key in ("llm", "request_set", "shard"))
        return answers(llm, request_set, shard) | tokenizer_of(self.catalogue.passages.tokenizer)

    def spec(self) -> ScreeningSpec:
        prompt = self.catalogue.prompts[RequestSet.parse(self.wildcards["request_set"]).prompt]
        return ScreeningSpec(
            screens=self.catalogue.screens(self.use), lead_in=prompt.lead_in, unwrap=prompt.unwrap
        )


class ScreenSyntheticNotes(ScreenCompletions, rule="screen_synthetic_notes"):
    @property
    def use(self) -> str:
        return "synthesize"
