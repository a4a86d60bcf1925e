"""The patients of a source: who was used, who is the control, and whose a note is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from palimpsest.runtime.canaries import is_canary
from palimpsest.runtime.files import read_batches

EXPOSED, CONTROL, NEITHER = 1, 0, -1
ROWS = 512


@dataclass(frozen=True)
class Patients:
    """ids: of all patients, sorted, but for canaries, who are no patients.

    group: EXPOSED, CONTROL or NEITHER, of each. notes: ids of notes; owners: of each note,
    its patient's place in `ids`.
    """

    ids: list[str]
    group: np.ndarray
    notes: pa.Array
    owners: np.ndarray

    @property
    def exposed(self) -> np.ndarray:
        """Which patients were used: bool, (patients,)."""
        members: np.ndarray = self.group == EXPOSED
        return members

    @property
    def control(self) -> np.ndarray:
        """Which patients were not used at all: bool, (patients,)."""
        members: np.ndarray = self.group == CONTROL
        return members

    @property
    def exposed_count(self) -> int:
        return int(self.exposed.sum())

    @property
    def control_count(self) -> int:
        return int(self.control.sum())

    def of_notes(self, note_ids: pa.Array) -> np.ndarray:
        """Whose some notes are, by place in `ids`; -1 of nobody's, as a written sentence's."""
        known = self._places
        places = np.array([known.get(note, -1) for note in note_ids.to_pylist()], np.int64)
        return np.where(places >= 0, self.owners[places], -1) if len(self.owners) else places

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each note is. It is made once: batches are as many as notes are."""
        return {note: place for place, note in enumerate(self.notes.to_pylist())}


def read_patients(notes: Path, audited: bool) -> Patients:
    """The patients of a table of notes. audited: whether the control is the split `audit`."""
    held: list[pa.Table] = []
    for batch in read_batches(notes, ["note_id", "patient_id", "split"], ROWS):
        real = [not is_canary(note) for note in batch["note_id"].to_pylist()]
        held.append(pa.Table.from_batches([batch]).filter(pa.array(real)))
    table = pa.concat_tables(held).combine_chunks()
    ids, place = np.unique(np.array(table["patient_id"].to_pylist(), object), return_inverse=True)
    splits = np.array(table["split"].to_pylist(), object)
    control = "audit" if audited else "test"
    code = np.full(len(splits), NEITHER, np.int8)
    code[splits == "train"] = EXPOSED
    code[splits == control] = CONTROL
    group = np.full(len(ids), NEITHER, np.int8)
    group[place] = code  # all notes of a patient are in one split
    return Patients(ids.tolist(), group, table["note_id"].combine_chunks(), place)


def note_batches(notes: Path, *columns: str) -> Iterator[pa.RecordBatch]:
    """The notes of patients in batches, without canaries, with these columns."""
    for batch in read_batches(notes, ["note_id", "patient_id", *columns], ROWS):
        real = pa.array([not is_canary(note) for note in batch["note_id"].to_pylist()])
        yield batch.filter(real)
