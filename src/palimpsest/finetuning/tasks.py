from typing import Literal

from pydantic import Field, model_validator

from palimpsest.finetuning.config import Finetuning
from palimpsest.runtime.schema import Declared, ExampleBudget, Name


class TaskFiles(Declared):
    """CoNLL-style files: a token, a tab and its IOB2 tag a line; an empty line ends a sentence."""

    train: str = Field(description="File to train on.")
    valid: str = Field(description="File to choose the best epoch on.")
    test: str = Field(description="File that the tables report.")


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
    sentences: ExampleBudget = Field(description="How many sentences are used.")
    finetuning: Finetuning = Field(description="How encoders learn the task.")
    seeds: list[int] = Field(min_length=1, description="One fine-tuning run each.")

    @model_validator(mode="after")
    def _one_origin(self) -> "EntityTask":
        if (self.source is None) == (self.files is None):
            raise ValueError("expected either 'source' or 'files'")
        return self
