"""Passages of notes."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import notes_of, table, tokenizer_of
from palimpsest.passages.config import PassagesSpec


class CutPassages(Job, rule="cut_passages"):
    def reads(self) -> Inputs:
        notes = notes_of(self.study, self.wildcards["source"])
        return tokenizer_of(self.catalogue.passages.tokenizer) | table("notes", notes)

    def spec(self) -> PassagesSpec:
        return self.catalogue.passages.narrowed(PassagesSpec)
