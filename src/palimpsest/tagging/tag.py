"""Notes are cut as the examples of datasets are, labelled, and written with offsets of the note."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from palimpsest.runtime.accounting import ROWS_ARE, Account
from palimpsest.runtime.dataset_tables import ONE_LABEL, DatasetManifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import table_writer, write_text
from palimpsest.runtime.rows import Row
from palimpsest.tagging.brat import Brat
from palimpsest.text.sentences import segments, sentences_of

PIECES = 2_000  # that are labelled at once: what memory holds
PLACE = [
    ("note_id", pa.string()),
    ("start", pa.int64()),  # character offsets in the note, end exclusive
    ("end", pa.int64()),
    ("text", pa.string()),  # that stands there
]
SPANS = pa.schema([*PLACE, ("label", pa.string()), ("score", pa.float32())])
TEXTS = pa.schema([*PLACE, ("labels", pa.list_(pa.string())), ("scores", pa.list_(pa.float32()))])
SCHEMAS = {"spans": SPANS, "sentences": TEXTS, "documents": TEXTS}
Place = tuple[int, int]


class Part(Protocol):
    """What a stretch of a user's file became."""

    @property
    def entered(self) -> int:
        """The rows that went in."""

    @property
    def notes(self) -> pa.Table:
        """With note_id and text."""

    @property
    def rejected(self) -> pa.Table:
        """With file, row, byte and reason."""


class Model(Protocol):
    """A kept model."""

    @property
    def asked(self) -> DatasetManifest:
        """What it was trained on: kind, labels, answer."""

    def predict_texts(self, texts: list[str]) -> list[list[Row]]:
        """Of each text its spans: start, end, label and score; or the score of each label."""


def pieces(text: str, kind: str) -> list[Place]:
    """The stretches of a note that are labelled, as the examples of a kind of dataset are cut.

    Spans: all of the note, from sentence end to sentence end. Sentences: what a reader would call
    one. Documents: the note.
    """
    if kind == "documents":
        return [(0, len(text))]
    if kind == "sentences":
        return sentences_of(text)
    found = []
    for start, end in segments(text):
        if part := text[start:end].strip():
            first = text.index(part[0], start)
            found.append((first, first + len(part)))
    return found


def decided(scored: list[Row], asked: DatasetManifest, threshold: float) -> Row:
    """The labels of a text, in order, and the scores of all.

    scored: label and score of each label, and of `any` where there may be several. Of one label
    the likeliest is the answer; several hold from the threshold on.
    """
    scores = {row["label"]: row["score"] for row in scored}
    if asked.answer == ONE_LABEL:
        labels = [max(asked.labels, key=scores.__getitem__)]
    else:
        labels = [label for label in asked.labels if scores[label] >= threshold]
    return {"labels": labels, "scores": [scores[label] for label in asked.labels]}


@dataclass
class Tagged:
    """What was tagged so far. kept: notes."""

    entered: int = 0
    account: Account = field(default_factory=Account)
    pieces: int = 0
    by_label: Counter[str] = field(default_factory=Counter)
    rejected: list[pa.Table] = field(default_factory=list)


def tag(parts: Iterable[Part], model: Model, threshold: float, out: Path, **named: Any) -> Tagged:
    """Label notes and write `tags.parquet`, `rejects.csv` and, of spans, the folder `brat`.

    threshold: from which on one of several labels holds. out: a folder that is there. named:
    further fields of the manifest.
    Raises UserError when the model is of a kind that labels no notes, or no note is left.
    """
    asked, done = model.asked, Tagged()
    if asked.kind not in SCHEMAS:
        raise UserError(
            f"the model answers examples of kind '{asked.kind}'; notes are tagged by models of "
            f"{list(SCHEMAS)}"
        )
    brat = Brat(out / "brat", asked.labels) if asked.kind == "spans" else None
    with table_writer(out / "tags.parquet", SCHEMAS[asked.kind]) as table:
        for notes in _together(parts, asked.kind, done):
            texts = [note.text[start:end] for note in notes for start, end in note.places]
            found = model.predict_texts(texts) if texts else []
            if not brat:
                found = [[decided(scored, asked, threshold)] for scored in found]
            written: list[Row] = []
            for note, rows in _by_note(notes, found):
                done.account.keep()
                done.pieces += len(note.places)
                if brat:
                    brat.write(note.note_id, note.text, rows)
                    done.by_label.update(row["label"] for row in rows)
                else:
                    done.by_label.update(label for row in rows for label in row["labels"])
                written += rows
            table.write_rows(written)
        account = done.account.close(done.entered, "notes")
        if not done.account.kept:
            raise UserError(f"no note is left of {done.entered} rows: {account['rejected']}")
        table.fields |= {"kind": asked.kind, "labels": asked.labels, "account": account}
        table.fields[ROWS_ARE] = []  # tags, and the account is of notes
        by_label = {label: done.by_label[label] for label in asked.labels}
        table.fields |= {"pieces": done.pieces, "by_label": by_label, **named}
    whole = {pa.int64(): pd.Int64Dtype()}  # numbers that may be absent
    rejected = pa.concat_tables(done.rejected).to_pandas(types_mapper=whole.get)
    write_text(out / "rejects.csv", rejected.to_csv(index=False, lineterminator="\n"))
    return done


@dataclass(frozen=True)
class _Note:
    note_id: str
    text: str
    places: list[Place]


def _together(parts: Iterable[Part], kind: str, done: Tagged) -> Iterator[list[_Note]]:
    """Notes whose pieces are labelled at once; every row is counted."""
    gathered: list[_Note] = []
    waiting = 0
    for part in parts:
        done.entered += part.entered
        done.rejected.append(part.rejected)
        done.account.rejected.update(part.rejected["reason"].to_pylist())
        for note in part.notes.select(["note_id", "text"]).to_pylist():
            places = pieces(note["text"], kind)
            gathered.append(_Note(**note, places=places))
            waiting += len(places)
            if waiting >= PIECES:
                yield gathered
                gathered, waiting = [], 0
    yield gathered


def _by_note(notes: list[_Note], found: list[list[Row]]) -> Iterator[tuple[_Note, list[Row]]]:
    """Each note with what was found in its pieces, placed in the note."""
    answers = iter(found)
    for note in notes:
        rows = []
        for start, end in note.places:
            for row in next(answers):
                first, last = row.get("start", 0), row.get("end", end - start)
                if not 0 <= first < last <= end - start:
                    raise UserError(
                        f"note {note.note_id}: the model found characters {first} to {last} in a "
                        f"text of {end - start}; expected a stretch of it"
                    )
                place = {"note_id": note.note_id, "start": start + first, "end": start + last}
                rows.append({**row, **place, "text": note.text[start + first : start + last]})
        yield note, rows
