"""Reviews: pages on which people judge what an LLM wrote."""

from typing import Any

from palimpsest.datasets.config import LlmLabels
from palimpsest.graph.datasets import dataset_table, no_table
from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, notes_of, sharded, table
from palimpsest.graph.requests import request_stem
from palimpsest.reviews.config import Review, ReviewSpec
from palimpsest.study.catalogue import named


class ReviewPage(Job, rule="review_page"):
    @property
    def entry(self) -> Review:
        return named(self.study.reviews, self.wildcards["review"])

    def reads(self) -> Inputs:
        """The corpus with its requests and findings, or the dataset with its sentences' notes."""
        entry, notes = self.entry, no_table("notes")
        if entry.dataset is not None:
            dataset: Any = self.catalogue.dataset(entry.dataset)
            if isinstance(dataset, LlmLabels):
                notes = table("notes", notes_of(self.study, dataset.source))
            nothing = no_table("corpus") | sharded("requests", []) | sharded("findings", [])
            nothing |= no_table("judgements")
            return nothing | dataset_table("dataset", entry.dataset) | notes
        corpus = table("corpus", f"{RESULTS}/corpora/{entry.corpus}")
        asked = sharded("requests", [
            (request_stem(llm, request_set, "").rstrip("/"), shards)
            for _, llm, request_set, shards in self._asked()
        ])  # fmt: skip
        findings = sharded("findings", [
            (f"{RESULTS}/fidelity/{llm}/{request_set}", shards)
            for kind, llm, request_set, shards in self._asked()
            if kind == "rephrases"
        ])  # fmt: skip
        judgements = no_table("judgements")
        if entry.judge is not None:
            judgements = table("judgements", f"{RESULTS}/judgements/{entry.judge}")
        return corpus | asked | findings | judgements | no_table("dataset") | notes

    def _asked(self) -> list[tuple[str, str, str, list[str]]]:
        """Of the parts that an LLM wrote: kind, LLM, request set and shards."""
        parts: list[Any] = self.catalogue.corpus(self.entry.corpus or "").parts
        return [
            (part.kind, part.llm, request_set, self.catalogue.shards(part.source))
            for part in parts
            if not part.original
            for request_set in part.rounds(self.catalogue)
        ]

    def spec(self) -> ReviewSpec:
        entry = self.entry
        titles = {}
        if entry.dataset is not None:
            categories = self.catalogue.taxonomy(entry.dataset).categories
            titles = {category.name: category.title for category in categories}
        return ReviewSpec(review=entry.name, items=entry.items, seed=self.study.seed, titles=titles)
