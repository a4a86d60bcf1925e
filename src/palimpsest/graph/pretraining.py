"""Tokenizers of decoders, and checkpoints."""

from palimpsest.graph.job import Data, Inputs, Job
from palimpsest.graph.places import (
    RESULTS,
    SPLITS_CHECKED,
    model_files,
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


class TrainTokenizer(Job, rule="train_tokenizer"):
    def reads(self) -> Inputs:
        source = self.catalogue.tokenizer(self.wildcards["tokenizer"]).source
        folder = f"{RESULTS}/passages/{source}"
        return sharded("passages", [(folder, self.catalogue.shards(source))]) | SPLITS_CHECKED

    def spec(self) -> TokenizerSpec:
        declared = self.catalogue.tokenizer(self.wildcards["tokenizer"])
        return TokenizerSpec(vocab_size=declared.vocab_size)


class CountTokens(Job, rule="count_tokens"):
    def reads(self) -> Inputs:
        name = self.wildcards["model"]
        model = self.catalogue.models[name]
        held = f"tokenizers/{model.tokenizer}" if isinstance(model, Decoder) else f"weights/{name}"
        corpus = table("corpus", f"{RESULTS}/corpora/{self.wildcards['corpus']}")
        return tokenizer_at(f"{RESULTS}/{held}") | corpus

    def spec(self) -> PackingSpec:
        model = self.catalogue.models[self.wildcards["model"]]
        training = trained(model, self.wildcards["model"], self.wildcards["corpus"])
        return PackingSpec(
            kind=model.kind,
            context=training.context,
            batch_size=training.batch_size,
            steps=training.steps,
        )


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
        if isinstance(model, Decoder):
            tokenizer = f"{RESULTS}/tokenizers/{model.tokenizer}"
            start = model_files("start", tokenizer, ["tokenizer.json"])
        else:
            start = weights("start", name)
        corpus = table("corpus", f"{RESULTS}/corpora/{self.wildcards['corpus']}")
        # How training is tuned: read when the job runs, and never a reason to run it.
        return {**start, **corpus, "model": Data(f"config/models/{name}.yaml")}

    def spec(self) -> TrainingSpec:
        model = self.catalogue.models[self.wildcards["model"]]
        recipe = DecoderRecipe if isinstance(model, Decoder) else EncoderRecipe
        return TrainingSpec(model=model.narrowed(recipe), seed=int(self.wildcards["seed"]))
