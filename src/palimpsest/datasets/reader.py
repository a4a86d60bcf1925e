"""What the readers of all kinds of datasets have in common."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from palimpsest.datasets.annotated import Document
from palimpsest.datasets.collected import Collected
from palimpsest.datasets.config import CollectSpec
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.dataset_tables import ONE_LABEL
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row


class Reader(ABC):
    """Reads the examples of one kind from what carries them.

    schema: of the examples, in `runtime.labels`. carried_as: the column of a table of notes that
    has the gold. left_out: labels that the dataset does not have. unit: what a group is. facts:
    fields of the manifest that only some datasets have. unknown_splits: what stands in files where
    a split should.
    """

    schema: ClassVar[pa.Schema]
    carried_as: str

    def __init__(self, spec: CollectSpec) -> None:
        self.spec = spec
        self.unit = spec.unit
        self.left_out: Counter[str] = Counter()
        self.unknown_splits: Counter[str] = Counter()
        self.facts: Row = {}

    @abstractmethod
    def of_note(self, note: Row, account: Account) -> Iterator[Row]:
        """The examples of a note with gold. note: with NOTE and `carried_as`, of `notes.schema`."""

    @abstractmethod
    def of_files(self, paths: list[Path], account: Account) -> Iterator[Row | Rejected]:
        """The examples of files, and what is rejected."""

    def labels_of(self, example: Row) -> list[str]:
        """The labels of an example."""
        return list(example["labels"])

    def check(self, split: str, examples: list[Row]) -> None:
        """Raise UserError where nothing can be learnt or found in the examples of a split."""
        asked = self.spec.made_by == "experts" and self.spec.answer == ONE_LABEL
        if not asked or split != "train" or len(self.spec.labels) < 2:
            return
        given = {label for row in examples for label in row["labels"]}
        if len(given) < 2 <= len(examples):
            raise UserError(
                f"all {len(examples)} train examples have the label {sorted(given)}, so nothing "
                f"can be learnt; expected some of each of {self.spec.labels}"
            )


class FormatReader(Reader):
    """Reads the examples of one kind from files of any of `datasets.formats`."""

    def of_files(self, paths: list[Path], account: Account) -> Iterator[Row | Rejected]:
        """The examples of files, and what is rejected.

        Raises UserError naming file and line of what is not of the format, of an entity that the
        policies do not allow, or of labels that are not known.
        """
        collected = Collected(self.spec)
        self.left_out, self.unknown_splits = collected.left_out, collected.unknown_splits
        for found in collected.documents(paths):
            if isinstance(found, Rejected):
                yield found
            else:
                yield from self.of_document(*found, collected, account)
        collected.check()
        self.unit = collected.unit or self.unit
        findings = collected.findings
        self.facts = {**findings.facts, "ignored": dict(sorted(findings.ignored.items()))}
        self.facts |= self.counted()

    @abstractmethod
    def of_document(
        self, document: Document, named: Row, collected: Collected, account: Account
    ) -> Iterator[Row]:
        """The examples of a document. named: what all of them have."""

    def counted(self) -> Row:
        """More fields of the manifest, when all is read."""
        return {}
