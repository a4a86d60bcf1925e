"""Rephrases and synthetic notes: the completions that pass every screen."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import tokenizer_of
from palimpsest.graph.requests import answers
from palimpsest.screens.config import RephraseScreen, ScreeningSpec


class ScreenCompletions(Job, rule="screen_completions"):
    def reads(self) -> Inputs:
        llm, request_set, shard = (self.wildcards[key] for key in ("llm", "request_set", "shard"))
        return answers(llm, request_set, shard) | tokenizer_of(self.study.passages.tokenizer)

    def spec(self) -> ScreeningSpec:
        prompt = self.catalogue.prompts[self.wildcards["request_set"].split(".")[1]]
        return ScreeningSpec(
            screens=self.screens(), lead_in=prompt.lead_in, unwrap=prompt.unwrap
        )

    def screens(self) -> list[RephraseScreen]:
        """The declared screens that hold for the answers."""
        return self.study.screens


class ScreenSyntheticNotes(ScreenCompletions, rule="screen_synthetic_notes"):
    def screens(self) -> list[RephraseScreen]:
        return self.study.synthesis_screens
