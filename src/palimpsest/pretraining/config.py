"""The schema of a model file. As in an LLM file, `resources` is tuning and never identity."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.schema import (
    DataUse,
    Declared,
    EvaluationNotes,
    Licence,
    Name,
    Positive,
    PositiveFloat,
    Seed,
    Share,
    Weights,
)

# Encoders whose attention is known to keep to a mask that it is given.
MASKABLE = ("bert", "modernbert", "roberta")


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
    document_masking: bool = Field(
        False,
        description="Whether a document in a packed sequence sees itself alone, with positions of "
        "its own. Without it a document also sees those before it in its sequence.",
    )


class TrainingResources(Declared):
    """Tuning of a training job. Never part of an identity."""

    device_batch_size: Positive | None = Field(
        None, description="Sequences on a device at once; gradients accumulate to `batch_size`."
    )
    checkpoint_steps: Positive = Field(100, description="Steps between resumable checkpoints.")
    compile: bool = Field(
        False, description="Whether `torch.compile` compiles the layers: for long runs on GPUs."
    )
    gpus: int = Field(
        0,
        ge=0,
        description="GPUs a training asks for, each with a process of its own. Fine-tuning and "
        "scoring are one process each, and ask for one GPU where this is not 0.",
    )
    threads: Positive = Field(1, description="CPU cores a job asks for.")
    memory_mb: Positive = Field(4000, description="Memory a job asks for.")
    runtime_minutes: Positive = Field(240, description="Time a job asks for on a cluster.")


class Architecture(Declared):
    """The shape of a model that is built from scratch."""

    hidden_size: Positive = Field(description="Width of a layer; a multiple of `heads`.")
    intermediate_size: Positive = Field(description="Width of the feed-forward block.")
    layers: Positive = Field(description="Number of layers.")
    heads: Positive = Field(description="Attention heads a layer.")

    @model_validator(mode="after")
    def _heads_fit(self) -> "Architecture":
        if self.hidden_size % self.heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} must be a multiple of the heads, {self.heads}"
            )
        return self

    def _check_rotary(self, head_size: int) -> None:
        if head_size % 2:
            raise ValueError(
                f"a head of {head_size} numbers must have an even one: rotary positions turn pairs"
            )


class DecoderArchitecture(Architecture):
    """A decoder built from scratch. Its input and output embeddings are the same tensor."""

    family: Literal["llama", "gpt2", "qwen3"] = Field(
        "llama", description="What its layers are like."
    )
    key_value_heads: Positive | None = Field(
        None, description="Of `llama` and `qwen3`; absent for as many as `heads`."
    )
    head_size: Positive | None = Field(
        None, description="Of `llama` and `qwen3`; absent for `hidden_size` over `heads`."
    )

    @model_validator(mode="after")
    def _family_fits(self) -> "DecoderArchitecture":
        if self.family == "gpt2":
            if self.key_value_heads or self.head_size:
                raise ValueError("'gpt2' has neither 'key_value_heads' nor 'head_size'")
            return self
        if self.key_value_heads and self.heads % self.key_value_heads:
            raise ValueError(
                f"key_value_heads {self.key_value_heads} does not divide heads {self.heads}"
            )
        self._check_rotary(self.head_size or self.hidden_size // self.heads)
        return self


class EncoderArchitecture(Architecture):
    """An encoder built from scratch."""

    family: Literal["bert", "roberta", "modernbert"] = Field(
        "bert", description="What its layers are like."
    )

    @model_validator(mode="after")
    def _family_fits(self) -> "EncoderArchitecture":
        if self.family == "modernbert":
            self._check_rotary(self.hidden_size // self.heads)
        return self


class DecoderRecipe(Declared):
    """What a decoder is, besides its tokenizer."""

    kind: Literal["decoder"] = Field(description="Chooses this form.")
    architecture: DecoderArchitecture = Field(description="Its shape.")
    training: Training = Field(description="Its training run.")


class EncoderRecipe(Declared):
    """What is done to an encoder's weights."""

    kind: Literal["encoder"] = Field(description="Chooses this form.")
    architecture: EncoderArchitecture | None = Field(
        None, description="Its shape, of one that starts from scratch and not from `weights`."
    )
    training: Training | None = Field(
        None, description="Pretraining; absent for an encoder that is only compared with."
    )
    mask_probability: Share = Field(0.15, gt=0, description="Share of tokens to be predicted.")


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
    """A masked language model, from weights or from scratch: `config/models/<name>.yaml`."""

    weights: Weights | None = Field(None, description="What it starts from.")
    licence: Licence = None
    data_use: DataUse = None
    tokenizer: str | None = Field(
        None,
        description="With `architecture`: a tokenizer that the study declares, with the marks of "
        "encoders.",
    )

    @model_validator(mode="after")
    def _one_start(self) -> "Encoder":
        fresh = [self.architecture is not None, self.tokenizer is not None]
        if any(fresh) != all(fresh) or (self.weights is None) != all(fresh):
            raise ValueError("expected either 'weights', or 'architecture' and 'tokenizer'")
        if self.architecture and not self.training:
            raise ValueError("an encoder from scratch needs 'training'")
        return self


Model = Annotated[Decoder | Encoder, Field(discriminator="kind")]


class Tokenizer(Declared):
    """A byte-level BPE tokenizer, trained on a source's original training notes or on a corpus."""

    name: Name
    source: str | None = Field(
        None, description="A declared source, whose tokenizer then serves every corpus."
    )
    per_corpus: bool = Field(
        False,
        description="Instead of `source`: each corpus trains a tokenizer of its own, so that none "
        "is favoured. Figures compare such models by bits per byte alone.",
    )
    vocab_size: Positive = Field(description="Entries; fewer where the text gives no more.")
    marks: Literal["decoder", "encoder"] = Field(
        "decoder", description="Whose control tokens it has: those of decoders or of encoders."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> "Tokenizer":
        if (self.source is None) != self.per_corpus:
            raise ValueError("expected either 'source' or 'per_corpus: true'")
        return self


class TokenizerSpec(Declared):
    """What a tokenizer depends on besides the texts."""

    vocab_size: Positive
    marks: Literal["decoder", "encoder"] = "decoder"


class TrainingSpec(Declared):
    """What a checkpoint depends on besides the corpus and what training starts from.

    validation: on which notes the valid loss is measured. sampling_seed: of their order.
    """

    model: Annotated[DecoderRecipe | EncoderRecipe, Field(discriminator="kind")]
    seed: Seed
    validation: EvaluationNotes | None = None
    sampling_seed: Seed | None = None


class PackingSpec(Declared):
    """What the counts of a corpus depend on besides its texts and the tokenizer."""

    kind: Literal["decoder", "encoder"]
    context: int
    batch_size: Positive
    steps: Positive
    document_masking: bool = False
