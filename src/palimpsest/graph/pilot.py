"""The pilot: a sample of each LLM, prompt, context and sampling, and what it says of the study."""

from collections.abc import Iterable

from palimpsest.completions.config import DECLARED, CompletionsSpec, PilotSampleSpec
from palimpsest.graph.completions import CompleteRequests
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, notes_of, sharded, table, tables, tokenizer_of
from palimpsest.graph.plan import planned_sets
from palimpsest.graph.requests import request_stem
from palimpsest.graph.screens import ScreenCompletions
from palimpsest.study.catalogue import REWRITINGS, Catalogue, Use


def variants(catalogue: Catalogue) -> list[tuple[Use, str]]:
    """What becomes text of corpora, under each sampling of its LLM, by the sampling's name."""
    return [
        (use, sampling)
        for use in catalogue.uses()
        if use.kind in REWRITINGS
        for sampling in catalogue.samplings(use.llm)
    ]


def pilot_stem(room: str, llm: str, sampling: str, request_set: str, shard: str) -> str:
    """Where a table of a pilot lies."""
    return f"{RESULTS}/pilot/{room}/{llm}/{sampling}/{request_set}/{shard}"


def sample_stem(llm: str, request_set: str, shard: str) -> str:
    """Where the requests of a pilot lie, the same for all samplings of an LLM."""
    return f"{RESULTS}/pilot/requests/{llm}/{request_set}/{shard}"


class SampleRequests(Job, rule="pilot_requests"):
    def reads(self) -> Inputs:
        llm, request_set, shard = (self.wildcards[key] for key in ("llm", "request_set", "shard"))
        return table("requests", request_stem(llm, request_set, shard))

    def spec(self) -> PilotSampleSpec:
        window = self.catalogue.llms[self.wildcards["llm"]].engine.window
        return PilotSampleSpec(requests=self.study.pilot.requests or window)


class AskPilot(CompleteRequests, rule="ask_pilot"):
    def reads(self) -> Inputs:
        llm, request_set, shard = (self.wildcards[key] for key in ("llm", "request_set", "shard"))
        return super().reads() | table("requests", sample_stem(llm, request_set, shard))

    def spec(self) -> CompletionsSpec:
        """As of the study: an answer under the sampling that it has in the end is there already."""
        asked = super().spec()
        sampling = self.catalogue.samplings(asked.llm_name)[self.wildcards["sampling"]]
        llm = asked.llm.model_copy(update={"sampling": sampling})
        return asked.model_copy(update={"llm": llm})


class ScreenPilot(ScreenCompletions, rule="screen_pilot"):
    def reads(self) -> Inputs:
        llm, sampling, request_set, shard = (
            self.wildcards[key] for key in ("llm", "sampling", "request_set", "shard")
        )
        asked = table("requests", sample_stem(llm, request_set, shard))
        answers = pilot_stem("completions", llm, sampling, request_set, shard)
        tokenizer = tokenizer_of(self.catalogue.passages.tokenizer)
        return asked | table("completions", answers) | tokenizer

    @property
    def use(self) -> str:
        asked = (use for use in self.catalogue.uses() if use.kind in REWRITINGS)
        return next(use.kind for use in asked if use.request_set == self.wildcards["request_set"])


class PilotFindings(Job, rule="pilot_findings"):
    def reads(self) -> Inputs:
        llm, sampling, request_set, shard = (
            self.wildcards[key] for key in ("llm", "sampling", "request_set", "shard")
        )
        source = self.catalogue.request_sets(llm)[request_set]
        return (
            table("requests", sample_stem(llm, request_set, shard))
            | table("rephrases", pilot_stem("rephrases", llm, sampling, request_set, shard))
            | table("passages", f"{RESULTS}/passages/{source}/{shard}")
        )


class PilotTable(Job, rule="pilot_table"):
    def reads(self) -> Inputs:
        asked = variants(self.catalogue)
        uses = [use for use, _ in asked]
        sets = [
            (f"{RESULTS}/requests/{use.request_set}", self.catalogue.shards(use.name))
            for use in uses
        ]
        sources = [notes_of(self.study, use.name) for use in uses]
        kept = self._stems("rephrases")
        return {
            "samples": [
                f"{sample_stem(use.llm, use.request_set, self.catalogue.shards(use.name)[0])}.json"
                for use in dict.fromkeys(uses)
            ],
            "completions": [f"{stem}.json" for stem in self._stems("completions")],
            **tables("kept", kept),
            **tables("rejects", (f"{stem}.rejects" for stem in kept)),
            **sharded("requests", sets),
            **tables("notes", sources),
            **tables("findings", self._stems("fidelity", {"rephrase"})),
        }

    def _stems(self, room: str, kinds: Iterable[str] = REWRITINGS) -> list[str]:
        return [
            pilot_stem(room, use.llm, name, use.request_set, self.catalogue.shards(use.name)[0])
            for use, name in variants(self.catalogue)
            if use.kind in kinds
        ]


class Pilot(Job, rule="pilot"):
    def reads(self) -> Inputs:
        """The table, and a sample of what else LLMs are asked, from which a plan gets better."""
        rewritten = {use.request_set for use, _ in variants(self.catalogue)}
        return {
            "tables": [f"{RESULTS}/pilot.csv"] if rewritten else [],
            "others": [
                f"{pilot_stem('completions', llm, DECLARED, request_set, shards[0])}.json"
                for llm in self.catalogue.asked_llms()
                for request_set, shards in planned_sets(self.catalogue, llm)
                if request_set not in rewritten
            ],
        }
