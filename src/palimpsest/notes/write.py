"""Write a source's notes with their splits and shards, and the account of every row."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.notes.config import NotesSpec
from palimpsest.notes.normalize import REJECTS, Part, SeenIds
from palimpsest.notes.schema import GOLD, SCHEMA
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import atomic_path, table_writer
from palimpsest.runtime.progress import announce
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import shard_of, split_of


def write_notes(parts: Iterable[Part], spec: NotesSpec, out: Path, rejects: Path) -> None:
    """Write the notes of a source to `out`, its manifest beside it, the rejections to `rejects`.

    Memory holds a few parts and two row groups, the digests of ids and nothing that grows with
    the text. Raises UserError when no note is left.
    """
    source = spec.source
    account, patients, by_file = Account(), SeenIds(), dict[str, Row]()
    split_counts: Counter[str] = Counter()
    find_split = lru_cache(1 << 20)(lambda patient: split_of(patient, spec.splits, spec.seed))
    patients_found = 0
    with (
        table_writer(out, SCHEMA) as writer,
        atomic_path(rejects) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as table,
    ):
        table.write(",".join(REJECTS.names) + "\n")
        for part in parts:
            counts = by_file.setdefault(part.file, {"file": part.file, "rows": 0, "notes": 0})
            counts["rows"] += part.entered
            counts["notes"] += part.notes.num_rows
            account.keep(part.notes.num_rows)
            account.rejected.update(_counted(part.rejected["reason"]))
            _write_rejections(table, part.rejected)
            distinct = pc.unique(part.notes["patient_id"])
            patients_found += int(patients.first(distinct).sum())
            splits = {patient: find_split(patient) for patient in distinct.to_pylist()}
            notes = _complete(part.notes, splits, source.shards)
            split_counts.update(_counted(notes["split"]))
            writer.write(notes)
        entered = sum(counts["rows"] for counts in by_file.values())
        closed = account.close(entered, f"notes of '{source.name}'")
        if not account.kept:
            raise UserError(
                f"source '{source.name}': no note is left of {entered} rows in "
                f"{sorted(by_file) or getattr(source, 'paths', None)}; "
                f"rejected: {closed['rejected']}"
            )
        writer.fields |= {
            "account": closed,
            "splits": dict(sorted(split_counts.items())),
            "patients": patients_found,
            "files": list(by_file.values()),
        }
    announce(
        f"notes of {source.name}: {entered:,} rows, {account.kept:,} kept; rejected: "
        f"{closed['rejected'] or 'none'}"
    )


def _complete(notes: pa.Table, splits: dict[str, str], shards: int) -> pa.Table:
    """Notes with everything that the schema has; gold that a source does not bring is empty.

    splits: by patient.
    """
    none = {name: pa.array([[]] * notes.num_rows, kind) for name, kind in GOLD}
    columns = none | dict(zip(notes.column_names, notes.columns, strict=True))
    split = [splits[patient] for patient in notes["patient_id"].to_pylist()]
    columns["split"] = pa.array(split, pa.string())
    shard = [shard_of(note, shards) for note in notes["note_id"].to_pylist()]
    columns["shard"] = pa.array(shard, pa.int32())
    return pa.table({name: columns[name] for name in SCHEMA.names}, schema=SCHEMA)


def _counted(column: pa.ChunkedArray) -> dict[str, int]:
    return {entry["values"]: entry["counts"] for entry in pc.value_counts(column).to_pylist()}


def _write_rejections(table: TextIO, rejected: pa.Table) -> None:
    """Append the lines of a part; a file may have millions of rows that a filter rejects."""
    file = rejected["file"]
    quoted = pc.replace_substring(file, '"', '""')
    quoted = pc.binary_join_element_wise('"', quoted, '"', "")
    file = pc.if_else(pc.match_substring_regex(file, '[",\\r\\n]'), quoted, file)
    cells = [file, *(rejected[name].cast(pa.string()) for name in REJECTS.names[1:])]
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace")
    table.writelines(f"{line}\n" for line in lines.to_pylist())
