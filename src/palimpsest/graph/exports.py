"""Exports: corpora as folders that others can open."""

from collections.abc import Iterable
from typing import Any

from palimpsest.completions.config import Llm
from palimpsest.exports.config import (
    ExportedLlm,
    ExportedPart,
    ExportedPrompt,
    ExportedSource,
    ExportSpec,
)
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, sharded, table
from palimpsest.graph.release import corpus_of_release, demanding
from palimpsest.requests.config import ContextSpec, Prompt
from palimpsest.runtime.request_sets import NO_CONTEXT
from palimpsest.runtime.schema import Weights


class ExportCorpus(Job, rule="export_corpus"):
    def reads(self) -> Inputs:
        corpus = self.wildcards["corpus"]
        sets = []
        parts: list[Any] = self.catalogue.corpus(corpus).parts
        for part in parts:
            if not part.original:
                shards = self.catalogue.shards(part.source)
                for request_set in part.rounds(self.catalogue):
                    sets.append((f"{RESULTS}/completions/{part.llm}/{request_set}", shards))
        stem, verdicts = f"{RESULTS}/corpora/{corpus}", []
        for release in demanding(self.catalogue, corpus):
            verdicts.append(f"{RESULTS}/release/{release.name}.json")
            stem = corpus_of_release(release, corpus, "repaired" if release.repair else "given")
        return table("corpus", stem) | sharded("completions", sets) | {"verdicts": verdicts}

    def spec(self) -> ExportSpec:
        study, catalogue = self.study, self.catalogue
        parts = [self._part(part) for part in catalogue.corpus(self.wildcards["corpus"]).parts]
        sources = [catalogue.source(name) for name in _once(part.source for part in parts)]
        prompts = self._prompts(parts)
        return ExportSpec(
            corpus=self.wildcards["corpus"],
            seed=study.seed,
            tokenizer=self.catalogue.passages.tokenizer,
            parts=parts,
            sources=[
                ExportedSource(
                    name=source.name,
                    kind=source.kind,
                    licence=source.licence,
                    data_use=source.data_use,
                    splits=catalogue.splits(source.name),
                )
                for source in sources
            ],
            llms=[_llm(name, catalogue.llms[name]) for name in _once(part.llm for part in parts)],
            prompts=[
                ExportedPrompt(
                    name=name, system=prompt.system, user=prompt.user, context=prompt.context
                )
                for name, prompt in prompts
            ],
            contexts=[
                {"name": name, **catalogue.context(name).narrowed(ContextSpec).identity()}
                for name in _once(part.context for part in parts)
                if name != NO_CONTEXT
            ],
        )

    def _prompts(self, parts: list[ExportedPart]) -> list[tuple[str, Prompt]]:
        """The prompts of some parts, each with what it says of contexts where a part has one."""
        told = {part.prompt for part in parts if part.context not in (None, NO_CONTEXT)}
        found = [(name, self.catalogue.prompts[name]) for name in _once(p.prompt for p in parts)]
        return [(name, one if name in told else one.without_context()) for name, one in found]

    def _part(self, part: Any) -> ExportedPart:
        named = {"kind": part.kind, "told": part.told, "source": part.source}
        if part.original:
            return ExportedPart(**named, use=None, llm=None, prompt=None, context=None, screens=[])
        screens = self.catalogue.screens(part.use)
        return ExportedPart(
            **named,
            use=part.use,
            llm=part.llm,
            prompt=part.prompt,
            context=part.asked().context,
            screens=[screen.identity() for screen in screens],
        )


def _once(names: Iterable[str | None]) -> list[str]:
    """The names of what is there, in order."""
    return list(dict.fromkeys(name for name in names if name))


def _llm(name: str, llm: Llm) -> ExportedLlm:
    return ExportedLlm(
        name=name,
        origin=origin_of(llm.weights),
        licence=llm.licence,
        data_use=llm.data_use,
        dtype=llm.dtype,
        sampling=llm.sampling.identity(),
    )


def origin_of(weights: Weights) -> str:
    """Where weights come from; a folder of this machine is not named."""
    if weights.hub:
        return f"{weights.hub} at revision {weights.revision}"
    if weights.package:
        return f"{weights.file} of the Python package {weights.package}"
    return "a local folder"
