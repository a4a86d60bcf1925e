"""Documents and pairs: texts that have labels, or a number, as a whole."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from palimpsest.datasets.annotated import Document
from palimpsest.datasets.collected import Collected
from palimpsest.datasets.config import Columns
from palimpsest.datasets.experts import ExpertFiles
from palimpsest.datasets.formats import formats_of
from palimpsest.datasets.reader import FormatReader
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.dataset_tables import ONE_LABEL, SEVERAL_LABELS
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.runtime.labels import TEXT_EXAMPLES
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, ExampleBudget, Name

Label = str  # of a whole text: as the files write it, such as `not entailed`
COLUMNS = Field(None, description="With the formats `table` and `xml`: which column holds what.")


class _Texts(ExpertFiles):
    """What datasets of whole texts have."""

    columns: Columns | None = COLUMNS


class ExpertDocuments(_Texts):
    """Texts that experts labelled."""

    kind: Literal["documents"] = Field(description="What is labelled.")
    format: Literal[formats_of("documents")] = Field(  # type: ignore[valid-type]
        description="Of the files; docs/tasks.md says what each is."
    )
    labels: list[Label] = Field(min_length=1, description="In the order of tables.")
    answer: Literal["one_label", "several_labels"] = Field(
        "one_label", description="Whether a text has exactly one label, or any number of them."
    )
    label_folder: str | None = Field(
        None,
        description="With the format `folders`: the name of the folder that has a file of labels "
        "for each text. Absent: the folder of a text is its label.",
    )
    separators: list[str] = Field(
        [],
        description="With `label_folder`: what stands between labels, besides lines.",
    )

    @model_validator(mode="after")
    def _has_columns(self) -> "ExpertDocuments":
        if self.columns and not self.columns.labels:
            raise ValueError("'columns' needs 'labels'")
        return self


class ExpertPairs(_Texts):
    """Pairs of texts that experts labelled, or gave a number: inference, similarity, questions."""

    kind: Literal["pairs"] = Field(description="What is labelled.")
    format: Literal[formats_of("pairs")] = Field(  # type: ignore[valid-type]
        description="Of the files; docs/tasks.md says what each is."
    )
    labels: list[Label] = Field(
        [], description="In the order of tables; none with `answer: number`."
    )
    answer: Literal["one_label", "number"] = Field(
        "one_label", description="Whether a pair has a label or a number."
    )

    @model_validator(mode="after")
    def _answered(self) -> "ExpertPairs":
        if bool(self.labels) == (self.answer == "number"):
            raise ValueError("expected 'labels', or 'answer: number' without labels")
        needed = {"second", "value" if self.answer == "number" else "labels"}
        if self.columns and (absent := [key for key in needed if not getattr(self.columns, key)]):
            raise ValueError(f"'columns' needs {sorted(absent)}")
        return self


class GeneratedPairs(Declared):
    """Pairs of a premise and a hypothesis, which notes of a generated source carry."""

    answer: ClassVar[str] = ONE_LABEL

    name: Name
    kind: Literal["pairs"] = Field(description="What is labelled.")
    made_by: Literal["generator"] = Field(description="Chooses this form.")
    source: str = Field(description="A source whose notes carry gold pairs.")
    labels: list[Label] = Field(
        ["entailment", "contradiction", "neutral"],
        min_length=1,
        description="In the order of tables; pairs with others are left out.",
    )
    examples: ExampleBudget = Field(description="How many pairs are used.")


class TextsReader(FormatReader):
    """Reads documents and pairs."""

    schema = TEXT_EXAMPLES
    carried_as = "pairs"  # in a table of notes

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The pairs of a note."""
        for pair in note["pairs"]:
            start, end, label = pair["start"], pair["end"], pair["label"]
            if label not in self.spec.labels:
                self.left_out[label] += 1
                account.reject("label_left_out")
                continue
            content = digest([pair["hypothesis"], label])[:8]
            yield {
                "example_id": f"{note['note_id']}:{start}-{end}:{content}",
                "group": note["patient_id"],
                "split": note["split"],
                "text": note["text"][start:end],
                "note_id": note["note_id"],
                "start": start,
                "end": end,
                "made_by": self.spec.made_by,
                "second": pair["hypothesis"],
                "marks": [],
                "labels": [label],
            }

    def of_document(
        self, document: Document, named: Row, collected: Collected, account: Account
    ) -> Iterator[Row]:
        """The document or pair."""
        labels = document.labels
        if self.spec.answer == SEVERAL_LABELS:
            known = [collected.label_of(label, document.place) for label in labels]
            labels = [label for label in known if label is not None]
        yield {
            **named,
            "text": document.text,
            "second": document.second,
            "marks": [],
            "labels": [label for label in self.spec.labels if label in labels],
            "value": document.value,
        }

    def check(self, split: str, examples: list[Row]) -> None:
        """Raise UserError where no text of a split has a label, or all of train have one."""
        super().check(split, examples)
        if self.spec.answer == SEVERAL_LABELS and not any(row["labels"] for row in examples):
            raise UserError(
                f"none of the {len(examples)} {split} examples has one of the labels "
                f"{self.spec.labels}; are files and columns right?"
            )
