"""What encoders are fine-tuned on, and how."""

from typing import Annotated, Literal

from pydantic import Field

from palimpsest.runtime.schema import Declared, Name, Positive, PositiveFloat, TrainedEncoder


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


class SetPart(Declared):
    """A labelled set in a phase of training."""

    set: str = Field(description="A declared gold, silver or bronze set; of gold its train split.")
    weight: PositiveFloat = Field(1.0, description="Of each of its sentences in the loss.")


class Combination(Declared):
    """What one classifier is trained on."""

    name: Name
    phases: list[Annotated[list[SetPart], Field(min_length=1)]] = Field(
        min_length=1,
        description="One after another; the sets of a phase are trained on together.",
    )


class Classification(Declared):
    """Classifiers of sentences, one for each combination of labelled sets and seed."""

    name: Name
    gold: str = Field(
        description="A gold set: its valid sentences choose the epoch and the thresholds, its "
        "test sentences are reported."
    )
    encoder: TrainedEncoder = Field(description="What is fine-tuned.")
    finetuning: Finetuning = Field(description="How, in each phase.")
    seeds: list[int] = Field(min_length=1, description="One fine-tuning run each.")
    combinations: list[Combination] = Field(min_length=1, description="In the order of the tables.")

    def sets(self, combination: str) -> list[str]:
        """The labelled sets of a combination, each once, in the order of its phases."""
        phases = next(one for one in self.combinations if one.name == combination).phases
        return list(dict.fromkeys(part.set for phase in phases for part in phase))
