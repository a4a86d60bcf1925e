"""Perplexity of decoders on held-out notes."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, model_files, table
from palimpsest.perplexity.config import PerplexitySpec


class ScoreDecoder(Job, rule="score_decoder"):
    def reads(self) -> Inputs:
        model, corpus, seed = (self.wildcards[key] for key in ("model", "corpus", "seed"))
        source = self.catalogue.evaluation(self.wildcards["evaluation"]).source
        checkpoint = f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}"
        notes = table("notes", f"{RESULTS}/notes/{source}")
        return model_files("checkpoint", checkpoint) | notes | SPLITS_CHECKED

    def spec(self) -> PerplexitySpec:
        evaluation = self.catalogue.evaluation(self.wildcards["evaluation"])
        return PerplexitySpec(evaluation=evaluation, seed=self.study.seed)
