"""Corpora: mixtures of original notes and rephrases."""

from palimpsest.corpora.config import CorpusSpec
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, sharded, tokenizer_of


class MixCorpus(Job, rule="mix_corpus"):
    def reads(self) -> Inputs:
        sets = [
            (f"{RESULTS}/{folder}", self.catalogue.shards(part.source))
            for part in self.catalogue.corpus(self.wildcards["corpus"]).parts
            for folder in part.folders(self.catalogue)
        ]
        tokenizer = tokenizer_of(self.catalogue.passages.tokenizer)
        return tokenizer | sharded("parts", sets) | SPLITS_CHECKED

    def spec(self) -> CorpusSpec:
        corpus = self.catalogue.corpus(self.wildcards["corpus"])
        return CorpusSpec(corpus=corpus, seed=self.study.seed)
