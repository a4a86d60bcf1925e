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
from palimpsest.runtime.schema import Weights


class ExportCorpus(Job, rule="export_corpus"):
    def reads(self) -> Inputs:
        corpus = self.wildcards["corpus"]
        sets = []
        for part in self.catalogue.corpus(corpus).parts:
            if not part.original:
                source, llm, prompt = part.named()
                shards = self.catalogue.shards(source)
                for request_set in self.catalogue.rounds(source, llm, prompt):
                    sets.append((f"{RESULTS}/completions/{llm}/{request_set}", shards))
        stem, verdicts = f"{RESULTS}/corpora/{corpus}", []
        for release in demanding(self.catalogue, corpus):
            verdicts.append(f"{RESULTS}/release/{release.name}.json")
            stem = corpus_of_release(release, corpus, "repaired" if release.repair else "given")
        return table("corpus", stem) | sharded("completions", sets) | {"verdicts": verdicts}

    def spec(self) -> ExportSpec:
        study, catalogue = self.study, self.catalogue
        parts = [self._part(part) for part in catalogue.corpus(self.wildcards["corpus"]).parts]
        sources = [catalogue.source(name) for name in _once(part.source for part in parts)]
        prompts = [(name, catalogue.prompts[name]) for name in _once(part.prompt for part in parts)]
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
                    splits=catalogue.splits(source.name),
                )
                for source in sources
            ],
            llms=[_llm(name, catalogue.llms[name]) for name in _once(part.llm for part in parts)],
            prompts=[
                ExportedPrompt(name=name, system=prompt.system, user=prompt.user)
                for name, prompt in prompts
            ],
        )

    def _part(self, part: Any) -> ExportedPart:
        told = str(type(part).__doc__).partition("\n")[0]
        named = {"kind": part.kind, "told": told, "source": part.source}
        if part.original:
            return ExportedPart(**named, use=None, llm=None, prompt=None, screens=[])
        screens = self.catalogue.screens(part.use)
        return ExportedPart(
            **named,
            use=part.use,
            llm=part.llm,
            prompt=part.prompt,
            screens=[screen.identity() for screen in screens],
        )


def _once(names: Iterable[str | None]) -> list[str]:
    """The names of what is there, in order."""
    return list(dict.fromkeys(name for name in names if name))


def _llm(name: str, llm: Llm) -> ExportedLlm:
    return ExportedLlm(
        name=name,
        origin=_origin(llm.weights),
        licence=llm.licence,
        dtype=llm.dtype,
        sampling=llm.sampling.identity(),
    )


def _origin(weights: Weights) -> str:
    """Where weights come from; a folder of this machine is not named."""
    if weights.hub:
        return f"{weights.hub} at revision {weights.revision}"
    if weights.package:
        return f"{weights.file} of the Python package {weights.package}"
    return "a local folder"
