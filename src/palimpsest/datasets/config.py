"""Labelled sets in two directions, and the classifiers that are trained on them.

Li, Wang & Yu (2023, arXiv 2401.06774): gold sentences are labelled by experts; for silver an LLM
labels sentences of notes (data to label); for bronze it writes sentences for a label (label to
data).
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.schema import (
    Declared,
    ExampleBudget,
    Name,
    Paths,
    Positive,
    Share,
)

TAXONOMY = Field(description="A file under `config/taxonomies/`.")


class Gold(Declared):
    """Sentences that experts labelled: a generated source's, or those of files."""

    name: Name
    taxonomy: Name = TAXONOMY
    source: str | None = Field(None, description="A source whose notes carry gold sentences.")
    files: Paths | None = Field(
        None,
        description="Instead of a source: `.jsonl`, `.csv` or `.tsv`, also with `.gz` or `.zst`, "
        "with the columns `text`, `labels`, `patient_id`, `note_id` and, if given, `split`; "
        "`*` stands for any characters.",
    )
    sentences: ExampleBudget = Field(description="How many sentences are used.")

    @model_validator(mode="after")
    def _one_origin(self) -> "Gold":
        if (self.source is None) == (self.files is None):
            raise ValueError("expected either 'source' or 'files'")
        return self


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


class AskedSet(Declared):
    """A set whose labels an LLM decides, yes or no, category by category."""

    name: Name
    taxonomy: Name = TAXONOMY
    llm: Name = Field(description="A file under `config/llms/`.")
    check: Name | None = Field(
        None,
        description="A file under `config/prompts/` with which the labels are asked about once "
        "more; absent: they stand.",
    )
    examples: int = Field(
        2, ge=0, description="So many examples and near misses of the category are in a prompt."
    )
    calibration: bool = Field(
        True,
        description="Answers are held against those about sentences without content, which show "
        "the LLM's leaning (Zhao et al. 2021, arXiv 2102.09690).",
    )
    threshold: float = Field(
        0.0, description="Log-odds of yes above which an answer is yes, after calibration."
    )
    review: int = Field(
        0,
        ge=0,
        description="Sentences laid out for an annotator in `<results>/review/<name>.csv`; "
        "annotate a copy, for a rebuild writes the file anew.",
    )


class Silver(AskedSet):
    """Sentences of a source's training notes that an LLM labels, category by category."""

    source: str = Field(description="A declared source.")
    sentences: Positive = Field(description="Candidates that are asked about.")
    candidates: Annotated[KeywordCandidates | EmbeddingCandidates, Field(discriminator="by")] = (
        Field(KeywordCandidates(by="keywords"), description="Which sentences are asked about.")
    )
    label: Name = Field(description="A file under `config/prompts/`.")
    rationale: bool = Field(
        False,
        description="The LLM writes a reason and then its answer, instead of having its answer "
        "scored; needs `calibration: false`.",
    )

    @model_validator(mode="after")
    def _scored_or_written(self) -> "Silver":
        if self.rationale and self.calibration:
            raise ValueError(
                "'rationale' has the answer written, and only a scored one can be calibrated; "
                "expected 'calibration: false' with it"
            )
        return self


class Bronze(AskedSet):
    """Sentences that an LLM writes for each category, and for none."""

    write: Name = Field(description="A file under `config/prompts/`.")
    requests: Positive = Field(description="Sentences asked for per category, and for none.")
    keep: Positive = Field(
        description="At most so many are kept per category, and for none, so that the set is "
        "balanced."
    )
    max_tokens: Positive = Field(60, description="Room for a sentence, in the LLM's tokens.")
    near_duplicate: Share = Field(
        0.7,
        description="Jaccard index of the 3-grams of words with a kept sentence, above which a "
        "sentence is turned down.",
    )
    generic_patients: Positive = Field(
        10,
        description="Eight words in a row that stand in the notes of at least so many patients are "
        "generic; a sentence that has others of a note is turned down.",
    )

    @model_validator(mode="after")
    def _enough(self) -> "Bronze":
        if self.keep > self.requests:
            raise ValueError(
                f"keep {self.keep} is more than requests {self.requests}; expected at most as many"
            )
        return self


def asked_prompts(entry: Any) -> dict[str, str]:
    """The prompts with which a labelled set asks its LLM, by what they are for."""
    uses = {use: getattr(entry, use, None) for use in ("label", "write", "check")}
    return {use: prompt for use, prompt in uses.items() if prompt}
