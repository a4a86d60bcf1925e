"""Datasets: labelled examples of one kind, whoever labelled them.

Li, Wang & Yu (2023, arXiv 2401.06774): gold sentences are labelled by experts; for silver an LLM
labels sentences of notes (data to label); for bronze it writes sentences for a label (label to
data). What experts or the generator label is declared beside its reader: `spans`, `sentences`.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.dataset_tables import SEVERAL_LABELS
from palimpsest.runtime.schema import Declared, ExampleBudget, Name, Positive, Share, Splits
from palimpsest.runtime.taxonomy import DescribedCategory, KeywordCategory


class Sentences(Declared):
    """What every dataset of sentences has, whoever labels them."""

    answer: ClassVar[str] = SEVERAL_LABELS

    name: Name
    kind: Literal["sentences"] = Field(description="What is labelled.")
    taxonomy: Name = Field(description="A file under `config/taxonomies/`.")


class KeywordCandidates(Declared):
    """Sentences with a keyword of a category, so that rare categories are among them."""

    by: Literal["keywords"] = Field(description="Chooses this form.")
    random_share: Share = Field(0.5, description="Share of the candidates drawn from all others.")


class EmbeddingCandidates(Declared):
    """Sentences that lie nearest to a category's title and definition."""

    by: Literal["embedding"] = Field(description="Chooses this form.")
    encoder: str = Field(
        description="A file under `config/models/` of kind `encoder`: its weights."
    )
    random_share: Share = Field(0.5, description="Share of the candidates drawn from all others.")


class LlmSentences(Sentences):
    """Sentences whose labels an LLM decides, yes or no, category by category."""

    uses: ClassVar[tuple[str, ...]]  # of the LLM: the keys that hold a prompt

    llm: Name = Field(description="A file under `config/llms/`.")
    check: Name | None = Field(
        None,
        description="A file under `config/prompts/` with which the labels are asked about once "
        "more; absent: they stand.",
    )
    shots: int = Field(
        2, ge=0, description="So many examples and near misses of the category are in a prompt."
    )
    calibration: bool = Field(
        True,
        description="Answers are compared with those about sentences without content, which show "
        "the LLM's bias (Zhao et al. 2021, arXiv 2102.09690).",
    )
    threshold: float = Field(
        0.0, description="Log-odds of yes above which an answer is yes, after calibration."
    )
    annotation: int = Field(
        0,
        ge=0,
        description="Sentences laid out for an annotator in `<results>/annotation/<name>.csv`; "
        "annotate a copy, for a rebuild writes the file anew.",
    )

    def prompts(self) -> dict[str, str]:
        """The prompts with which the LLM is asked, by what they are for."""
        return {use: getattr(self, use) for use in self.uses if getattr(self, use)}


class LlmLabels(LlmSentences):
    """Silver: sentences of a source's training notes that an LLM labels."""

    uses = ("label", "check")

    made_by: Literal["llm_labels"] = Field(description="Chooses this form.")
    source: str = Field(description="A declared source.")
    sentences: Positive = Field(description="Candidates that are asked about.")
    candidates: Annotated[KeywordCandidates | EmbeddingCandidates, Field(discriminator="by")] = (
        Field(KeywordCandidates(by="keywords"), description="Which sentences are asked about.")
    )
    compare: Name | None = Field(
        None,
        description="A declared dataset of the same taxonomy, made by experts or the generator: "
        "the LLM labels its train and valid sentences, too, and `<results>/<name>.quality.csv` "
        "compares them. They are no part of this dataset.",
    )
    label: Name = Field(description="A file under `config/prompts/`.")
    rationale: bool = Field(
        False,
        description="The LLM writes a reason and then its answer, instead of having its answer "
        "scored; needs `calibration: false`.",
    )

    @model_validator(mode="after")
    def _scored_or_written(self) -> "LlmLabels":
        if self.rationale and self.calibration:
            raise ValueError(
                "'rationale' has the answer written, and only a scored one can be calibrated; "
                "expected 'calibration: false' with it"
            )
        return self


class LlmWrites(LlmSentences):
    """Bronze: sentences that an LLM writes for each category, and for none."""

    uses = ("write", "check")

    made_by: Literal["llm_writes"] = Field(description="Chooses this form.")
    write: Name = Field(description="A file under `config/prompts/`.")
    requests: Positive = Field(description="Sentences asked for per category, and for none.")
    keep: Positive = Field(
        description="At most so many are kept per category, and for none, so that the dataset is "
        "balanced."
    )
    max_tokens: Positive = Field(60, description="Room for a sentence, in the LLM's tokens.")
    near_duplicate: Share = Field(
        0.7,
        description="Jaccard index of the 3-grams of words with a kept sentence, above which a "
        "sentence is rejected.",
    )
    generic_patients: Positive = Field(
        10,
        description="Eight words in a row that stand in the notes of at least so many patients are "
        "generic; a sentence that has others of a note is rejected.",
    )

    @model_validator(mode="after")
    def _enough(self) -> "LlmWrites":
        if self.keep > self.requests:
            raise ValueError(
                f"keep {self.keep} is more than requests {self.requests}; expected at most as many"
            )
        return self


class Columns(Declared):
    """Which column of a table, or attribute or element of XML, holds what."""

    text: str = Field(description="The text, or the first of a pair.")
    second: str | None = Field(None, description="The second text of a pair.")
    labels: str | None = Field(None, description="The label, or several.")
    value: str | None = Field(None, description="The number of a pair with `answer: number`.")
    concept: str | None = Field(
        None,
        description="What an assertion is about: it is marked where it first stands in the text.",
    )
    split: str | None = Field(None, description="`train`, `valid`, `test` or a usual name of one.")
    patient: str | None = Field(None, description="The patient: what splits and intervals go by.")
    note: str | None = Field(None, description="The note: the same, where no patient is known.")


class Reading(Declared):
    """How files of experts are read, as their dataset declares it.

    attribute, unmarked: what the label of an assertion is, and of an entity without that attribute.
    pairs: types of the entities between which a relation may hold.
    """

    format: str = "table"
    encoding: str = "utf-8"
    patient: str | None = None
    rename: dict[str, str] = {}
    leave_out: list[str] = []
    overlaps: str = "error"
    discontinuous: str = "error"
    mismatches: str = "error"
    scheme: str = "detect"
    token_column: int = 1
    tag_column: int = -1
    attribute: str | None = None
    unmarked: str | None = None
    pairs: list[tuple[str, str]] = []
    columns: Columns | None = None
    label_folder: str | None = None
    separators: list[str] = []


class CollectSpec(Declared):
    """What a dataset of the generator or of experts depends on besides the notes or files.

    of, types: the gold that notes carry, such as `phi`, and which entities of it. reading: how the
    files are read. files: how many each split has; or all, where they do not say a split; or all,
    and the lists of each split's documents. files_digest: of the files. valid_share: of
    the groups of train, where no files are valid. labels: in the order of tables. titles: what else
    labels are called. answer, unit, none_label: as in `DatasetManifest`, but files may say another
    unit. splits: shares of patients, where files do not say the split.
    """

    kind: str
    made_by: str
    of: str = ""
    types: list[str] = []
    reading: Reading | None = None
    files: list[int] = []
    files_digest: str = ""
    valid_share: Share | None = None
    labels: list[str]
    titles: dict[str, str] = {}
    answer: str
    unit: str
    none_label: str | None = None
    examples: ExampleBudget | None = None
    splits: Splits | None = None
    seed: int


class CandidatesSpec(Declared):
    """What the sentences that an LLM labels depend on besides the notes and the encoder.

    categories: what finds their candidates.
    """

    sentences: Positive
    candidates: Annotated[KeywordCandidates | EmbeddingCandidates, Field(discriminator="by")]
    categories: list[KeywordCategory] | list[DescribedCategory]
    seed: int


class LabelParsingSpec(Declared):
    """What the labels depend on besides the answers. threshold: of the log-odds of yes."""

    threshold: float


class SilverSpec(Declared):
    """What a dataset that an LLM labelled depends on besides sentences and labels."""

    labels: list[str]


class BronzeSpec(Declared):
    """What a dataset that an LLM wrote depends on besides sentences and labels."""

    labels: list[str]
    keep: Positive
    seed: int


class AnnotationSpec(Declared):
    """What an annotation sheet depends on besides the dataset. sentences: at most so many."""

    labels: list[str]
    sentences: Positive
    seed: int
