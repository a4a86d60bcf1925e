"""The schema of a study file.

What a study chooses are lists of named entries: Snakemake merges maps of two configurations but
replaces lists, so one study never inherits another's choices.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from palimpsest.study.fields import Declared, Name, Positive
from palimpsest.study.labelled import Bronze, Classification, Gold, Silver
from palimpsest.study.rephrasing import Rephrasing, Screen
from palimpsest.study.sources import Source, Splits
from palimpsest.study.tasks import EntityTask, TrainedEncoder


class Passages(Declared):
    """How notes are cut."""

    tokenizer: str = Field(
        description="An LLM or encoder whose tokenizer counts the tokens of passages and budgets."
    )
    max_tokens: Positive = Field(300, description="Longest passage.")
    min_tokens: Positive = Field(
        8, description="A shorter one is merged with a neighbour, or skipped as `near_empty`."
    )
    tables: Literal["keep", "skip"] = Field(
        "keep", description="Tables of results: kept whole or cut between rows, or left out."
    )
    medication_lists: Literal["keep", "skip"] = Field(
        "keep", description="Lists of drugs and doses: as tables."
    )

    @model_validator(mode="after")
    def _room(self) -> "Passages":
        if self.min_tokens > self.max_tokens:
            raise ValueError(
                f"min_tokens {self.min_tokens} is more than max_tokens {self.max_tokens}; "
                "expected at most as many"
            )
        return self


class NotesPart(Declared):
    """Original training notes, by passages."""

    kind: Literal["notes"] = Field(description="Chooses this form.")
    source: str = Field(description="A declared source.")
    tokens: Positive = Field(description="Budget; the last passage may exceed it.")


class RephrasesPart(Declared):
    """Rephrases of one source by one LLM under one prompt."""

    kind: Literal["rephrases"] = Field(description="Chooses this form.")
    source: str = Field(description="A declared source.")
    llm: str = Field(description="An LLM that rephrases the source.")
    prompt: str = Field(description="A prompt under which it does.")
    tokens: Positive = Field(
        description="Budget; the last rephrase may exceed it. Too few rephrases are an error."
    )


Part = Annotated[NotesPart | RephrasesPart, Field(discriminator="kind")]


class Corpus(Declared):
    """A named list of parts with token budgets."""

    name: Name
    parts: list[Part] = Field(min_length=1, description="What it is mixed from.")


class Tokenizer(Declared):
    """A byte-level BPE tokenizer trained on a source's original training notes."""

    name: Name
    source: str = Field(description="A declared source.")
    vocab_size: Positive = Field(description="Entries; fewer where the text gives no more.")


class Evaluation(Declared):
    """Held-out notes on which decoders are scored."""

    name: Name
    source: str = Field(description="A declared source.")
    category: str | None = Field(None, description="Absent for notes of every category.")
    split: Literal["valid", "test"] = Field("test", description="Whose notes are scored.")
    notes: Positive = Field(description="At most so many notes, in the study's sampling order.")


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


class Study(Declared):
    """A study: `config/config.yaml` is the demo's."""

    results: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*([./][A-Za-z0-9_-]+)*$",
        description="Folder of everything that is built.",
    )
    seed: int = Field(description="Keys every split and every sampling order.")
    network: bool = Field(False, description="Whether weights may be fetched from the hub.")
    splits: Splits = Field(description="Shares of patients, for sources without their own.")
    sources: list[Source] = Field(min_length=1, description="Collections of notes.")
    passages: Passages = Field(description="How notes are cut.")
    rephrasings: list[Rephrasing] = Field(
        default_factory=list, description="What LLMs are asked to rewrite."
    )
    screens: list[Screen] = Field(default_factory=list, description="In order; the first decides.")
    corpora: list[Corpus] = Field(default_factory=list, description="What models are trained on.")
    tokenizers: list[Tokenizer] = Field(default_factory=list, description="For decoders.")
    evaluations: list[Evaluation] = Field(
        default_factory=list, description="Held-out notes for decoders."
    )
    tasks: list[EntityTask] = Field(default_factory=list, description="For encoders.")
    gold: list[Gold] = Field(default_factory=list, description="Sentences that experts labelled.")
    silver: list[Silver] = Field(
        default_factory=list, description="Sentences of notes that an LLM labels."
    )
    bronze: list[Bronze] = Field(
        default_factory=list, description="Sentences that an LLM writes for a label."
    )
    classifications: list[Classification] = Field(
        default_factory=list, description="Classifiers trained on labelled sets."
    )
    tables: list[Table] = Field(
        default_factory=list, description="Each makes `<results>/<name>.csv`."
    )
    figures: list[Figure] = Field(
        default_factory=list, description="Each makes `<results>/<name>.svg`."
    )
