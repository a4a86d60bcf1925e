"""The notes that the project generates, in parts like those of any other source."""

from collections.abc import Callable, Iterator
from itertools import islice

import pyarrow as pa

from palimpsest.notes.config import GeneratedSource, WrittenSource
from palimpsest.notes.normalize import REJECTS, Part
from palimpsest.notes.schema import GOLD, SCHEMA
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import split_of
from palimpsest.runtime.schema import Splits
from synthetic_notes import GeneratedNote, generate_case_reports, generate_notes

FILE = "generated"
PART_NOTES = 256


def generated_notes(
    source: WrittenSource, splits: Splits, seed: int, advance: Callable[[int], None]
) -> Iterator[Part]:
    """The notes of a generated source with their gold, none rejected.

    The split of a patient decides which diseases and wordings its notes may have.
    advance: is told how many more patients were written of.
    """

    def side(patient: str) -> str:
        return split_of(patient, splits, seed)

    if isinstance(source, GeneratedSource):
        notes = generate_notes(source.patients, seed, side, source.noise)
    else:
        notes = generate_case_reports(source.patients, seed, side)
    row, last = 0, None
    while held := list(islice(notes, PART_NOTES)):
        rows = [_row(note, number) for number, note in enumerate(held, start=row + 1)]
        row += len(held)
        patients = {note.patient_id for note in held} - {last}
        last = held[-1].patient_id
        advance(len(patients))
        yield Part(FILE, len(held), _table(rows), REJECTS.empty_table())


def _row(note: GeneratedNote, number: int) -> Row:
    row = {name: getattr(note, name) for name in ("note_id", "patient_id", "category", "date")}
    row |= {"text": note.text, "source_file": FILE, "source_row": number}
    for name, kind in GOLD:
        keys = [field.name for field in kind.value_type]
        row[name] = [{key: getattr(label, key) for key in keys} for label in getattr(note, name)]
    return row


def _table(rows: list[Row]) -> pa.Table:
    """The rows; split and shard are dealt later."""
    names = [name for name in SCHEMA.names if name not in ("split", "shard")]
    return pa.Table.from_pylist(rows, schema=pa.schema([SCHEMA.field(name) for name in names]))
