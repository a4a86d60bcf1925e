"""Tables and figures as a study declares them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.schema import Declared, Name, Positive, TrainedEncoder


class CorpusTable(Declared):
    """What each corpus is made of."""

    name: Name
    kind: Literal["corpora"] = Field(description="Chooses this form.")
    corpora: list[str] = Field(min_length=1, description="Declared corpora, in order.")


class EncoderTable(Declared):
    """Encoders, fine-tuned on tasks and compared with a baseline."""

    name: Name
    kind: Literal["encoders"] = Field(description="Chooses this form.")
    tasks: list[str] = Field(min_length=1, description="Declared tasks.")
    baseline: TrainedEncoder = Field(description="What every row is compared with.")
    rows: list[TrainedEncoder] = Field(min_length=1, description="What is compared with it.")


class CombinationTable(Declared):
    """Combinations of labelled sets, compared with a baseline by several metrics."""

    name: Name
    kind: Literal["combinations"] = Field(description="Chooses this form.")
    classification: str = Field(description="A declared classification.")
    baseline: str = Field(description="Its combination that every other is compared with.")


class CategoryTable(Declared):
    """Combinations of labelled sets, category by category."""

    name: Name
    kind: Literal["categories"] = Field(description="Chooses this form.")
    classification: str = Field(description="A declared classification.")


Table = Annotated[
    CorpusTable | EncoderTable | CombinationTable | CategoryTable, Field(discriminator="kind")
]


class PerplexityFigure(Declared):
    """Perplexity of a decoder by prompt and LLM, one panel for each evaluation."""

    name: Name
    kind: Literal["perplexity"] = Field(description="Chooses this form.")
    decoder: str = Field(description="A file under `config/models/` of kind `decoder`.")
    evaluations: list[str] = Field(min_length=1, description="One panel each.")
    corpora: list[str] = Field(min_length=1, description="Corpora of a single rephrases part.")
    references: list[str] = Field(min_length=1, description="Corpora drawn as lines.")
    seed: int = Field(0, description="Seed of the decoders' training.")


class ScarcityFigure(Declared):
    """Classifiers by how many gold sentences there were to train on, a line a combination."""

    name: Name
    kind: Literal["scarcity"] = Field(description="Chooses this form.")
    classification: str = Field(description="A declared classification.")
    combinations: list[str] = Field(min_length=1, description="Its combinations, one line each.")
    sizes: list[Positive] = Field(
        min_length=1,
        description="Numbers of gold sentences, rising: the first so many in the sampling order. "
        "All that there are come on top.",
    )

    @model_validator(mode="after")
    def _rising(self) -> "ScarcityFigure":
        if self.sizes != sorted(set(self.sizes)):
            raise ValueError(f"expected rising sizes, found {self.sizes}")
        return self


Figure = Annotated[PerplexityFigure | ScarcityFigure, Field(discriminator="kind")]


class FigureCorpus(Declared):
    """A corpus in a figure of perplexity, with the LLM and the prompt at which it stands."""

    name: str
    llm: str
    prompt: str


class PerplexityFigureSpec(Declared):
    """What a figure of perplexity depends on besides the scores."""

    evaluations: list[str]
    corpora: list[FigureCorpus]
    references: list[str]


class SilverQualitySpec(Declared):
    """What a table of silver's quality depends on. seed: of the bootstrap."""

    labels: list[str]
    seed: int


class BronzeQualitySpec(Declared):
    """What a table of bronze's quality depends on."""

    labels: list[str]


class ScreensSpec(Declared):
    """What the table of screens depends on. seed: of the sampling order of examples."""

    seed: int
