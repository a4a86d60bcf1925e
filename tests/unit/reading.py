"""Reads a source the way the job does: declared, read, written, and looked at."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import TypeAdapter

from palimpsest.notes.config import NotesSpec, Source
from palimpsest.notes.read import read_notes
from palimpsest.notes.write import write_notes
from palimpsest.runtime.files import read_manifest
from palimpsest.runtime.paths import matching
from palimpsest.runtime.schema import Splits

SHARES = Splits(train=0.7, valid=0.1, test=0.2)
COLUMNS = {"text": "TEXT", "note_id": "ROW", "patient_id": "SUBJECT", "category": "CATEGORY"}
HEADER = "ROW,SUBJECT,CATEGORY,TEXT\n"


@dataclass
class Read:
    """What was written of a source."""

    notes: list[dict[str, Any]]
    rejects: list[dict[str, str]]
    manifest: dict[str, Any]

    def ids(self) -> list[str]:
        return [note["note_id"] for note in self.notes]

    def reasons(self) -> list[str]:
        return [row["reason"] for row in self.rejects]


def declare(kind: str, **values: Any) -> Source:
    """A source, as a study declares it."""
    return TypeAdapter(Source).validate_python({"name": "ward", "kind": kind, **values})


def specify(source: Source, seed: int = 0) -> NotesSpec:
    """What the job of a source is given, whose files the workflow has looked up."""
    spec = NotesSpec(source=source, splits=SHARES, seed=seed)
    if source.kind in ("generated", "dataset"):
        return spec
    files = [file for pattern in source.paths for file in matching([pattern]) or [pattern]]
    return NotesSpec.with_files(spec.identity(), files)


def table(*paths: Path | str, **changes: Any) -> Source:
    values = {"paths": [str(path) for path in paths], "columns": COLUMNS}
    return declare("table", **(values | changes))


def read_source(folder: Path, source: Source, seed: int = 0) -> Read:
    """Read a source into `folder`/out, and check that what is there agrees."""
    out, rejects = folder / "out" / "notes.parquet", folder / "out" / "notes.rejects.csv"
    spec = specify(source, seed)
    write_notes(read_notes(spec.source, False, lambda count: None), spec, out, rejects)
    with rejects.open(encoding="utf-8", newline="") as stream:
        rejected = list(csv.DictReader(stream))
    read = Read(pq.read_table(out).to_pylist(), rejected, read_manifest(out))
    account = read.manifest["account"]
    assert account["kept"] == len(read.notes)
    assert sum(account["rejected"].values()) == len(rejected)
    assert account["in"] == len(read.notes) + len(rejected)
    return read


def read(folder: Path, content: str | bytes, name: str = "notes.csv", **changes: Any) -> Read:
    """Read a table of one file with the given content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_source(folder, table(path, **changes))
