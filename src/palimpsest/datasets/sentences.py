"""Sentences with labels of a taxonomy, from notes that carry them or from files of experts."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from palimpsest.datasets.annotated import named, shown, tellable
from palimpsest.datasets.cells import labels_in, split_named
from palimpsest.datasets.config import CollectSpec, Sentences
from palimpsest.datasets.experts import Experts
from palimpsest.datasets.reader import Reader
from palimpsest.formats.blocks import Block
from palimpsest.formats.files import MissingColumns, names_of
from palimpsest.formats.ids import read_id
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.tables import read_blocks, table_files
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import digest
from palimpsest.runtime.labels import SENTENCE_EXAMPLES
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import ExampleBudget, Paths

COLUMNS = ["text", "labels", "patient_id", "note_id"]
SPLIT = "split"  # a column that a file may have


class GeneratedSentences(Sentences):
    """Sentences of a generated source, whose notes carry them."""

    made_by: Literal["generator"] = Field(description="Chooses this form.")
    source: str = Field(description="A source whose notes carry gold sentences.")
    examples: ExampleBudget = Field(description="How many sentences are used.")


class ExpertSentences(Sentences, Experts):
    """Gold: sentences that experts labelled, in files."""

    files: Paths = Field(
        description="`.jsonl`, `.csv` or `.tsv`, also with `.gz` or `.zst`, or `.parquet`, with "
        "the columns `text`, `labels`, `patient_id`, `note_id` and, if given, `split`; `*` stands "
        "for any characters."
    )


class SentencesReader(Reader):
    """Reads labelled sentences."""

    schema = SENTENCE_EXAMPLES
    carried_as = "sentences"

    def __init__(self, spec: CollectSpec) -> None:
        super().__init__(spec)
        self.unknown: Counter[str] = Counter()  # labels of files that are no category
        self._patients: dict[str, str] = {}  # note -> patient
        self._splits: dict[str, str] = {}  # patient -> split
        self._seen: set[tuple[str, str]] = set()  # note and text

    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The sentences of a note in which any has a label.

        Experts annotate the notes of patients who have the disease. Of all notes, hardly one
        sentence in a hundred would have a label.
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

        Columns: text, labels, patient_id, note_id, maybe split. Labels are names or titles of
        categories, written as `cells.labels_in` reads them. Without a split, patients are dealt to
        the shares of the study.
        Raises UserError when a file is damaged or lacks a column, or no row is left.
        """
        rejected: Counter[str] = Counter()
        left = 0
        for path, name in names_of(table_files(map(str, paths))).items():
            for block in _blocks(Path(path), name, self.spec):
                rejected.update(row.reason for row in block.rejected)
                yield from block.rejected
                columns = {key: array.to_pylist() for key, array in block.columns.items()}
                for index, (number, byte) in enumerate(
                    zip(block.rows.tolist(), block.bytes.tolist(), strict=True)
                ):
                    cells = {key: values[index] for key, values in columns.items()}
                    row = self._row(cells, f"{name}: row {number}")
                    if isinstance(row, str):
                        rejected[row] += 1
                        yield Rejected(name, number, None if byte < 0 else byte, row)
                    else:
                        left += 1
                        yield row
        if not left:
            raise self._no_row(paths, rejected)
        self.facts = {"unknown_labels": named(self.unknown)}

    def check(self, split: str, examples: list[Row]) -> None:
        """Raise UserError where no sentence of experts has a label."""
        if self.spec.made_by == "experts" and not any(row["labels"] for row in examples):
            said = f"; unknown labels {shown(self.unknown)}" if self.unknown else ""
            raise UserError(
                f"none of the {len(examples)} {split} sentences has one of the labels "
                f"{self.spec.labels}{said}"
            )

    def _row(self, cells: dict[str, str | None], place: str) -> Row | str:
        """An example, or the reason why there is none."""
        text = (cells["text"] or "").strip()
        note, patient = (read_id(cells[key], place) for key in ("note_id", "patient_id"))
        if not text:
            return "empty_text"
        if "\0" in text + note + patient:
            return "nul_byte"
        if not patient or not note:
            return "missing_patient_id" if not patient else "missing_note_id"
        found = labels_in(cells["labels"])
        if isinstance(found, str):
            return found
        labels = list(dict.fromkeys(map(self._category, found)))
        unknown = [label for label in labels if label not in self.spec.labels]
        if unknown:
            self.unknown.update(tellable(label, text) for label in unknown)
            return "unknown_label"
        if SPLIT in cells:  # if only an empty cell
            said = (cells[SPLIT] or "").strip()
            split = split_named(said)
            if not split:
                self.unknown_splits[tellable(said, text)] += 1
        else:
            split = self._splits.get(patient)
            if not split and self.spec.splits:
                split = split_of(patient, self.spec.splits, self.spec.seed)
        if not split:
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

    def _category(self, label: str) -> str:
        """The category that is called so: by its title, or its name in any case, blanks for `_`."""
        plain = label.casefold()
        name = plain.replace(" ", "_")
        return self.spec.titles.get(plain, name if name in self.spec.labels else label)

    def _no_row(self, paths: list[Path], rejected: Counter[str]) -> UserError:
        message = f"{', '.join(map(str, paths))}: no sentence is left of {rejected.total()} rows; "
        message += f"rejected: {dict(rejected)}"
        if self.unknown:
            message += (
                f"; unknown labels {shown(self.unknown)}, expected some of {self.spec.labels}"
            )
        return UserError(message)


def _blocks(path: Path, name: str, spec: CollectSpec) -> Iterator[Block]:
    """The rows of a file, with the column `split` where there is one."""
    encoding = spec.reading.encoding if spec.reading else "utf-8"

    def read(columns: list[str]) -> Iterator[Block]:
        return read_blocks(path, name, columns, encoding, lambda count: None, lists=["labels"])

    blocks = read([*COLUMNS, SPLIT])
    try:
        first = next(blocks, None)
    except MissingColumns as error:
        if error.columns != [SPLIT]:
            raise
        blocks = read(COLUMNS)
        first = next(blocks, None)
    if first:
        yield first
    yield from blocks
