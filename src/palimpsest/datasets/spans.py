"""Spans: entities in sentences, from notes that carry them or from files of experts."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.formats import FORMATS
from palimpsest.datasets.standoff import labelled_sentences
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.labels import SPAN_EXAMPLES, SPLITS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, ExampleBudget, Name


class _Spans(Declared):
    """What datasets of spans have."""

    name: Name
    kind: Literal["spans"] = Field(description="What is labelled.")
    labels: list[Name] = Field(min_length=1, description="Entity types, in the order of tables.")
    examples: ExampleBudget = Field(description="How many sentences are used.")


class GeneratedSpans(_Spans):
    """Entities of a generated source, whose notes carry them. Other types are left out."""

    made_by: Literal["generator"] = Field(description="Chooses this form.")
    source: str = Field(description="A source whose notes carry gold spans.")


class SplitFiles(Declared):
    """The files of each split: a path, or several with `*`."""

    train: str = Field(description="To train on; `*` stands for any characters.")
    valid: str = Field(description="To choose the best epoch on.")
    test: str = Field(description="That the tables report.")

    @model_validator(mode="after")
    def _apart(self) -> "SplitFiles":
        if len({self.train, self.valid, self.test}) < len(SPLITS):
            raise ValueError("expected three different files: what trains is no evidence")
        return self


class ExpertSpans(_Spans):
    """Entities that experts labelled, in files. A type that is not declared is an error."""

    made_by: Literal["experts"] = Field(description="Chooses this form.")
    format: Literal[tuple(FORMATS)] = Field(  # type: ignore[valid-type]
        "conll", description="Of the files; docs/own-notes.md says what each is."
    )
    files: SplitFiles = Field(description="Those of each split.")


class SpansReader:
    """Reads sentences with labelled spans."""

    schema = SPAN_EXAMPLES
    carried_as = "spans"  # in a table of notes

    def __init__(self, spec: CollectSpec) -> None:
        self.spec = spec
        self.left_out: Counter[str] = Counter()  # labels that the dataset does not have

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The sentences of a note with gold spans.

        note: note_id, patient_id, split, text and spans (`notes.schema.GOLD`).
        """
        self.left_out.update(
            span["label"] for span in note["spans"] if span["label"] not in self.spec.labels
        )
        spans = [span for span in note["spans"] if span["label"] in self.spec.labels]
        named = {"group": note["patient_id"], "split": note["split"], "note_id": note["note_id"]}
        for sentence in labelled_sentences(note["text"], spans):
            place = f"{note['note_id']}:{sentence['start']}-{sentence['end']}"
            yield {**sentence, **named, "example_id": place, "made_by": self.spec.made_by}

    def of_files(self, paths: list[Path], account: Account) -> Iterator[Row]:
        """The sentences of files, those of each split in a row: `spec.files` says how many.

        Raises UserError naming the line of a row that is not of the format, or of no known label.
        """
        rest, read = iter(paths), FORMATS[self.spec.format]
        nowhere = dict.fromkeys(("note_id", "start", "end"))
        for split, count in zip(SPLITS, self.spec.files, strict=True):
            sentences = read(list(islice(rest, count)), self.spec.labels)
            for number, sentence in enumerate(sentences, start=1):
                named = dict.fromkeys(("example_id", "group"), f"{split}-{number}")
                yield named | nowhere | sentence | {"split": split, "made_by": self.spec.made_by}

    def labels_of(self, example: Row) -> list[str]:
        """The labels of an example's spans."""
        return [span["label"] for span in example["spans"]]
