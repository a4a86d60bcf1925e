"""Which rows become notes, and why the others do not: whole blocks at a time."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.formats.blocks import Block
from palimpsest.formats.ids import LostDigits, canonical_ids
from palimpsest.notes.adapters import FILE, NoteMapping
from palimpsest.runtime.errors import UserError
from palimpsest.text.placeholders import MASK

REASONS = [  # the first is none: the row is a note
    "", "filtered", "marked_as_error", "missing_note_id", "missing_patient_id", "empty_text",
    "blank_text", "nul_byte", "duplicate_note_id",
]  # fmt: skip
REJECTS = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("byte", pa.int64()),  # where the row begins in the decompressed file; null if unknown
        ("reason", pa.string()),
    ]
)
IDS = ("note_id", "patient_id")
UNMARKED = pa.array(  # in a column that marks errors, in small letters; anything else is a mark
    ["", "0", "0.0", "f", "false", "n", "no", "nan", "none", "null", "na", "<na>", r"\n"]
)


@dataclass(frozen=True)
class Part:
    """What a stretch of a file became.

    file: as the manifest calls it. entered: the rows that went in.
    notes: note_id, patient_id, category, date, text, source_file, source_row, perhaps gold.
    rejected: REJECTS, in the order of the file.
    """

    file: str
    entered: int
    notes: pa.Table
    rejected: pa.Table


class SeenIds:
    """The ids that were seen, 16 bytes each: sorted runs of digests, merged as they grow."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray] = []

    def first(self, ids: pa.Array) -> np.ndarray:
        """Which of some ids (strings without null) are seen for the first time; they then are."""
        values = ids.cast(pa.binary()).to_pylist()
        digests = np.array([blake2b(value, digest_size=16).digest() for value in values], "S16")
        new, indices = np.unique(digests, return_index=True)
        known = np.zeros(len(new), bool)
        for run in self._runs:
            nearest = np.minimum(np.searchsorted(run, new), len(run) - 1)
            known |= run[nearest] == new
        if not known.all():
            self._runs.append(new[~known])
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]), kind="stable")]
        first = np.zeros(len(digests), bool)
        first[indices[~known]] = True
        return first


def normalize(
    block: Block, files: str | pa.Array, stem: str, mapping: NoteMapping, seen: SeenIds
) -> tuple[pa.Table, pa.Table]:
    """The notes of a block, and all its rejections in order.

    files: the name of the file, or of each row's. stem: what FILE stands for.
    seen: ids of the notes before this block; those of this block are added.
    Raises UserError where an id is a number that has lost digits.
    """
    count = len(block.rows)
    verdict = np.zeros(count, np.uint8)
    for column, values in mapping.only.items():
        listed = pc.is_in(_values(block, column, mapping.trimmed), value_set=pa.array(values))
        _mark(verdict, "filtered", pc.invert(listed))
    if mapping.error_mark:
        said = pc.utf8_lower(_values(block, mapping.error_mark, True))
        _mark(verdict, "marked_as_error", pc.invert(pc.is_in(said, value_set=UNMARKED)))
    candidates = np.flatnonzero(verdict == 0)
    names = pa.repeat(files, count) if isinstance(files, str) else files
    fields = {
        field: _filled(block.take(column, candidates))
        if column != FILE
        else pa.repeat(stem, len(candidates))
        for field, column in mapping.columns.items()
    }
    for key in IDS:
        try:
            fields[key] = canonical_ids(fields[key])
        except LostDigits as lost:
            row = int(candidates[lost.row])
            column = mapping.columns[key]
            raise UserError(
                f"{names[row].as_py()}: row {block.rows[row]}: column '{column}' {lost}"
            ) from lost
    verdict[candidates] = _judge(fields, seen)
    kept = verdict[candidates] == 0
    notes = _notes({key: array.filter(pa.array(kept)) for key, array in fields.items()}, mapping)
    notes = notes.append_column("source_file", names.take(pa.array(candidates[kept])))
    notes = notes.append_column("source_row", pa.array(block.rows[candidates[kept]]))
    return notes, _rejections(block, names, verdict)


def _judge(fields: dict[str, pa.Array], seen: SeenIds) -> np.ndarray:
    """The verdict on each row of some fields; the ids of those that become notes are seen then."""
    verdict = np.zeros(len(fields["text"]), np.uint8)
    for key in IDS:
        _mark(verdict, f"missing_{key}", pc.equal(fields[key], ""))
    _mark(verdict, "empty_text", pc.equal(pc.binary_length(fields["text"]), 0))
    _mark(verdict, "blank_text", pc.utf8_is_space(fields["text"]))
    for array in fields.values():
        _mark(verdict, "nul_byte", pc.match_substring(array, "\0"))
    valid = np.flatnonzero(verdict == 0)
    repeated = ~seen.first(fields["note_id"].take(pa.array(valid)))
    verdict[valid[repeated]] = REASONS.index("duplicate_note_id")
    return verdict


def _notes(fields: dict[str, pa.Array], mapping: NoteMapping) -> pa.Table:
    count, text = len(fields["text"]), fields["text"]
    category = fields.get("category", pa.repeat(mapping.category or "", count))
    if mapping.trimmed:
        category = pc.utf8_trim_whitespace(category)
    if mapping.categories:
        codes = pa.array(list(mapping.categories))
        category = pa.array(list(mapping.categories.values())).take(pc.index_in(category, codes))
    date = fields.get("date", pa.nulls(count, pa.string()))
    if mapping.underscore_masks:
        text = pc.replace_substring_regex(text, MASK, "___")
    return pa.table(
        {
            "note_id": fields["note_id"],
            "patient_id": fields["patient_id"],
            "category": pc.if_else(pc.equal(category, ""), "unknown", category),
            "date": pc.if_else(pc.equal(date, ""), None, date),
            "text": text,
        }
    )


def _rejections(block: Block, names: pa.Array, verdict: np.ndarray) -> pa.Table:
    """The block's own rejections and those by verdict, in the order of the rows."""
    bad, unread = np.flatnonzero(verdict), block.rejected
    rows = np.concatenate([block.rows[bad], [row.row or 0 for row in unread]]).astype(np.int64)
    unread_starts = [-1 if row.byte is None else row.byte for row in unread]
    starts = np.concatenate([block.bytes[bad], unread_starts]).astype(np.int64)
    files = pa.array([row.file for row in unread], pa.string())
    reasons = pa.array([row.reason for row in unread], pa.string())
    columns = [
        pa.concat_arrays([names.take(pa.array(bad)), files]),
        pa.array(rows, mask=rows == 0),
        pa.array(starts, mask=starts < 0),
        pa.concat_arrays([pa.array(REASONS).take(pa.array(verdict[bad])), reasons]),
    ]
    table = pa.table(columns, schema=REJECTS)
    return table.take(pa.array(np.argsort(rows, kind="stable")))


def _values(block: Block, column: str, trimmed: bool) -> pa.Array:
    values = _filled(block.columns[column])
    if not trimmed:
        return values
    encoded = values.dictionary_encode()  # few differ
    return pc.utf8_trim_whitespace(encoded.dictionary).take(encoded.indices)


def _filled(values: pa.Array) -> pa.Array:
    return pc.fill_null(values, "") if values.null_count else values


def _mark(verdict: np.ndarray, reason: str, found: pa.Array) -> None:
    """Give rows a verdict, but for those that have one."""
    verdict[np.asarray(found) & (verdict == 0)] = REASONS.index(reason)
