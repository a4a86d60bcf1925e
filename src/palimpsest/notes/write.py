"""Write a source's notes with their splits and shards, and the account of every row."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TextIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.notes.config import NotesSpec
from palimpsest.notes.likeness import Groups, Likeness
from palimpsest.notes.normalize import REJECTS, Part, SeenIds
from palimpsest.notes.planted import planted
from palimpsest.notes.schema import GOLD, SCHEMA
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import (
    ROW_GROUP,
    atomic_path,
    manifest_path,
    read_batches,
    rename_table,
    table_writer,
)
from palimpsest.runtime.labels import NOTE_SPLITS
from palimpsest.runtime.progress import announce
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import split_at, split_share
from palimpsest.runtime.shards import shard_of

MANY, MANY_SHARE = 50, 0.05  # patients in one group, of whom the log tells


def write_notes(parts: Iterable[Part], spec: NotesSpec, out: Path, rejects: Path) -> None:
    """Write the notes of a source to `out`, its manifest beside it, the rejections to `rejects`.

    Patients with identical notes go to one split, where the source says so. Who they are is known
    at the end only: if any is then in another split, the table is written once more.
    Memory holds a few parts and two row groups, the digests of ids and texts, and nothing that
    grows with the text. Raises UserError when no note is left.
    """
    source = spec.source
    account, patients, by_file = Account(), SeenIds(), dict[str, Row]()
    find_share = lru_cache(1 << 20)(lambda patient: split_share(patient, spec.seed))
    likeness, patients_found = Likeness(), 0
    dealt = out.with_name(f".{out.stem}.dealt.parquet")
    try:
        with (
            table_writer(dealt, SCHEMA) as writer,
            atomic_path(rejects) as temporary,
            temporary.open("w", encoding="utf-8", newline="") as table,
        ):
            table.write(",".join(REJECTS.names) + "\n")
            for part in chain(parts, planted(spec)):
                counts = by_file.setdefault(part.file, {"file": part.file, "rows": 0, "notes": 0})
                counts["rows"] += part.entered
                counts["notes"] += part.notes.num_rows
                account.keep(part.notes.num_rows)
                account.rejected.update(_counted(part.rejected["reason"]))
                _write_rejections(table, part.rejected)
                shares, whose = _shares(part.notes, find_share)
                patients_found += int(patients.first(pa.array(shares, pa.string())).sum())
                splits = [split_at(share, spec.splits) for share in shares.values()]
                writer.write(_complete(part.notes, pa.array(splits).take(whose), source.shards))
                likeness.add(
                    np.array(list(shares.values()), float)[whose.to_numpy()],
                    part.notes["text"].combine_chunks(),
                )
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
                "patients": patients_found,
                "files": list(by_file.values()),
            }
            if source.canaries:
                writer.fields["canaries"] = source.canaries
            moved = _describe_likeness(likeness, spec, writer.fields)
        if moved:
            _write_again(dealt, out, moved, find_share, writer.fields)
        else:
            rename_table(dealt, out)
    finally:
        dealt.unlink(missing_ok=True)
        manifest_path(dealt).unlink(missing_ok=True)
    announce(
        f"notes of {source.name}: {entered:,} rows, {account.kept:,} kept; rejected: "
        f"{closed['rejected'] or 'none'}"
    )


def _describe_likeness(likeness: Likeness, spec: NotesSpec, fields: Row) -> dict[float, str]:
    """Add the splits of the notes and what is alike to a manifest; who is in another split."""
    source = spec.source
    joins = getattr(source, "identical_notes", "counted") == "one_split"
    groups = likeness.groups(spec.splits, spec.seed) if joins else Groups()
    splits = likeness.splits(spec.splits, groups)
    counts = np.bincount(splits, minlength=len(NOTE_SPLITS)).tolist()
    counted = dict(zip(NOTE_SPLITS, counts, strict=True))
    fields["splits"] = {name: counted[name] for name in sorted(NOTE_SPLITS) if counted[name]}
    fields["identical_notes"] = {
        "groups": groups.groups,
        "patients": groups.patients,
        "largest_group": groups.largest,
        "moved": len(groups.moved),
    }
    fields["alike_in_train"] = likeness.alike(splits)
    if groups.largest > max(MANY, fields["patients"] * MANY_SHARE):
        announce(
            f"notes of {source.name}: {groups.largest:,} of {fields['patients']:,} patients are "
            "joined by identical notes and are in one split. If these are templates, see "
            "`identical_notes` in docs/sources.md"
        )
    return groups.moved


def _write_again(
    dealt: Path,
    out: Path,
    moved: dict[float, str],
    find_share: Callable[[str], float],
    fields: Row,
) -> None:
    """Write a table of notes with other splits of some patients."""
    with table_writer(out, SCHEMA) as writer:
        writer.fields = fields
        for batch in read_batches(dealt, SCHEMA.names, ROW_GROUP):
            notes = pa.Table.from_batches([batch])
            shares, whose = _shares(notes, find_share)
            elsewhere = pa.array([moved.get(share) for share in shares.values()], pa.string())
            split = pc.coalesce(elsewhere.take(whose), notes["split"].combine_chunks())
            writer.write(notes.set_column(SCHEMA.get_field_index("split"), "split", split))


def _shares(
    notes: pa.Table, find_share: Callable[[str], float]
) -> tuple[dict[str, float], pa.Array]:
    """Where each patient of some notes stands, and the place of each note's patient there."""
    encoded = notes["patient_id"].combine_chunks().dictionary_encode()
    shares = {patient: find_share(patient) for patient in encoded.dictionary.to_pylist()}
    return shares, encoded.indices


def _complete(notes: pa.Table, splits: pa.Array, shards: int) -> pa.Table:
    """Notes with everything that the schema has; gold that a source does not bring is empty.

    splits: of the notes.
    """
    none = {name: pa.array([[]] * notes.num_rows, kind) for name, kind in GOLD}
    columns = none | dict(zip(notes.column_names, notes.columns, strict=True))
    columns["split"] = splits.cast(pa.string())
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
