"""Tables as a study declares them, and what each depends on."""

from typing import Annotated, Literal

from pydantic import Field

from palimpsest.runtime.schema import Declared, Name


class CorpusTable(Declared):
    """What each corpus is made of."""

    name: Name
    kind: Literal["corpora"] = Field(description="Chooses this form.")
    corpora: list[str] = Field(min_length=1, description="Declared corpora, in order.")


class Baseline(Declared):
    """The system that others are compared with, named as far as the experiment's differ."""

    encoder: str | None = Field(None, description="Its encoder.")
    corpus: str | None = Field(None, description="The corpus that it was adapted to.")
    mixture: str | None = Field(None, description="What it was fine-tuned on.")

    def fits(self, encoder: str, corpus: str, mixture: str) -> bool:
        """Whether a system is meant."""
        wanted = (self.encoder, self.corpus, self.mixture)
        return all(
            name in (None, found)
            for name, found in zip(wanted, (encoder, corpus, mixture), strict=True)
        )


class Comparison(Declared):
    """How systems are compared."""

    baseline: Baseline = Field(
        Baseline(),
        description="What every other encoder and mixture of an experiment is compared with.",
    )
    by: Literal["label"] | None = Field(
        None, description="`label`: a row for each label; absent: over all labels."
    )
    metrics: list[str] = Field([], description="In order; absent: all that the dataset's kind has.")


class ComparisonTable(Comparison):
    """Encoders and mixtures of experiments, each compared with a baseline."""

    name: Name
    kind: Literal["comparison"] = Field(description="Chooses this form.")
    experiments: list[str] = Field(min_length=1, description="Declared experiments, in order.")


Table = Annotated[CorpusTable | ComparisonTable, Field(discriminator="kind")]


class SilverQualitySpec(Declared):
    """What a table of silver's quality depends on."""

    labels: list[str]


class BronzeQualitySpec(Declared):
    """What a table of bronze's quality depends on."""

    labels: list[str]


class ScreensSpec(Declared):
    """What the table of screens depends on. seed: of the sampling order of examples."""

    seed: int


class SystemName(Declared):
    """One encoder fine-tuned on one mixture: the wildcards of its scores."""

    experiment: str
    model: str
    corpus: str
    mixture: str
    size: str


class ComparisonSpec(Comparison):
    """What a comparison depends on besides the scores. systems: in the order of the rows."""

    systems: list[SystemName]
