"""Spans: entities in sentences, from notes that carry them or from files of experts."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.formats import FORMATS
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.labels import SPAN_EXAMPLES, SPLITS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, ExampleBudget, Name
from palimpsest.text.iob2 import Offsets, Span, spans_of, tags_of
from palimpsest.text.sentences import segments

TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")


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
    """A file for each split."""

    train: str = Field(description="File to train on.")
    valid: str = Field(description="File to choose the best epoch on.")
    test: str = Field(description="File that the tables report.")

    @model_validator(mode="after")
    def _apart(self) -> "SplitFiles":
        if len({self.train, self.valid, self.test}) < len(SPLITS):
            raise ValueError("expected three different files: what trains is no evidence")
        return self


class ExpertSpans(_Spans):
    """Entities that experts labelled, in files. A type that is not declared is an error."""

    made_by: Literal["experts"] = Field(description="Chooses this form.")
    format: Literal[tuple(FORMATS)] = Field(  # type: ignore[valid-type]
        "conll", description="Of the files; docs/two-directions.md says what each is."
    )
    files: SplitFiles = Field(description="One for each split.")


class SpansReader:
    """Reads sentences with labelled spans."""

    schema = SPAN_EXAMPLES
    carried_as = "spans"  # in a table of notes

    def __init__(self, spec: CollectSpec) -> None:
        self.spec = spec
        self.left_out: Counter[str] = Counter()  # labels that the dataset does not have

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The sentences of a note with gold spans, each of which has all of its tokens.

        note: note_id, patient_id, split, text and spans (`notes.schema.GOLD`). A token belongs to
        the first span that it overlaps.
        """
        self.left_out.update(
            span["label"] for span in note["spans"] if span["label"] not in self.spec.labels
        )
        spans = [span for span in note["spans"] if span["label"] in self.spec.labels]
        for start, end in segments(note["text"]):
            tokens = [match.span() for match in TOKEN.finditer(note["text"], start, end)]
            if tokens:
                first, last = tokens[0][0], tokens[-1][1]
                stretches = [_stretch(a - first, b - first) for a, b in tokens]
                inside = [
                    Span(start=span["start"] - first, end=span["end"] - first, label=span["label"])
                    for span in spans
                    if span["start"] < last and first < span["end"]
                ]
                yield {
                    "example_id": f"{note['note_id']}:{first}-{last}",
                    "group": note["patient_id"],
                    "split": note["split"],
                    "text": note["text"][first:last],
                    "note_id": note["note_id"],
                    "start": first,
                    "end": last,
                    "made_by": self.spec.made_by,
                    "tokens": stretches,
                    "spans": spans_of(stretches, tags_of(stretches, inside)),
                }

    def of_files(self, paths: list[Path], account: Account) -> Iterator[Row]:
        """The sentences of files, one for each split.

        Raises UserError naming the line of a row that is not of the files' format, or whose label
        is unknown.
        """
        read = FORMATS[self.spec.format]
        for split, path in zip(SPLITS, paths, strict=True):
            for number, sentence in enumerate(read(path, self.spec.labels), start=1):
                named = dict.fromkeys(("example_id", "group"), f"{split}-{number}")
                nowhere = dict.fromkeys(("note_id", "start", "end"))
                yield {
                    **named,
                    **nowhere,
                    **sentence,
                    "split": split,
                    "made_by": self.spec.made_by,
                }

    def labels_of(self, example: Row) -> list[str]:
        """The labels of an example's spans."""
        return [span["label"] for span in example["spans"]]


def _stretch(start: int, end: int) -> Offsets:
    return {"start": start, "end": end}
