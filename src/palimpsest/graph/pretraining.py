"""Tokenizers of models from scratch, and checkpoints."""

from palimpsest.graph.job import Inputs, Job, Recipe
from palimpsest.graph.places import (
    RESULTS,
    SPLITS_CHECKED,
    model_files,
    notes_of,
    sharded,
    table,
    tokenizer_at,
    weights,
)
from palimpsest.pretraining.config import (
    Decoder,
    DecoderRecipe,
    Encoder,
    EncoderRecipe,
    PackingSpec,
    TokenizerSpec,
    Training,
    TrainingSpec,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.schema import EvaluationNotes
from palimpsest.study.catalogue import Catalogue


class TrainTokenizer(Job, rule="train_tokenizer"):
    def reads(self) -> Inputs:
        name = self.wildcards["tokenizer"]
        source = self.catalogue.tokenizer(name).source
        if source is None:
            raise UserError(f"tokenizer '{name}' has one for each corpus: expected a corpus")
        folder = f"{RESULTS}/passages/{source}"
        return sharded("passages", [(folder, self.catalogue.shards(source))]) | SPLITS_CHECKED

    def spec(self) -> TokenizerSpec:
        declared = self.catalogue.tokenizer(self.wildcards["tokenizer"])
        return declared.narrowed(TokenizerSpec)


class TrainCorpusTokenizer(TrainTokenizer, rule="train_corpus_tokenizer"):
    def reads(self) -> Inputs:
        name, corpus = self.wildcards["tokenizer"], self.wildcards["corpus"]
        if not self.catalogue.tokenizer(name).per_corpus:
            raise UserError(f"tokenizer '{name}' is trained on a source: expected no corpus")
        return table("corpus", f"{RESULTS}/corpora/{self.catalogue.corpus(corpus).name}")


class CountTokens(Job, rule="count_tokens"):
    def reads(self) -> Inputs:
        name = self.wildcards["model"]
        model = self.catalogue.models[name]
        held = f"{RESULTS}/weights/{name}"
        if model.tokenizer is not None:
            held = tokenizer_stem(self.catalogue, model.tokenizer, self.wildcards["corpus"])
        corpus = table("corpus", f"{RESULTS}/corpora/{self.wildcards['corpus']}")
        return tokenizer_at(held) | corpus

    def spec(self) -> PackingSpec:
        model = self.catalogue.models[self.wildcards["model"]]
        training = trained(model, self.wildcards["model"], self.wildcards["corpus"])
        return PackingSpec(
            kind=model.kind,
            context=training.context,
            batch_size=training.batch_size,
            steps=training.steps,
            document_masking=training.document_masking,
        )


def tokenizer_stem(catalogue: Catalogue, name: str, corpus: str) -> str:
    """Where the tokenizer of a model from scratch is."""
    stem = f"{RESULTS}/tokenizers/{name}"
    return f"{stem}/{corpus}" if catalogue.tokenizer(name).per_corpus else stem


def trained(model: Decoder | Encoder, name: str, corpus: str) -> Training:
    """How a model is trained. Raises UserError where it is not."""
    if model.training is None:
        raise UserError(
            f"config/models/{name}.yaml has no 'training', so it cannot be adapted to corpus "
            f"'{corpus}'"
        )
    return model.training


class TrainModel(Job, rule="train_model"):
    def reads(self) -> Inputs:
        name = self.wildcards["model"]
        model = self.catalogue.models[name]
        trained(model, name, self.wildcards["corpus"])
        if model.tokenizer is not None:
            stem = tokenizer_stem(self.catalogue, model.tokenizer, self.wildcards["corpus"])
            start = model_files("start", stem, ["tokenizer.json"])
        else:
            start = weights("start", name)
        corpus = table("corpus", f"{RESULTS}/corpora/{self.wildcards['corpus']}")
        valid: Inputs = {"valid_manifest": [], "valid": []}
        if self.study.validation is not None:
            source = self.catalogue.evaluation(self.study.validation).source
            # Which notes are drawn is in the key of the work: others start no training.
            valid = table("valid", notes_of(self.study, source)) | SPLITS_CHECKED
        # How training is tuned: read when the job runs, and never a reason to run it.
        return {**start, **corpus, **valid, "model": Recipe(f"config/models/{name}.yaml")}

    def spec(self) -> TrainingSpec:
        model = self.catalogue.models[self.wildcards["model"]]
        recipe = DecoderRecipe if isinstance(model, Decoder) else EncoderRecipe
        validation = None
        if self.study.validation is not None:
            validation = self.catalogue.evaluation(self.study.validation).narrowed(EvaluationNotes)
        return TrainingSpec(
            model=model.narrowed(recipe),
            seed=int(self.wildcards["seed"]),
            validation=validation,
            sampling_seed=self.study.seed if validation else None,
        )
