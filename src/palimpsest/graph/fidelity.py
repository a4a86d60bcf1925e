"""Findings of rephrases, and how often there are any."""

from palimpsest.fidelity.config import RatesSpec
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, sharded, table
from palimpsest.graph.requests import request_stem


class CompareFacts(Job, rule="compare_facts"):
    def reads(self) -> Inputs:
        llm, request_set, shard = (self.wildcards[key] for key in ("llm", "request_set", "shard"))
        source = self.catalogue.request_sets(llm)[request_set]
        return (
            table("requests", request_stem(llm, request_set, shard))
            | table("rephrases", f"{RESULTS}/rephrases/{llm}/{request_set}/{shard}")
            | table("passages", f"{RESULTS}/passages/{source}/{shard}")
        )


class FidelityRates(Job, rule="fidelity_rates"):
    def reads(self) -> Inputs:
        source = self.wildcards["source"]
        sets = [
            (f"{RESULTS}/fidelity/{use.llm}/{request_set}", self.catalogue.shards(source))
            for use in self.catalogue.uses()
            if use.kind == "rephrase" and use.name == source
            for request_set in self.catalogue.rounds(source, use.llm, use.prompt, use.context)
        ]
        return sharded("findings", sets)

    def spec(self) -> RatesSpec:
        return RatesSpec(seed=self.study.seed)
