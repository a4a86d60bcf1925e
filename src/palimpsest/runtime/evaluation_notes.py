"""Which notes an evaluation is on: what scores decoders and what looks for leaks have in common."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.origins import check_made_of
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import EvaluationNotes

SHOWN, LONGEST = 20, 60  # categories that an error names, and their characters
COLUMNS = ["note_id", "patient_id", "text"]


def fitting_notes(notes: pa.Table, evaluation: EvaluationNotes) -> pa.Array:
    """Which of some notes an evaluation could be on. notes: with `split` and `category`."""
    fits = pc.equal(notes["split"], evaluation.split)
    if evaluation.category is None:
        return fits
    return pc.and_(fits, pc.equal(notes["category"], evaluation.category))


def evaluation_notes(path: Path, evaluation: EvaluationNotes, seed: int) -> tuple[list[Row], int]:
    """The notes of an evaluation, in sampling order, and how many there were to draw from.

    path: of a table of notes. Returns rows with note_id, patient_id and text.
    Raises UserError when there are none, or the table is damaged or of another source.
    """
    check_made_of(path, read_manifest(path), "source", evaluation.source)
    notes = read_table(path, [*COLUMNS, "category", "split"])
    found = notes.filter(fitting_notes(notes, evaluation)).select(COLUMNS).to_pylist()
    if not found:
        counted = Counter(notes["category"].to_pylist())
        # What is long or stands there once may be text, in a column that was mistaken for this one.
        known = sorted(
            name for name, count in counted.items() if count > 1 and len(name) <= LONGEST
        )
        raise UserError(
            f"evaluation '{evaluation.name}': no {evaluation.split} note of category "
            f"{evaluation.category!r}; there are {known[:SHOWN]}"
        )
    found.sort(key=lambda note: keyed_hash(f"evaluation-{seed}", note["note_id"]))
    return found[: evaluation.notes], len(found)
