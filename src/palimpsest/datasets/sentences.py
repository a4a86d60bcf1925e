"""Sentences with labels of a taxonomy, from notes that carry them or from files of experts."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from palimpsest.datasets.config import CollectSpec, Sentences
from palimpsest.formats.blocks import Block
from palimpsest.formats.files import LONGEST_NAME, MOST_WORDS, names_of
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.tables import read_blocks
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.runtime.labels import NONE, SENTENCE_EXAMPLES, SPLITS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import ExampleBudget, Paths, PatientsOf

COLUMNS = ["text", "labels", "patient_id", "note_id"]
SPLIT = "split"  # a column that a file may have
SHOWN = 10  # unknown labels that an error names
EXAMPLES = Field(description="How many sentences are used.")


class GeneratedSentences(Sentences):
    """Sentences of a generated source, whose notes carry them."""

    made_by: Literal["generator"] = Field(description="Chooses this form.")
    source: str = Field(description="A source whose notes carry gold sentences.")
    examples: ExampleBudget = EXAMPLES


class ExpertSentences(Sentences):
    """Gold: sentences that experts labelled, in files."""

    made_by: Literal["experts"] = Field(description="Chooses this form.")
    files: Paths = Field(
        description="`.jsonl`, `.csv` or `.tsv`, also with `.gz` or `.zst`, with the columns "
        "`text`, `labels`, `patient_id`, `note_id` and, if given, `split`; `*` stands for any "
        "characters."
    )
    patients_of: PatientsOf = None
    examples: ExampleBudget = EXAMPLES


class SentencesReader:
    """Reads labelled sentences."""

    schema = SENTENCE_EXAMPLES
    carried_as = "sentences"  # in a table of notes

    def __init__(self, spec: CollectSpec) -> None:
        self.spec = spec
        self.left_out: Counter[str] = Counter()  # labels of notes that the taxonomy does not have
        self.unknown: Counter[str] = Counter()  # labels of files that are no category
        self._patients: dict[str, str] = {}  # note -> patient
        self._splits: dict[str, str] = {}  # patient -> split
        self._seen: set[tuple[str, str]] = set()  # note and text

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The sentences of a note in which any has a label.

        Experts annotate the notes of patients who have the disease. Of all notes, hardly one
        sentence in a hundred would have a label.
        note: note_id, patient_id, split, text and sentences (`notes.schema.GOLD`).
        """
        if not any(sentence["categories"] for sentence in note["sentences"]):
            account.reject("note_without_category", len(note["sentences"]))
            return
        for sentence in note["sentences"]:
            start, end, labels = sentence["start"], sentence["end"], sentence["categories"]
            self.left_out.update(name for name in labels if name not in self.spec.labels)
            yield {
                "example_id": f"{note['note_id']}:{start}-{end}",
                "group": note["patient_id"],
                "split": note["split"],
                "text": note["text"][start:end],
                "note_id": note["note_id"],
                "start": start,
                "end": end,
                "made_by": self.spec.made_by,
                "labels": [name for name in self.spec.labels if name in labels],
            }

    def of_files(self, paths: list[Path], account: Account) -> Iterator[Row | Rejected]:
        """Each row of some files, or why it is rejected.

        Columns: text, labels, patient_id, note_id, maybe split. Several labels are a JSON list, or
        separated by `;` or `|`; no label, or `none`, says that no category holds. Without a split,
        patients are dealt to the shares of the study.
        Raises UserError when a file is damaged or lacks a column, or no row is left.
        """
        rejected: Counter[str] = Counter()
        left = 0
        for path, name in names_of([str(path) for path in paths]).items():
            for block in _blocks(Path(path), name):
                rejected.update(row.reason for row in block.rejected)
                yield from block.rejected
                columns = {key: array.to_pylist() for key, array in block.columns.items()}
                for index, (number, byte) in enumerate(
                    zip(block.rows.tolist(), block.bytes.tolist(), strict=True)
                ):
                    row = self._row({key: values[index] for key, values in columns.items()})
                    if isinstance(row, str):
                        rejected[row] += 1
                        yield Rejected(name, number, None if byte < 0 else byte, row)
                    else:
                        left += 1
                        yield row
        if not left:
            raise self._no_row(paths, rejected)

    def labels_of(self, example: Row) -> list[str]:
        """The labels of an example."""
        return list(example["labels"])

    def _row(self, cells: dict[str, str | None]) -> Row | str:
        """An example, or the reason why there is none."""
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
        unknown = [label for label in labels if label not in self.spec.labels]
        if unknown:
            self.unknown.update(unknown)
            return "unknown_label"
        split = (cells.get(SPLIT) or "").strip() or self._splits.get(patient)
        if not split and self.spec.splits:
            split = split_of(patient, self.spec.splits, self.spec.seed)
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
            "example_id": f"{note}:{digest(text)[:16]}",
            "group": patient,
            "split": split,
            "text": text,
            "note_id": note,
            "made_by": self.spec.made_by,
            "labels": [name for name in self.spec.labels if name in labels],
        }

    def _no_row(self, paths: list[Path], rejected: Counter[str]) -> UserError:
        message = f"{', '.join(map(str, paths))}: no sentence is left of {rejected.total()} rows; "
        message += f"rejected: {dict(rejected)}"
        # What is long is no label but a column of text by mistake.
        shown = [
            label
            for label, _ in self.unknown.most_common()
            if len(label) <= LONGEST_NAME and len(label.split()) <= MOST_WORDS
        ][:SHOWN]
        if shown:
            message += f"; unknown labels {shown}, expected some of {self.spec.labels}"
        return UserError(message)


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
