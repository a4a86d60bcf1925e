"""Corpora: mixtures of original notes and rephrases."""

from palimpsest.corpora.config import CorpusSpec, NotesPart
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, sharded, tokenizer_of
from palimpsest.graph.requests import round_folders


class MixCorpus(Job, rule="mix_corpus"):
    def reads(self) -> Inputs:
        sets = []
        for part in self.catalogue.corpus(self.wildcards["corpus"]).parts:
            if isinstance(part, NotesPart):
                folders = [f"{RESULTS}/passages/{part.source}"]
            else:
                folders = round_folders(self.catalogue, part.source, part.llm, part.prompt)
            sets += [(folder, self.catalogue.shards(part.source)) for folder in folders]
        tokenizer = tokenizer_of(self.catalogue.passages.tokenizer)
        return tokenizer | sharded("parts", sets) | SPLITS_CHECKED

    def spec(self) -> CorpusSpec:
        corpus = self.catalogue.corpus(self.wildcards["corpus"])
        return CorpusSpec(corpus=corpus, seed=self.study.seed)
