"""Corpora: mixtures of notes, rephrases and synthetic notes."""

from palimpsest.corpora.config import CorpusSpec
from palimpsest.datasets.config import LlmSentences
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import (
    RESULTS,
    SPLITS_CHECKED,
    notes_of,
    sharded,
    tables,
    tokenizer_of,
)
from palimpsest.runtime.schema import EvaluationNotes


class MixCorpus(Job, rule="mix_corpus"):
    def reads(self) -> Inputs:
        sets = [
            (f"{RESULTS}/{folder}", self.catalogue.shards(part.source))
            for part in self.catalogue.corpus(self.wildcards["corpus"]).parts
            for folder in part.folders(self.catalogue)
        ]
        tokenizer = tokenizer_of(self.catalogue.passages.tokenizer)
        return (
            tokenizer | sharded("parts", sets) | tables("judged", self._judged()) | SPLITS_CHECKED
        )

    def _judged(self) -> list[str]:
        """The tables of what is judged, where the corpus is to have none of it.

        Datasets that an LLM makes have no test examples, and are of training notes if any.
        """
        if not self.catalogue.corpus(self.wildcards["corpus"]).decontaminate:
            return []
        notes = [notes_of(self.study, entry.source) for entry in self.study.evaluations]
        datasets = [entry for entry in self.study.datasets if not isinstance(entry, LlmSentences)]
        return notes + [f"{RESULTS}/datasets/{entry.name}" for entry in datasets]

    def spec(self) -> CorpusSpec:
        corpus = self.catalogue.corpus(self.wildcards["corpus"])
        entries = self.study.evaluations if corpus.decontaminate else []
        judged = [entry.narrowed(EvaluationNotes) for entry in entries]
        return CorpusSpec(corpus=corpus, evaluations=judged, seed=self.study.seed)
