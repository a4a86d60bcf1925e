"""Judges: LLMs that are asked what rephrases invented and left out."""

from palimpsest.fidelity.config import Judge, JudgedSpec
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, sharded
from palimpsest.graph.requests import answers, request_stem
from palimpsest.requests.config import JudgeSpec
from palimpsest.runtime.shards import ONE_SHARD


class _JudgeJob(Job):
    """What the jobs of one judge have in common."""

    @property
    def entry(self) -> Judge:
        return self.catalogue.judge(self.wildcards["judge"])


class JudgeRequests(_JudgeJob, rule="judge_requests"):
    def reads(self) -> Inputs:
        """Findings of all rephrases of the source, which say their patients, and their texts."""
        source = self.entry.source
        sets = [
            (use.llm, request_set)
            for use in self.catalogue.uses()
            if use.kind == "rephrase" and use.name == source
            for request_set in self.catalogue.rounds(source, use.llm, use.prompt, use.context)
        ]
        shards = self.catalogue.shards(source)
        inputs: Inputs = {}
        for room in ("findings", "rephrases"):
            folder = f"{RESULTS}/{'fidelity' if room == 'findings' else room}"
            inputs |= sharded(room, [(f"{folder}/{llm}/{name}", shards) for llm, name in sets])
        asked = [request_stem(llm, name, "").rstrip("/") for llm, name in sets]
        return inputs | sharded("requests", [(folder, shards) for folder in asked])

    def spec(self) -> JudgeSpec:
        entry = self.entry
        return JudgeSpec(
            prompt=self.catalogue.judge_prompts[entry.prompt],
            pairs=entry.pairs,
            faithful=entry.faithful,
            planted=entry.planted,
            max_tokens=entry.max_tokens,
            seed=self.study.seed,
        )


class JudgeRates(_JudgeJob, rule="judge_rates"):
    def reads(self) -> Inputs:
        entry = self.entry
        return answers(entry.llm, f"{entry.name}.{entry.prompt}", ONE_SHARD)

    def spec(self) -> JudgedSpec:
        return JudgedSpec(source=self.entry.source)
