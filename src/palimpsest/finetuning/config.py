"""Experiments: which encoders are fine-tuned on which datasets, and how."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.schema import NO_CORPUS, Declared, Name, Positive, PositiveFloat, Seeds

ALL = "all"  # the size that takes every train example
# What every experiment is compared with besides, by kind of dataset: it costs nothing to train.
TRIVIAL = {"spans": ["dictionary"], "sentences": ["majority"]}


class Finetuning(Declared):
    """How an encoder is fine-tuned, in each phase."""

    epochs: Positive = Field(description="The best on the valid examples is kept.")
    batch_size: Positive = Field(description="Examples a step.")
    learning_rate: PositiveFloat = Field(description="Highest rate; it falls linearly.")
    max_tokens: Positive = Field(
        128,
        description="Longest example. Spans beyond it are never found; a classifier of sentences "
        "does not see what is beyond it.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="`bfloat16` is mixed precision; weights stay float32."
    )


class DatasetPart(Declared):
    """A dataset in a phase of training."""

    dataset: str = Field(description="A declared dataset: its train examples.")
    weight: PositiveFloat = Field(1.0, description="Of each of its examples in the loss.")


Phases = Annotated[
    list[Annotated[list[DatasetPart], Field(min_length=1)]],
    Field(
        min_length=1,
        description="One after another; the datasets of a phase are trained on together.",
    ),
]


class Mixture(Declared):
    """What an encoder is trained on."""

    name: Name
    phases: Phases

    def datasets(self) -> list[str]:
        """The datasets, each once, in the order of the phases."""
        return list(dict.fromkeys(part.dataset for phase in self.phases for part in phase))


class ExperimentEncoder(Declared):
    """A row of an experiment: an encoder and the corpus it was adapted to."""

    encoder: str = Field(description="A file under `config/models/` of kind `encoder`.")
    corpus: str = Field(description=f"A corpus, or `{NO_CORPUS}` for the encoder as published.")
    seeds: Seeds = Field(
        [0],
        description="Of the continued pretraining: as many as the experiment has, so that each run "
        "starts from a checkpoint of its own; or one, which tables then give no interval.",
    )

    @property
    def name(self) -> str:
        return f"{self.encoder} on {self.corpus}"


class Experiment(Declared):
    """Encoders that are fine-tuned on mixtures of datasets and judged on one of them."""

    name: Name
    dataset: str = Field(
        description="A declared dataset: its valid examples choose the epoch and the thresholds, "
        "its test examples are reported."
    )
    encoders: list[ExperimentEncoder] = Field(
        min_length=1, description="In the order of the tables."
    )
    mixtures: list[Mixture] = Field(
        [],
        min_length=1,
        description="In the order of the tables; absent: one, the dataset alone, by its name.",
    )
    finetuning: Finetuning = Field(description="How.")
    seeds: Seeds = Field(
        description="One fine-tuning run each. Three tell little of what other seeds would give, "
        "one tells nothing."
    )

    def runs(self, row: ExperimentEncoder) -> list[tuple[int, int]]:
        """Seeds of pretraining and of fine-tuning, of each run of an encoder, in order."""
        pretraining = row.seeds if len(row.seeds) > 1 else row.seeds * len(self.seeds)
        return list(zip(pretraining, self.seeds, strict=True))

    @model_validator(mode="before")
    @classmethod
    def _dataset_alone(cls, value: Any) -> Any:
        if isinstance(value, dict) and "dataset" in value and "mixtures" not in value:
            alone = {"name": value["dataset"], "phases": [[{"dataset": value["dataset"]}]]}
            return {**value, "mixtures": [alone]}
        return value


class TrivialSpec(Declared):
    """What predictions without training depend on besides the dataset. predictor: of `TRIVIAL`."""

    predictor: str


class FinetuneSpec(Declared):
    """What a run depends on besides the encoder and the datasets.

    dataset: the one whose valid and test examples are used, and whose train examples are the first
    `size` only, where `size` is a number and not `all`. seed: of the run.
    """

    dataset: str
    phases: list[list[DatasetPart]]
    size: str
    finetuning: Finetuning
    seed: int

    def trained_on(self) -> list[str]:
        """The datasets of the phases, each once, in their order."""
        return list(dict.fromkeys(part.dataset for phase in self.phases for part in phase))

    def renamed(self, names: dict[str, str]) -> "FinetuneSpec":
        """The same run of datasets with other names, such as hashes of what they hold."""
        phases = [
            [part.model_copy(update={"dataset": names[part.dataset]}) for part in phase]
            for phase in self.phases
        ]
        return self.model_copy(update={"dataset": names[self.dataset], "phases": phases})
