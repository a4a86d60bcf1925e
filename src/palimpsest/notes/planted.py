"""Canaries as notes of a source: synthetic patients who are planted among the training patients."""

from collections.abc import Iterator

import pyarrow as pa

from palimpsest.notes.config import NotesSpec
from palimpsest.notes.normalize import REJECTS, Part
from palimpsest.runtime.canaries import canary
from palimpsest.runtime.sampling import split_of

FILE = "canaries"
CATEGORY = "Discharge summary"
PART_NOTES = 1024


def planted(spec: NotesSpec) -> Iterator[Part]:
    """The canaries of a source, in parts like those of its files; their patients are of train.

    A patient's split follows from the id, so that the id is chosen for its split.
    """
    count = spec.source.canaries
    for first in range(0, count, PART_NOTES):
        rows = []
        for number in range(first, min(first + PART_NOTES, count)):
            one = canary(spec.source.name, spec.seed, number)
            patient, tries = one.patient_id, 0
            while split_of(patient, spec.splits, spec.seed) != "train":
                tries += 1
                patient = f"{one.patient_id}-{tries}"
            rows.append((one.note_id, patient, CATEGORY, None, one.text, FILE, number + 1))
        names = ("note_id", "patient_id", "category", "date", "text", "source_file", "source_row")
        kinds = [pa.string()] * 6 + [pa.int64()]
        columns = [
            pa.array(column, kind)
            for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)
        ]
        yield Part(
            FILE, len(rows), pa.table(dict(zip(names, columns, strict=True))), REJECTS.empty_table()
        )
