"""What encoders are fine-tuned on, and how."""

from typing import Literal

from pydantic import Field, model_validator

from palimpsest.study.fields import Declared, Name, Positive, PositiveFloat

NO_CORPUS = "none"  # the corpus of an encoder that was not adapted


class Finetuning(Declared):
    """How an encoder is fine-tuned."""

    epochs: Positive = Field(description="The best on the valid sentences is kept.")
    batch_size: Positive = Field(description="Sentences a step.")
    learning_rate: PositiveFloat = Field(description="Highest rate; it falls linearly.")
    max_tokens: Positive = Field(
        128,
        description="Longest sentence. Words beyond it are tagged `O`; a classifier does not see "
        "them.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="`bfloat16` is mixed precision; weights stay float32."
    )


class TaskFiles(Declared):
    """CoNLL-style files: a token, a tab and its IOB2 tag a line; an empty line ends a sentence."""

    train: str = Field(description="File to train on.")
    valid: str = Field(description="File to choose the best epoch on.")
    test: str = Field(description="File that the tables report.")


class SentenceBudget(Declared):
    """At most so many sentences of each split, in the study's sampling order."""

    train: Positive = Field(description="Sentences to train on.")
    valid: Positive = Field(description="Sentences to choose the best epoch on.")
    test: Positive = Field(description="Sentences that the tables report.")


class EntityTask(Declared):
    """Recognising entities: from a source's gold spans or from CoNLL files."""

    name: Name
    kind: Literal["entities"] = Field(description="The only kind so far.")
    source: str | None = Field(None, description="A source whose notes carry gold spans.")
    files: TaskFiles | None = Field(None, description="Instead of a source: labelled files.")
    labels: list[Name] = Field(
        min_length=1,
        description="Entity types. A source's spans of other types are left out; in `files` "
        "another type is an error.",
    )
    sentences: SentenceBudget = Field(description="How many sentences are used.")
    finetuning: Finetuning = Field(description="How encoders learn the task.")
    seeds: list[int] = Field(min_length=1, description="One fine-tuning run each.")

    @model_validator(mode="after")
    def _one_origin(self) -> "EntityTask":
        if (self.source is None) == (self.files is None):
            raise ValueError("expected either 'source' or 'files'")
        return self


class TrainedEncoder(Declared):
    """A row of a comparison: an encoder and the corpus it was adapted to."""

    encoder: str = Field(description="A file under `config/models/` of kind `encoder`.")
    corpus: str = Field(description="A corpus, or `none` for the encoder as published.")
    seed: int = Field(0, description="Seed of the continued pretraining.")
