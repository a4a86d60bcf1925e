"""Losses of models on held-out notes, and their perplexity."""

from palimpsest.graph.job import Data, Inputs, Job
from palimpsest.graph.places import RESULTS, SPLITS_CHECKED, model_files, notes_of, place, table
from palimpsest.perplexity.config import LossesSpec, PerplexitySpec
from palimpsest.pretraining.config import Decoder, TrainingResources
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.schema import NO_CORPUS, EvaluationNotes


class TokenLosses(Job, rule="token_losses"):
    def reads(self) -> Inputs:
        model, corpus, seed = (self.wildcards[key] for key in ("model", "corpus", "seed"))
        if corpus == NO_CORPUS:
            raise UserError(f"'{model}' on '{NO_CORPUS}' has no corpus, expected a declared one")
        source = self.catalogue.evaluation(self.wildcards["evaluation"]).source
        return {
            **model_files("checkpoint", f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}"),
            **table("notes", notes_of(self.study, source)),
            **SPLITS_CHECKED,
        }

    def spec(self) -> LossesSpec:
        evaluation = self.catalogue.evaluation(self.wildcards["evaluation"])
        model = self.catalogue.models[self.wildcards["model"]]
        if model.training is None:
            raise UserError(
                f"config/models/{self.wildcards['model']}.yaml has no 'training', so it has no "
                "losses after training on a corpus"
            )
        decoder, context = isinstance(model, Decoder), model.training.context
        if decoder and evaluation.stride and evaluation.stride >= context:
            raise UserError(
                f"evaluations.{evaluation.name}.stride: {evaluation.stride} leaves no context of "
                f"the {context} tokens that '{self.wildcards['model']}' sees; expected less"
            )
        return LossesSpec(
            evaluation=evaluation.narrowed(EvaluationNotes),
            context=context,
            stride=(evaluation.stride or context // 2) if decoder else None,
            masked_tokens=None if decoder else evaluation.masked_tokens,
            seed=self.study.seed,
        )

    def resources(self) -> TrainingResources:
        return self.on_one_gpu()


class MeasurePerplexity(Job, rule="measure_perplexity"):
    def reads(self) -> Inputs:
        model, corpus, seed = (self.wildcards[key] for key in ("model", "corpus", "seed"))
        source = self.catalogue.evaluation(self.wildcards["evaluation"]).source
        checkpoint = f"{RESULTS}/checkpoints/{model}/{corpus}/seed{seed}"
        return {
            **table("losses", place("losses", self.wildcards)),
            "tokenizer_manifest": f"{checkpoint}.json",
            "tokenizer": Data(f"{checkpoint}/tokenizer.json"),
            **table("corpus", f"{RESULTS}/corpora/{corpus}"),
            **table("notes", notes_of(self.study, source)),
        }

    def spec(self) -> PerplexitySpec:
        evaluation = self.catalogue.evaluation(self.wildcards["evaluation"])
        return PerplexitySpec(evaluation=evaluation.narrowed(EvaluationNotes), seed=self.study.seed)
