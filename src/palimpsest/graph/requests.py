"""Requests to LLMs, and the sets of them.

A request set is what one LLM is asked under one prompt: a source or a dataset, a prompt, and the
round. The first round is the same for every LLM; further ones ask again for what was rejected of
an LLM's answers, so that their requests lie below its name. How many rounds there are is declared:
all jobs are known before any has run.
"""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, notes_of, table, tokenizer_of
from palimpsest.requests.config import RephraseSpec, RetrySpec, SynthesisSpec
from palimpsest.runtime.errors import UserError
from palimpsest.study.catalogue import Catalogue

KEPT = {"rephrase": "rephrases", "synthesize": "synthetic-notes"}  # folders, by use


def request_stem(llm: str, request_set: str, shard: str) -> str:
    """Where the requests of one shard and round lie."""
    first = request_set.count(".") == 1
    return f"{RESULTS}/requests/{request_set if first else f'{llm}/{request_set}'}/{shard}"


def answers(llm: str, request_set: str, shard: str) -> Inputs:
    """The requests of one shard and round, and their completions."""
    completions = f"{RESULTS}/completions/{llm}/{request_set}/{shard}"
    requests = request_stem(llm, request_set, shard)
    return table("requests", requests) | table("completions", completions)


def round_folders(catalogue: Catalogue, source: str, llm: str, prompt: str) -> list[str]:
    """Where what passed the screens of each round lies, the first round first."""
    found = catalogue.rewriting(source, llm, prompt)
    room = KEPT[found[0]] if found else ""
    rounds = catalogue.rounds(source, llm, prompt)
    return [f"{RESULTS}/{room}/{llm}/{request_set}" for request_set in rounds]


class RephraseRequests(Job, rule="rephrase_requests"):
    def reads(self) -> Inputs:
        source, shard = self.wildcards["source"], self.wildcards["shard"]
        return table("passages", f"{RESULTS}/passages/{source}/{shard}") | SPLITS_CHECKED

    def spec(self) -> RephraseSpec:
        source, prompt = self.wildcards["source"], self.wildcards["prompt"]
        for entry in self.study.rephrasings:
            if entry.source == source and prompt in entry.prompts:
                shards = self.catalogue.source(source).shards
                return RephraseSpec(
                    prompt=self.catalogue.prompts[prompt],
                    tokens=-(-entry.tokens // shards),
                    seed=self.study.seed,
                )
        raise UserError(f"no rephrasing declares source '{source}' and prompt '{prompt}'")


class SynthesisRequests(Job, rule="synthesis_requests"):
    def reads(self) -> Inputs:
        notes = table("notes", notes_of(self.study, self.wildcards["source"]))
        return notes | tokenizer_of(self.catalogue.passages.tokenizer) | SPLITS_CHECKED

    def spec(self) -> SynthesisSpec:
        source, prompt = self.wildcards["source"], self.wildcards["prompt"]
        for entry in self.study.syntheses:
            if entry.source == source and prompt in entry.prompts:
                shards = self.catalogue.source(source).shards
                return SynthesisSpec(
                    prompt=self.catalogue.prompts[prompt],
                    tokens=-(-entry.tokens // shards),
                    seed=self.study.seed,
                    max_tokens=entry.max_tokens,
                )
        raise UserError(f"no synthesis declares source '{source}' and prompt '{prompt}'")


class RetryRequests(Job, rule="retry_requests"):
    def reads(self) -> Inputs:
        source, llm, prompt, shard = (
            self.wildcards[name] for name in ("source", "llm", "prompt", "shard")
        )
        before = int(self.wildcards["round"]) - 1
        earlier = self.catalogue.rounds(source, llm, prompt)[before]
        kept = round_folders(self.catalogue, source, llm, prompt)[before]
        return (
            table("requests", request_stem(llm, earlier, shard))
            | table("rejects", f"{kept}/{shard}.rejects")
            | tokenizer_of(self.catalogue.passages.tokenizer)
        )

    def spec(self) -> RetrySpec:
        source, llm, prompt = (self.wildcards[name] for name in ("source", "llm", "prompt"))
        found = self.catalogue.rewriting(source, llm, prompt)
        retry = found[1].retry if found else None
        return RetrySpec(
            prompt=self.catalogue.prompts[prompt], reasons=sorted(retry.reasons) if retry else []
        )
