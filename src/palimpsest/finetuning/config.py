"""Experiments: which encoders are fine-tuned on which datasets, and how."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.checkpoints import CARD, KEPT
from palimpsest.runtime.schema import (
    NO_CORPUS,
    Declared,
    Name,
    Positive,
    PositiveFloat,
    Seeds,
    Thresholds,
)

# What every experiment is compared with besides, by kind of dataset: it costs nothing to train.
TRIVIAL = dict.fromkeys(("sentences", "documents", "assertion", "relations"), ["majority"]) | {
    "spans": ["dictionary"],
    "pairs": ["majority", "second_text"],
}
MARKS = 2  # tokens of a window that are the encoder's own
HEAD_FILE = KEPT  # what a kept model answers, and the hashes of its files
KEPT_FILES = (  # of a run's model, each written whole
    CARD,
    "config.json",
    HEAD_FILE,
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
)


class Finetuning(Declared):
    """How an encoder is fine-tuned, in each phase."""

    epochs: Positive | None = Field(
        None, description="Passes over the train examples; the best on the valid ones is kept."
    )
    updates: Positive | None = Field(
        None,
        description="Instead of `epochs`: steps in each phase, as many whatever the train "
        "examples. They are evaluated on the valid ones ten times, and the best weights kept.",
    )
    batch_size: Positive = Field(description="Windows of examples a step, on any machine.")
    learning_rate: PositiveFloat = Field(description="Highest rate; it falls linearly.")
    head_rate: PositiveFloat | None = Field(
        None,
        description="The head's learning rate as a multiple of the encoder's; absent: 1 for spans, "
        "30 for all others, whose head starts from nothing.",
    )
    pooling: Literal["mean", "cls"] = Field(
        "mean",
        description="What a head over a whole text reads: the mean of its tokens, or the first.",
    )
    max_tokens: Positive = Field(
        128,
        description="Longest window, with the encoder's marks. What is longer is read in windows "
        "that overlap; of a pair the longer text is cut, and a marked text is cut around its "
        "entities.",
    )
    stride: Positive | None = Field(
        None,
        description="Tokens from the start of a window to that of the next; absent: half of what "
        "fits.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="`bfloat16` is mixed precision; weights stay float32."
    )

    @model_validator(mode="after")
    def _how_long(self) -> "Finetuning":
        if (self.epochs is None) == (self.updates is None):
            raise ValueError("expected exactly one of 'epochs' and 'updates'")
        if self.stride is not None and self.stride > self.max_tokens - MARKS:
            raise ValueError(
                f"stride {self.stride} would leave tokens between windows of max_tokens "
                f"{self.max_tokens}, {MARKS} of which are marks; expected at most "
                f"{self.max_tokens - MARKS}"
            )
        return self


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
    thresholds: Thresholds = Field(
        Thresholds(), description="Of labels of which an example may have several."
    )
    keep: bool = Field(
        False, description="Whether the models of its runs are kept, for `palimpsest tag`."
    )
    seeds: Seeds = Field(
        description="One fine-tuning run each. Three tell little of what other seeds would give, "
        "one tells nothing."
    )

    def runs(self, row: ExperimentEncoder) -> list[tuple[int, int]]:
        """Seeds of pretraining and of fine-tuning, of each run of an encoder, in order."""
        pretraining = row.seeds if len(row.seeds) > 1 else row.seeds * len(self.seeds)
        return list(zip(pretraining, self.seeds, strict=True))

    def of_corpora(
        self, name: str, encoder: str, corpora: list[str], seeds: list[int]
    ) -> "Experiment":
        """The first mixture of the experiment, with one encoder: as published, and adapted.

        corpora: that it is adapted to. seeds: of that.
        """
        adapted = [
            ExperimentEncoder(encoder=encoder, corpus=corpus, seeds=seeds) for corpus in corpora
        ]
        published = ExperimentEncoder(encoder=encoder, corpus=NO_CORPUS)
        update = {"name": name, "encoders": [published, *adapted], "keep": False}
        return self.model_copy(update={**update, "mixtures": self.mixtures[:1]})

    @model_validator(mode="before")
    @classmethod
    def _dataset_alone(cls, value: Any) -> Any:
        if isinstance(value, dict) and "dataset" in value and "mixtures" not in value:
            alone = {"name": value["dataset"], "phases": [[{"dataset": value["dataset"]}]]}
            return {**value, "mixtures": [alone]}
        return value


class FinetuneSpec(Declared):
    """What a run depends on besides the encoder and the datasets.

    dataset: the one whose valid and test examples are used, and of whose train examples `size` are
    drawn, where that is a number and not `all`. seed: of the run. keep: whether the model is kept.
    """

    dataset: str
    phases: list[list[DatasetPart]]
    size: str
    finetuning: Finetuning
    seed: int
    keep: bool = False

    def trained_on(self) -> list[str]:
        """The datasets of the phases, each once, in their order."""
        return list(dict.fromkeys(part.dataset for phase in self.phases for part in phase))

    def work(self, names: dict[str, str]) -> "FinetuneSpec":
        """What decides the weights: the run, kept or not, of datasets with other names.

        names: such as hashes of what the datasets hold.
        """
        phases = [
            [part.model_copy(update={"dataset": names[part.dataset]}) for part in phase]
            for phase in self.phases
        ]
        update = {"dataset": names[self.dataset], "phases": phases, "keep": False}
        return self.model_copy(update=update)


class TrivialSpec(Declared):
    """What trivial predictions depend on besides the dataset.

    predictor: one of `finetuning.trivial.PREDICTORS`.
    """

    predictor: Literal["dictionary", "majority", "second_text"]
