"""The schema of a study file.

What a study chooses are lists of named entries: Snakemake merges maps of two configurations but
replaces lists, so one study never inherits another's choices.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from palimpsest.study.fields import Declared, Name, Positive, PositiveFloat, Share

NO_CORPUS = "none"  # the corpus of an encoder that was not adapted


class Splits(Declared):
    """Shares of patients. A patient's notes are all in one split."""

    train: Share
    valid: Share
    test: Share

    @model_validator(mode="after")
    def _add_up(self) -> "Splits":
        if abs(self.train + self.valid + self.test - 1) > 1e-9:
            raise ValueError(f"shares must add up to 1, not {self.train + self.valid + self.test}")
        return self


class GeneratedSource(Declared):
    """Notes that the project writes itself, with gold spans."""

    name: Name
    kind: Literal["generated"]
    patients: Positive
    shards: Positive = 1
    splits: Splits | None = Field(None, description="Instead of the study's.")


class Columns(Declared):
    """Which column of a table holds what."""

    text: str
    note_id: str
    patient_id: str
    category: str | None = Field(None, description="Absent when all notes are of one category.")


class TableSource(Declared):
    """Notes in CSV, TSV, JSON Lines or Parquet files."""

    name: Name
    kind: Literal["table"]
    paths: list[str] = Field(min_length=1, description="Files, relative to the working folder.")
    columns: Columns
    category: str | None = Field(None, description="The category of all notes, without a column.")
    only: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Column -> values: other rows are rejected as `filtered`.",
    )
    shards: Positive = 1
    splits: Splits | None = Field(None, description="Instead of the study's.")

    @model_validator(mode="after")
    def _one_category(self) -> "TableSource":
        if (self.columns.category is None) == (self.category is None):
            raise ValueError("expected either 'columns.category' or 'category'")
        return self


Source = Annotated[GeneratedSource | TableSource, Field(discriminator="kind")]


class Passages(Declared):
    """How notes are cut."""

    tokenizer: str = Field(
        description="An LLM or encoder whose tokenizer counts the tokens of passages and budgets."
    )
    max_tokens: Positive = 300


class Rephrasing(Declared):
    """Which passages are rewritten by which LLMs under which prompts."""

    source: str
    llms: list[Name] = Field(min_length=1)
    prompts: list[Name] = Field(min_length=1)
    tokens: Positive = Field(
        description="Passage tokens asked about per LLM and prompt. A larger budget asks about "
        "the same passages first: nothing is generated twice."
    )


class PlainScreen(Declared):
    """A screen without a threshold; docs/screens.md says what each looks for."""

    name: Literal["truncated", "thinking", "refusal", "chat_residue", "prompt_echo"]


class LengthScreen(Declared):
    """Length of the answer against the passage, in words."""

    name: Literal["length"]
    min_ratio: PositiveFloat
    max_ratio: PositiveFloat


class RepetitionScreen(Declared):
    """Share of the answer's 4-grams of words that repeat an earlier one."""

    name: Literal["repetition"]
    max_share: Share


class CopyScreen(Declared):
    """Share of the answer's 5-grams of words that stand in the passage."""

    name: Literal["copy"]
    max_share: Share


Screen = Annotated[
    PlainScreen | LengthScreen | RepetitionScreen | CopyScreen, Field(discriminator="name")
]


class NotesPart(Declared):
    """Original training notes, by passages."""

    kind: Literal["notes"]
    source: str
    tokens: Positive


class RephrasesPart(Declared):
    """Rephrases of one source by one LLM under one prompt."""

    kind: Literal["rephrases"]
    source: str
    llm: str
    prompt: str
    tokens: Positive


Part = Annotated[NotesPart | RephrasesPart, Field(discriminator="kind")]


class Corpus(Declared):
    """A named list of parts with token budgets."""

    name: Name
    parts: list[Part] = Field(min_length=1)


class Tokenizer(Declared):
    """A byte-level BPE tokenizer trained on a source's original training notes."""

    name: Name
    source: str
    vocab_size: Positive


class Evaluation(Declared):
    """Held-out notes on which decoders are scored."""

    name: Name
    source: str
    category: str | None = Field(None, description="Absent for notes of every category.")
    split: Literal["valid", "test"] = "test"
    notes: Positive = Field(description="At most so many notes, in the study's sampling order.")


class Finetuning(Declared):
    """How an encoder is fine-tuned on a task."""

    epochs: Positive
    batch_size: Positive
    learning_rate: PositiveFloat
    max_tokens: Positive = 128
    precision: Literal["float32", "bfloat16"] = "float32"


class TaskFiles(Declared):
    """CoNLL-style files: a token, a tab and its IOB2 tag a line; an empty line ends a sentence."""

    train: str
    valid: str
    test: str


class SentenceBudget(Declared):
    """At most so many sentences of each split, in the study's sampling order."""

    train: Positive
    valid: Positive
    test: Positive


class EntityTask(Declared):
    """Recognising entities: from a source's gold spans or from CoNLL files."""

    name: Name
    kind: Literal["entities"]
    source: str | None = Field(None, description="A source whose notes carry gold spans.")
    files: TaskFiles | None = None
    labels: list[Name] = Field(min_length=1)
    sentences: SentenceBudget
    finetuning: Finetuning
    seeds: list[int] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_origin(self) -> "EntityTask":
        if (self.source is None) == (self.files is None):
            raise ValueError("expected either 'source' or 'files'")
        return self


class TrainedEncoder(Declared):
    """A row of a comparison: an encoder and the corpus it was adapted to."""

    encoder: str
    corpus: str = Field(description="A corpus, or `none` for the encoder as published.")
    seed: int = Field(0, description="Seed of the continued pretraining.")


class CorpusTable(Declared):
    """What each corpus is made of."""

    name: Name
    kind: Literal["corpora"]
    corpora: list[str] = Field(min_length=1)


class EncoderTable(Declared):
    """Encoders, fine-tuned on tasks and compared with a baseline."""

    name: Name
    kind: Literal["encoders"]
    tasks: list[str] = Field(min_length=1)
    baseline: TrainedEncoder
    rows: list[TrainedEncoder] = Field(min_length=1)


Table = Annotated[CorpusTable | EncoderTable, Field(discriminator="kind")]


class PerplexityFigure(Declared):
    """Perplexity of a decoder by prompt and LLM, one panel for each evaluation."""

    name: Name
    decoder: str
    evaluations: list[str] = Field(min_length=1)
    corpora: list[str] = Field(min_length=1, description="Corpora of a single rephrases part.")
    references: list[str] = Field(min_length=1, description="Corpora drawn as lines.")
    seed: int = Field(0, description="Seed of the decoders' training.")


class Study(Declared):
    """A study: `config/config.yaml` is the demo's."""

    results: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*[A-Za-z0-9]$",
        description="Folder of everything that is built.",
    )
    seed: int = Field(description="Keys every split and every sampling order.")
    network: bool = Field(False, description="Whether weights may be fetched from the hub.")
    splits: Splits
    sources: list[Source] = Field(min_length=1)
    passages: Passages
    rephrasings: list[Rephrasing] = Field(default_factory=list)
    screens: list[Screen] = Field(default_factory=list, description="In order; the first decides.")
    corpora: list[Corpus] = Field(min_length=1)
    tokenizers: list[Tokenizer] = Field(default_factory=list)
    evaluations: list[Evaluation] = Field(default_factory=list)
    tasks: list[EntityTask] = Field(default_factory=list)
    tables: list[Table] = Field(default_factory=list)
    figures: list[PerplexityFigure] = Field(default_factory=list)
