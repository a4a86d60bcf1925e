"""Read the notes of a declared source, row by row, with everything that is turned down named."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from palimpsest.core.errors import UserError
from palimpsest.generator.notes import generate_notes

BATCH_ROWS = 2048
LONGEST_NAME = 40  # characters of a column's name that a message may repeat


@dataclass(frozen=True)
class Rejected:
    """A row that does not become a note. Never holds note text."""

    file: str
    reason: str
    row: int | None = None  # 1-based, among the rows that could be read; headers not counted
    line: int | None = None  # of the file, where a row could not be read as such


def read_notes(source: dict[str, Any], seed: int) -> Iterator[dict[str, Any] | Rejected]:
    """The rows of a source, each a note (without split and shard) or a rejection.

    source: the identity of a declared source. seed: the study's, for generated notes.
    Raises UserError when a file or a column is missing or a file cannot be read at all.
    """
    seen: set[str] = set()
    entries = _generated(source, seed) if source["kind"] == "generated" else _tables(source)
    for entry in entries:
        if isinstance(entry, Rejected):
            yield entry
            continue
        file, row, note = entry
        reason = _unfit(note, seen)
        if reason:
            yield Rejected(file, reason, row)
        else:
            seen.add(note["note_id"])
            yield {**note, "source_row": row}


def _unfit(note: dict[str, Any], seen: set[str]) -> str | None:
    if not note["note_id"]:
        return "missing_note_id"
    if not note["patient_id"]:
        return "missing_patient_id"
    if not note["text"]:
        return "empty_text"
    if not note["text"].strip():
        return "blank_text"
    if note["note_id"] in seen:
        return "duplicate_note_id"
    return None


def _generated(source: dict[str, Any], seed: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for row, note in enumerate(generate_notes(source["patients"], seed), start=1):
        spans = [
            {"start": s.start, "end": s.end, "label": s.label, "assertion": s.assertion}
            for s in note.spans
        ]
        yield (
            "generated",
            row,
            {
                "note_id": note.note_id,
                "patient_id": note.patient_id,
                "category": note.category,
                "text": note.text,
                "spans": spans,
            },
        )


def _tables(source: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]] | Rejected]:
    """Every row of every file, in order: (file, row, note) or a rejection."""
    for path in source["paths"]:
        yield from _table(Path(path), source)


def _table(
    path: Path, source: dict[str, Any]
) -> Iterator[tuple[str, int, dict[str, Any]] | Rejected]:
    if not path.is_file():
        raise UserError(f"source '{source['name']}': no file {path}")
    columns = {key: value for key, value in source["columns"].items() if value is not None}
    needed = list(dict.fromkeys([*columns.values(), *source["only"]]))
    connection = duckdb.connect()
    try:
        scan, parameters = _scan(path)
        there = [
            name for name, *_ in connection.execute(f"DESCRIBE FROM {scan}", parameters).fetchall()
        ]
        if scan.startswith("read_json") and there == ["json"]:
            raise UserError(f"{path}: cannot be read as a table; expected a JSON object a line")
        absent = [column for column in needed if column not in there]
        if absent:
            raise UserError(f"{path}: no column {absent}; {_told(there)}")
        if scan.startswith("read_json"):
            # Types are not guessed: a guess rewrites ids and times in DuckDB's own form.
            kept = ", ".join("'" + name.replace("'", "''") + "': 'VARCHAR'" for name in needed)
            scan = f"{scan[:-1]}, columns = {{{kept}}})"
        chosen = ", ".join('CAST("' + name.replace('"', '""') + '" AS VARCHAR)' for name in needed)
        cursor = connection.execute(f"SELECT {chosen} FROM {scan}", parameters)
        row = 0
        while batch := cursor.fetchmany(BATCH_ROWS):
            for values in batch:
                row += 1
                record = dict(zip(needed, values, strict=True))
                if scan.startswith("read_json") and not any(values):
                    yield Rejected(path.name, "unreadable_json", row)
                    continue
                if any(record[name] not in values for name, values in source["only"].items()):
                    yield Rejected(path.name, "filtered", row)
                    continue
                note = {key: record[name] or "" for key, name in columns.items()}
                note["category"] = note.get("category") or source["category"] or "unknown"
                yield path.name, row, {**note, "spans": []}
        if scan.startswith("read_csv"):
            rejects = connection.execute(
                "SELECT line_byte_position, min(lower(error_type)) FROM reject_errors "
                "GROUP BY ALL ORDER BY ALL"
            ).fetchall()
            lines = _lines(path, [at for at, _ in rejects])
            for line, (_, error) in zip(lines, rejects, strict=True):
                yield Rejected(path.name, f"unreadable_{error.replace(' ', '_')}", line=line)
    except duckdb.Error as error:
        # Only the kind of error: DuckDB quotes the offending row, which is note text.
        raise UserError(
            f"{path}: cannot be read as a table ({type(error).__name__}); expected UTF-8 CSV, TSV, "
            "JSON Lines or Parquet"
        ) from None
    finally:
        connection.close()


def _told(columns: list[str]) -> str:
    """The columns of a file, for a message; without a header they are note text."""
    if all(len(name) <= LONGEST_NAME for name in columns):
        return f"it has {columns}"
    return f"its {len(columns)} columns have no names: is the header missing?"


def _lines(path: Path, positions: list[int]) -> list[int | None]:
    """The lines of a file on which some bytes lie; positions: 1-based, in rising order.

    DuckDB counts rows instead, and a row of notes has many lines.
    """
    if path.suffix == ".zst":  # Python cannot read it
        return [None] * len(positions)
    found, line, at = [], 1, 1
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as stream:
        for position in positions:
            line += stream.read(position - at).count(b"\n")
            at = position
            found.append(line)
    return found


def _scan(path: Path) -> tuple[str, list[str]]:
    """A DuckDB table function that reads a file, and its parameters."""
    suffix = path.name.removesuffix(".gz").removesuffix(".zst").rpartition(".")[2].lower()
    if suffix == "parquet":
        return "read_parquet(?)", [str(path)]
    if suffix == "jsonl":
        return "read_json(?, format = 'newline_delimited', ignore_errors = true)", [str(path)]
    if suffix in ("csv", "tsv"):
        return (
            "read_csv(?, delim = ?, quote = '\"', escape = '\"', header = true, "
            "all_varchar = true, store_rejects = true, max_line_size = 67108864)",
            [str(path), "," if suffix == "csv" else "\t"],
        )
    raise UserError(f"{path}: expected .csv, .tsv, .jsonl or .parquet (.gz and .zst allowed)")
