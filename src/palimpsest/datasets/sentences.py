"""Sentences with labels of a taxonomy, from notes that carry them or from files of experts."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from palimpsest.datasets.config import TAXONOMY
from palimpsest.formats.files import LONGEST_NAME, MOST_WORDS, names_of
from palimpsest.formats.reader import Block
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.tables import read_blocks
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest, keyed_hash
from palimpsest.runtime.labels import NONE, SPLITS
from palimpsest.runtime.lowest import Lowest
from palimpsest.runtime.paths import matching
from palimpsest.runtime.schema import Declared, ExampleBudget, Name, Paths

COLUMNS = ["text", "labels", "patient_id", "note_id"]
SPLIT = "split"  # a column that a file may have
SHOWN = 10  # unknown labels that an error names


class _Sentences(Declared):
    """What datasets of sentences have."""

    name: Name
    kind: Literal["sentences"] = Field(description="What is labelled.")
    taxonomy: Name = TAXONOMY
    examples: ExampleBudget = Field(description="How many sentences are used.")


class GeneratedSentences(_Sentences):
    """Sentences of a generated source, whose notes carry them."""

    made_by: Literal["generator"] = Field(description="Chooses this form.")
    source: str = Field(description="A source whose notes carry gold sentences.")


class ExpertSentences(_Sentences):
    """Gold: sentences that experts labelled, in files."""

    made_by: Literal["experts"] = Field(description="Chooses this form.")
    files: Paths = Field(
        description="`.jsonl`, `.csv` or `.tsv`, also with `.gz` or `.zst`, with the columns "
        "`text`, `labels`, `patient_id`, `note_id` and, if given, `split`; `*` stands for any "
        "characters."
    )


def from_note(note: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of LABELLED from a note with gold sentences, with all the categories that these have.

    note: note_id, patient_id, split, text and sentences (`notes.schema.GOLD`).
    """
    for place in note["sentences"]:
        start, end = place["start"], place["end"]
        yield {
            "sentence_id": f"{note['note_id']}:{start}-{end}",
            "text": note["text"][start:end],
            "categories": place["categories"],
            "group": note["patient_id"],
            "split": note["split"],
            "note_id": note["note_id"],
            "start": start,
            "end": end,
            "origin": "gold",
        }


class GoldFiles:
    """Reads files of labelled sentences: columns text, labels, patient_id, note_id, maybe split.

    Several labels of a sentence are a JSON list, or separated by `;` or `|`; no label, or `none`,
    says that no category holds.
    """

    def __init__(self, names: list[str], split_of: Callable[[str], str]) -> None:
        """names: of the taxonomy's categories. split_of: of a patient, where a file says none."""
        self.names, self.split_of = names, split_of
        self.unknown: Counter[str] = Counter()  # labels that are no category
        self._patients: dict[str, str] = {}  # note -> patient
        self._splits: dict[str, str] = {}  # patient -> split
        self._seen: set[tuple[str, str]] = set()  # note and text

    def read(self, patterns: list[str]) -> Iterator[dict[str, Any] | Rejected]:
        """Each row as one of LABELLED, or turned down for a reason.

        Raises UserError when a file is missing or damaged, or lacks a column.
        """
        for pattern in patterns:
            if not matching([pattern]):
                raise UserError(f"{pattern}: there is no such file")
        for path, name in names_of(matching(patterns)).items():
            for block in _blocks(Path(path), name):
                yield from block.rejected
                columns = {key: array.to_pylist() for key, array in block.columns.items()}
                for at, (number, place) in enumerate(
                    zip(block.rows.tolist(), block.bytes.tolist(), strict=True)
                ):
                    row = self._row({key: values[at] for key, values in columns.items()})
                    if isinstance(row, str):
                        yield Rejected(name, number, None if place < 0 else place, row)
                    else:
                        yield row

    def _row(self, cells: dict[str, str | None]) -> dict[str, Any] | str:
        """A row of LABELLED, or the reason why there is none."""
        text, note, patient = (
            (cells[key] or "").strip() for key in ("text", "note_id", "patient_id")
        )
        if not text:
            return "empty_text"
        if "\0" in text + note + patient:
            return "nul_byte"
        if not patient or not note:
            return "missing_patient_id" if not patient else "missing_note_id"
        labels = _labels(cells["labels"])
        if isinstance(labels, str):
            return labels
        unknown = [label for label in labels if label not in self.names]
        if unknown:
            self.unknown.update(unknown)
            return "unknown_label"
        split = (cells.get(SPLIT) or "").strip() or self._splits.get(patient)
        split = split or self.split_of(patient)
        if split not in SPLITS:
            return "unknown_split"
        # Sentences of one patient in two splits would let a classifier know the answers.
        if self._patients.setdefault(note, patient) != patient:
            return "note_of_other_patient"
        if self._splits.setdefault(patient, split) != split:
            return "patient_in_other_split"
        if (note, text) in self._seen:
            return "duplicate"
        self._seen.add((note, text))
        return {
            # Of its content, so that a row more or less changes no other sentence's id.
            "sentence_id": f"{note}:{digest(text)[:16]}",
            "text": text,
            "categories": labels,
            "group": patient,
            "split": split,
            "note_id": note,
            "start": None,
            "end": None,
            "origin": "gold",
        }

    def no_row(self, what: str, rejected: dict[str, int]) -> UserError:
        """The error that no row is left. what: names the files. rejected: rows by reason."""
        rows = sum(rejected.values())
        message = f"{what}: no sentence is left of {rows} rows; turned down: {rejected}"
        # What is long is no label but a column of text by mistake.
        shown = [
            label
            for label, _ in self.unknown.most_common()
            if len(label) <= LONGEST_NAME and len(label.split()) <= MOST_WORDS
        ][:SHOWN]
        if shown:
            message += f"; unknown labels {shown}, expected some of {self.names}"
        return UserError(message)


def draw(
    rows: Iterable[dict[str, Any]], budgets: dict[str, int], seed: int, what: str
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """At most so many sentences of each split, in sampling order, and how many there were.

    The order is a keyed hash of the sentence's id, and the rows of a split are in it: the first n
    of them are what a budget of n draws, and another sentence changes nobody's place.
    what: names the rows, for the error. Raises UserError when a split has none.
    """
    samples: dict[str, Lowest] = {split: Lowest(budget) for split, budget in budgets.items()}
    found = dict.fromkeys(budgets, 0)
    for row in rows:
        found[row["split"]] += 1
        key = keyed_hash(f"gold-{seed}", row["sentence_id"])
        samples[row["split"]].offer(key, tuple(row[name] for name in LABELLED.names))
    for split, count in found.items():
        if not count:
            raise UserError(f"{what}: no gold sentence is of the split '{split}'; found: {found}")
    drawn = [
        dict(zip(LABELLED.names, values, strict=True))
        for sample in samples.values()
        for _, values in sample.drawn()
    ]
    return drawn, found


def _blocks(path: Path, name: str) -> Iterator[Block]:
    """The rows of a file, with the column `split` where there is one."""

    def read(columns: list[str]) -> Iterator[Block]:
        return read_blocks(path, name, columns, "utf-8", lambda count: None, lists=["labels"])

    blocks = read([*COLUMNS, SPLIT])
    try:
        first = next(blocks, None)
    except UserError:  # without that column; what else is wrong is found again
        blocks = read(COLUMNS)
        first = next(blocks, None)
    if first:
        yield first
    yield from blocks


def _labels(cell: str | None) -> list[str] | str:
    """The labels in a cell, or the reason why they cannot be read."""
    if cell is None:
        return "missing_labels"
    cell = cell.strip()
    if cell.startswith("["):
        try:
            labels = json.loads(cell)
        except ValueError:
            return "invalid_labels"
        if not all(isinstance(label, str) for label in labels):
            return "invalid_labels"
    else:
        labels = cell.replace("|", ";").split(";")
    labels = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    if NONE in labels:
        return "invalid_labels" if len(labels) > 1 else []
    return labels
