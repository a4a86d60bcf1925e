"""Perplexity of decoders on held-out notes."""

from palimpsest.graph.job import Inputs, Job
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, model_files, notes_of, table
from palimpsest.perplexity.config import PerplexitySpec
from palimpsest.runtime.errors import UserError


class ScoreDecoder(Job, rule="score_decoder"):
    def reads(self) -> Inputs:
        model, corpus, seed = (self.wildcards[key] for key in ("model", "corpus", "seed"))
        source = self.catalogue.evaluation(self.wildcards["evaluation"]).source
        if model in self.catalogue.encoders():
            raise UserError(f"'{model}' is an encoder, expected a decoder")
        return {
            **model_files("checkpoint", f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}"),
            **table("corpus", f"{RESULTS}/corpora/{corpus}"),
            **table("notes", notes_of(self.study, source)),
            **SPLITS_CHECKED,
        }

    def spec(self) -> PerplexitySpec:
        evaluation = self.catalogue.evaluation(self.wildcards["evaluation"])
        return PerplexitySpec(evaluation=evaluation, seed=self.study.seed)
