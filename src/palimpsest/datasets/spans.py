"""Spans: entities in sentences, from notes that carry them or from CoNLL files."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from palimpsest.datasets.config import CollectSpec
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.labels import SPAN_EXAMPLES, SPLITS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, ExampleBudget, Name
from palimpsest.text.iob2 import OUTSIDE, Offsets, Span, spans_of, tag_names, tags_of
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
    """CoNLL-style files: a token, a tab and its IOB2 tag a line; an empty line ends a sentence."""

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
        """The sentences of CoNLL-style files, one for each split, with the tokens as their text.

        Raises UserError naming the line of a row that is not of this form, or whose label is
        unknown.
        """
        for split, path in zip(SPLITS, paths, strict=True):
            for number, (words, tags) in enumerate(_sentences(path, self.spec.labels), start=1):
                tokens, start = [], 0
                for word in words:
                    tokens.append(_stretch(start, start + len(word)))
                    start += len(word) + 1
                yield {
                    "example_id": f"{split}-{number}",
                    "group": f"{split}-{number}",
                    "split": split,
                    "text": " ".join(words),
                    "note_id": None,
                    "start": None,
                    "end": None,
                    "made_by": self.spec.made_by,
                    "tokens": tokens,
                    "spans": _tagged(tokens, tags),
                }

    def labels_of(self, example: Row) -> list[str]:
        """The labels of an example's spans."""
        return [span["label"] for span in example["spans"]]


def _stretch(start: int, end: int) -> Offsets:
    return {"start": start, "end": end}


def _tagged(tokens: list[Offsets], tags: list[str]) -> list[Row]:
    """The spans that IOB2 tags say; an `I-` that continues nothing begins a span."""
    found: list[Row] = []
    previous = OUTSIDE
    for token, tag in zip(tokens, tags, strict=True):
        prefix, _, label = tag.partition("-")
        if prefix == "I" and previous.partition("-")[2] == label:
            found[-1]["end"] = token["end"]
        elif tag != OUTSIDE:
            found.append({**token, "label": label})
        previous = tag
    return found


def _sentences(path: Path, labels: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Tokens and tags of a CoNLL-style file: `token<TAB>tag`, blank between sentences."""
    known = set(tag_names(labels))
    tokens: list[str] = []
    tags: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}") from error
    for number, line in enumerate([*lines, ""], start=1):
        line = line.rstrip("\r")
        if line.strip():
            fields = line.split("\t")
            if len(fields) < 2 or fields[-1] not in known:
                raise UserError(
                    f"{path}:{number}: expected a token, a tab and one of the tags {sorted(known)}"
                )
            tokens.append(fields[0])
            tags.append(fields[-1])
        elif tokens:
            yield tokens, tags
            tokens, tags = [], []
