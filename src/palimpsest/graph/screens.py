"""Rephrases: the completions that pass every screen."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, table
from palimpsest.graph.requests import request_stem
from palimpsest.screens.config import ScreeningSpec


class ScreenCompletions(Job, rule="screen_completions"):
    def reads(self) -> Inputs:
        llm, request_set, shard = (self.wildcards[key] for key in ("llm", "request_set", "shard"))
        completions = f"{RESULTS}/completions/{llm}/{request_set}/{shard}"
        return table("requests", request_stem(llm, request_set, shard)) | table(
            "completions", completions
        )

    def spec(self) -> ScreeningSpec:
        prompt = self.wildcards["request_set"].split(".")[1]
        return ScreeningSpec(
            screens=self.study.screens, lead_in=self.catalogue.prompts[prompt].lead_in
        )
