"""Requests to LLMs, and the sets of them.

A request set is what one LLM is asked under one prompt: a source or a dataset, a prompt, the
context where there is one, and the round. The first round is the same for every LLM; further ones
ask again for what was rejected of an LLM's answers, so that their requests lie below its name. How
many rounds there are is declared: all jobs are known before any has run.
"""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, notes_of, table, tokenizer_of
from palimpsest.requests.config import (
    ContextSpec,
    Prompt,
    RephraseInContextSpec,
    RephraseSpec,
    RetrySpec,
    Rewriting,
    SynthesisSpec,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.request_sets import NO_CONTEXT, RequestSet
from palimpsest.study.catalogue import Catalogue

KEPT = {"rephrase": "rephrases", "synthesize": "synthetic-notes"}  # folders, by use


def request_stem(llm: str, request_set: str, shard: str) -> str:
    """Where the requests of one shard and round lie."""
    first = not RequestSet.parse(request_set).round
    return f"{RESULTS}/requests/{request_set if first else f'{llm}/{request_set}'}/{shard}"


def answers(llm: str, request_set: str, shard: str) -> Inputs:
    """The requests of one shard and round, and their completions."""
    completions = f"{RESULTS}/completions/{llm}/{request_set}/{shard}"
    requests = request_stem(llm, request_set, shard)
    return table("requests", requests) | table("completions", completions)


def round_folders(
    catalogue: Catalogue, source: str, llm: str, prompt: str, context: str
) -> list[str]:
    """Where what passed the screens of each round lies, the first round first."""
    found = catalogue.rewriting(source, llm, prompt, context)
    room = KEPT[found[0]] if found else ""
    rounds = catalogue.rounds(source, llm, prompt, context)
    return [f"{RESULTS}/{room}/{llm}/{request_set}" for request_set in rounds]


def asked_prompt(catalogue: Catalogue, prompt: str, context: str) -> Prompt:
    """A prompt as it is used: what it says of contexts counts only where there is one."""
    found = catalogue.prompts[prompt]
    return found.without_context() if context == NO_CONTEXT else found


class RephraseRequests(Job, rule="rephrase_requests"):
    def reads(self) -> Inputs:
        source, shard = self.wildcards["source"], self.wildcards["shard"]
        return table("passages", f"{RESULTS}/passages/{source}/{shard}") | SPLITS_CHECKED

    def spec(self) -> RephraseSpec:
        return RephraseSpec(
            prompt=asked_prompt(self.catalogue, self.wildcards["prompt"], self.context),
            tokens=-(-self._declared().tokens // self.catalogue.shard_count(self.source)),
            seed=self.study.seed,
        )

    @property
    def source(self) -> str:
        return self.wildcards["source"]

    @property
    def context(self) -> str:
        return self.wildcards.get("context", NO_CONTEXT)

    def _declared(self) -> Rewriting:
        prompt = self.wildcards["prompt"]
        for entry in self.study.rephrasings:
            if entry.asks(self.source, prompt, self.context):
                return entry
        raise UserError(
            f"no rephrasing declares source '{self.source}', prompt '{prompt}' and context "
            f"'{self.context}'"
        )


class RephraseInContext(RephraseRequests, rule="rephrase_in_context"):
    def reads(self) -> Inputs:
        """The notes, too: what is told of a note stands outside the passage."""
        notes = table("notes", notes_of(self.study, self.source))
        return super().reads() | notes | tokenizer_of(self.catalogue.passages.tokenizer)

    def spec(self) -> RephraseInContextSpec:
        told = self.catalogue.context(self.context).narrowed(ContextSpec)
        return RephraseInContextSpec(**dict(super().spec()), context=told)


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
                    prompt=asked_prompt(self.catalogue, prompt, NO_CONTEXT),
                    tokens=-(-entry.tokens // shards),
                    seed=self.study.seed,
                    max_tokens=entry.max_tokens,
                )
        raise UserError(f"no synthesis declares source '{source}' and prompt '{prompt}'")


class RetryRequests(Job, rule="retry_requests"):
    def reads(self) -> Inputs:
        llm, shard = self.wildcards["llm"], self.wildcards["shard"]
        before = int(self.wildcards["round"]) - 1
        earlier = self.catalogue.rounds(*self._asked())[before]
        kept = round_folders(self.catalogue, *self._asked())[before]
        return (
            table("requests", request_stem(llm, earlier, shard))
            | table("rejects", f"{kept}/{shard}.rejects")
            | tokenizer_of(self.catalogue.passages.tokenizer)
        )

    def spec(self) -> RetrySpec:
        *_, prompt, context = self._asked()
        found = self.catalogue.rewriting(*self._asked())
        retry = found[1].retry if found else None
        return RetrySpec(
            prompt=asked_prompt(self.catalogue, prompt, context),
            reasons=sorted(retry.reasons) if retry else [],
        )

    def _asked(self) -> tuple[str, str, str, str]:
        """Source, LLM, prompt and context."""
        source, llm, prompt = (self.wildcards[name] for name in ("source", "llm", "prompt"))
        return source, llm, prompt, self.wildcards.get("context", NO_CONTEXT)


class RetryInContext(RetryRequests, rule="retry_in_context"):
    pass
