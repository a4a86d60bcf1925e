"""Passages of notes."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, table, tokenizer_of
from palimpsest.passages.config import PassagesSpec


class CutPassages(Job, rule="cut_passages"):
    def reads(self) -> Inputs:
        notes = f"{RESULTS}/notes/{self.wildcards['source']}"
        return tokenizer_of(self.catalogue.passages.tokenizer) | table("notes", notes)

    def spec(self) -> PassagesSpec:
        return self.catalogue.passages.narrowed(PassagesSpec)
