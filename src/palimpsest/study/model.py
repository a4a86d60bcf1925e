"""The schema of a model file. As in an LLM file, `engine` is tuning and never identity."""

from typing import Annotated, Literal

from pydantic import Field

from palimpsest.study.fields import Declared, Positive, PositiveFloat, Share
from palimpsest.study.weights import Weights


class Training(Declared):
    """A training run, counted in optimiser steps so that equal budgets mean equal work."""

    steps: Positive
    batch_size: Positive = Field(description="Sequences a step, over all devices.")
    context: Positive = Field(description="Tokens a packed sequence.")
    learning_rate: PositiveFloat
    warmup_steps: int = Field(0, ge=0)
    weight_decay: float = Field(0.01, ge=0)
    precision: Literal["float32", "bfloat16"] = "float32"


class TrainingEngine(Declared):
    """Tuning of a training job. Never part of an identity."""

    device_batch_size: Positive | None = Field(
        None, description="Sequences on a device at once; gradients accumulate to `batch_size`."
    )
    checkpoint_steps: Positive = Field(100, description="Steps between resumable checkpoints.")
    gpus: int = Field(0, ge=0)
    threads: Positive = 1
    memory_mb: Positive = 4000
    runtime_minutes: Positive = 240


class DecoderArchitecture(Declared):
    """A Llama decoder built from scratch."""

    hidden_size: Positive
    intermediate_size: Positive
    layers: Positive
    heads: Positive


class Decoder(Declared):
    """A causal language model trained from scratch: `config/models/<name>.yaml`."""

    kind: Literal["decoder"]
    tokenizer: str = Field(description="A tokenizer that the study declares.")
    architecture: DecoderArchitecture
    training: Training
    engine: TrainingEngine = TrainingEngine()


class Encoder(Declared):
    """A masked language model that continues from weights: `config/models/<name>.yaml`."""

    kind: Literal["encoder"]
    weights: Weights
    training: Training | None = Field(
        None, description="Continued pretraining; absent for an encoder that is only compared with."
    )
    mask_probability: Share = 0.15
    engine: TrainingEngine = TrainingEngine()


Model = Annotated[Decoder | Encoder, Field(discriminator="kind")]
