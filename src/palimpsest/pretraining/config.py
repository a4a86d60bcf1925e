"""The schema of a model file. As in an LLM file, `resources` is tuning and never identity."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.schema import (
    Declared,
    Name,
    Positive,
    PositiveFloat,
    Seed,
    Share,
    Weights,
)


class Training(Declared):
    """A training run, counted in optimiser steps so that equal budgets mean equal work."""

    steps: Positive = Field(description="Optimiser steps.")
    batch_size: Positive = Field(description="Sequences a step, over all devices.")
    context: int = Field(ge=8, description="Tokens a packed sequence.")
    learning_rate: PositiveFloat = Field(description="Highest rate; it falls along a cosine.")
    warmup_steps: int = Field(0, ge=0, description="Steps in which the rate rises.")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's.")
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="`bfloat16` is mixed precision; weights stay float32."
    )


class TrainingResources(Declared):
    """Tuning of a training job. Never part of an identity."""

    device_batch_size: Positive | None = Field(
        None, description="Sequences on a device at once; gradients accumulate to `batch_size`."
    )
    checkpoint_steps: Positive = Field(100, description="Steps between resumable checkpoints.")
    gpus: int = Field(0, ge=0, description="GPUs a job asks for.")
    threads: Positive = Field(1, description="CPU cores a job asks for.")
    memory_mb: Positive = Field(4000, description="Memory a job asks for.")
    runtime_minutes: Positive = Field(240, description="Time a job asks for on a cluster.")


class DecoderArchitecture(Declared):
    """A Llama decoder built from scratch."""

    hidden_size: Positive = Field(description="Width of a layer; a multiple of `heads`.")
    intermediate_size: Positive = Field(description="Width of the feed-forward block.")
    layers: Positive = Field(description="Number of layers.")
    heads: Positive = Field(description="Attention heads a layer.")

    @model_validator(mode="after")
    def _heads_fit(self) -> "DecoderArchitecture":
        if self.hidden_size % (2 * self.heads):  # rotary positions turn pairs of numbers
            raise ValueError(
                f"hidden_size {self.hidden_size} must be a multiple of twice the heads, "
                f"{2 * self.heads}"
            )
        return self


class DecoderRecipe(Declared):
    """What a decoder is, besides its tokenizer."""

    kind: Literal["decoder"] = Field(description="Chooses this form.")
    architecture: DecoderArchitecture = Field(description="Its shape.")
    training: Training = Field(description="Its training run.")


class EncoderRecipe(Declared):
    """What is done to an encoder's weights."""

    kind: Literal["encoder"] = Field(description="Chooses this form.")
    training: Training | None = Field(
        None, description="Continued pretraining; absent for an encoder that is only compared with."
    )
    mask_probability: Share = Field(0.15, description="Share of tokens to be predicted.")


class _Trained(Declared):
    """What both kinds of model must hold to."""

    resources: TrainingResources = Field(
        TrainingResources(), description="Tuning; changing it reruns nothing."
    )

    @model_validator(mode="after")
    def _batch_fits(self) -> "_Trained":
        training: Training | None = getattr(self, "training", None)
        size, part = training and training.batch_size, self.resources.device_batch_size
        if size and part and size % part:
            raise ValueError(f"device_batch_size {part} does not divide batch_size {size}")
        return self


class Decoder(DecoderRecipe, _Trained):
    """A causal language model trained from scratch: `config/models/<name>.yaml`."""

    tokenizer: str = Field(description="A tokenizer that the study declares.")


class Encoder(EncoderRecipe, _Trained):
    """A masked language model that continues from weights: `config/models/<name>.yaml`."""

    weights: Weights = Field(description="What it starts from.")


Model = Annotated[Decoder | Encoder, Field(discriminator="kind")]


class Tokenizer(Declared):
    """A byte-level BPE tokenizer trained on a source's original training notes."""

    name: Name
    source: str = Field(description="A declared source.")
    vocab_size: Positive = Field(description="Entries; fewer where the text gives no more.")


class TokenizerSpec(Declared):
    """What a tokenizer depends on besides the passages."""

    vocab_size: Positive


class TrainingSpec(Declared):
    """What a checkpoint depends on besides the corpus and what training starts from."""

    model: Annotated[DecoderRecipe | EncoderRecipe, Field(discriminator="kind")]
    seed: Seed


class PackingSpec(Declared):
    """What the counts of a corpus depend on besides its texts and the tokenizer."""

    kind: Literal["decoder", "encoder"]
    context: int
    batch_size: Positive
    steps: Positive
