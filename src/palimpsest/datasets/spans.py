"""Spans: entities in sentences, from notes that carry them or from CoNLL files."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.schema import Declared, ExampleBudget, Name

SCHEMA = pa.schema(
    [
        ("split", pa.string()),
        ("group", pa.string()),  # the note, or the sentence where no note is known: bootstrap unit
        ("tokens", pa.list_(pa.string())),
        ("tags", pa.list_(pa.string())),
    ]
)
TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
SENTENCE_END = re.compile(r"\n+|(?<=[.!?])\s+(?=[A-Z0-9(])")


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


class ExpertSpans(_Spans):
    """Entities that experts labelled, in files. A type that is not declared is an error."""

    made_by: Literal["experts"] = Field(description="Chooses this form.")
    files: SplitFiles


def sentences_of(note: dict[str, Any], labels: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Tokens and IOB2 tags of each sentence of a note with gold spans.

    A token gets a span's tag when it overlaps it. Spans of other labels are left out.
    """
    text = note["text"]
    cuts = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
    spans = sorted(
        (span for span in note["spans"] if span["label"] in labels), key=lambda s: s["start"]
    )
    for start, end in zip(cuts, cuts[1:], strict=False):
        tokens, tags = [], []
        previous = None
        for match in TOKEN.finditer(text, start, end):
            inside = next(
                (s for s in spans if s["start"] < match.end() and match.start() < s["end"]), None
            )
            tokens.append(match.group())
            if inside is None:
                tags.append("O")
            else:
                tags.append(f"{'I' if inside is previous else 'B'}-{inside['label']}")
            previous = inside
        if tokens:
            yield tokens, tags


def from_notes(notes: Iterable[dict[str, Any]], labels: list[str]) -> Iterator[dict[str, Any]]:
    """Rows of the task's table from notes with gold spans."""
    for note in notes:
        for tokens, tags in sentences_of(note, labels):
            yield {
                "split": note["split"],
                "group": note["note_id"],
                "tokens": tokens,
                "tags": tags,
            }


def from_conll(path: Path, split: str, labels: list[str]) -> Iterator[dict[str, Any]]:
    """Rows of the task's table from a CoNLL-style file: `token<TAB>tag`, blank between sentences.

    Raises UserError naming the line of a row that is not of this form, or whose label is unknown.
    """
    known = {"O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")}
    tokens: list[str] = []
    tags: list[str] = []
    count = 0
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
            count += 1
            yield {"split": split, "group": f"{split}-{count}", "tokens": tokens, "tags": tags}
            tokens, tags = [], []


def limit(
    rows: Iterable[dict[str, Any]], budgets: dict[str, int], seed: int
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """At most so many sentences of each split, in sampling order, and how many there were.

    Raises UserError when a split has none.
    """
    kept, found = [], {}
    everything = list(rows)
    for split, budget in budgets.items():
        of_split = [row for row in everything if row["split"] == split]
        found[split] = len(of_split)
        if not of_split:
            raise UserError(f"the task has no '{split}' sentences")
        order = sorted(
            range(len(of_split)),
            key=lambda at: keyed_hash(f"sentences-{seed}", of_split[at]["group"], str(at)),
        )
        kept += [of_split[at] for at in sorted(order[:budget])]
    return kept, found
