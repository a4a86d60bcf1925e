"""Files that are either complete or absent, and that are checked when they are read.

Every table has a manifest beside it (same name, `.json`) with its SHA-256, its number of rows and
its accounting; rules depend on the small manifest, and readers verify the table against it, because
a file that was truncated later keeps its time stamp. A manifest has a digest over itself.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from palimpsest.runtime.accounting import ROWS_ARE, check_account
from palimpsest.runtime.atomic import atomic_path, sync_directory
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.origins import check_origin, recorded
from palimpsest.runtime.rows import Manifest, Row

DIGEST = "digest"  # the key of a manifest's digest over its other fields
ROW_GROUP = 4_096  # rows that a table is written in: what memory holds of a table of notes
DAMAGED = "it was truncated or changed. Delete it to rebuild it"
FICLONE = 0x40049409  # of linux/fs.h: share the bytes of another file until one of them changes


def write_text(path: Path, text: str) -> None:
    """Write a whole UTF-8 file atomically, with the line ends of `text`."""
    with atomic_path(path, beside=True) as temporary:
        temporary.write_bytes(text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, atomically: same value, same bytes.

    Raises UserError where a number is none: JSON has no NaN.
    """
    options: Any = {"indent": 1, "sort_keys": True, "ensure_ascii": False, "allow_nan": False}
    try:
        text = json.dumps(value, **options)
    except ValueError as error:
        raise UserError(f"{path}: cannot be written as JSON: {error}") from error
    write_text(path, text + "\n")


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises UserError when it is missing or not UTF-8."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}") from error


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises UserError when it is missing or not JSON."""
    try:
        return json.loads(read_text(path))
    except ValueError as error:
        raise UserError(f"{path}: expected JSON: {error}") from error


def read_fields(path: Path, *keys: str) -> Manifest:
    """A manifest: a JSON object with the named keys, without its digest.

    Raises UserError when it is none, or is not what was written.
    """
    value: Manifest = read_json(path)
    missing = [key for key in keys if not isinstance(value, dict) or key not in value]
    if missing or not isinstance(value, dict):
        raise UserError(f"{path}: not a manifest: expected the keys {missing}")
    # Development versions before 0.1 wrote none.
    if value.pop(DIGEST, None) not in (None, _digest(value)):
        raise UserError(f"{path}: it is not what was written: {DAMAGED}")
    return value


def sha256_file(path: Path) -> str:
    """SHA-256 (64 hex digits) of a file's bytes. Raises UserError when it cannot be read."""
    try:
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error


def write_manifest(path: Path, value: Manifest) -> None:
    """Write a manifest: what is given, the job's wildcards, and a digest over these."""
    write_json(path, sealed({**recorded(), **value}))


def sealed(value: Manifest) -> Manifest:
    """Fields of a manifest with a digest over them."""
    fields = json.loads(json.dumps(value))  # as they will be read
    return {**fields, DIGEST: _digest(fields)}


def manifest_path(path: Path) -> Path:
    """Where the manifest of a table lies."""
    return Path(path).with_suffix(".json")


class TableWriter:
    """Writes a Parquet table piece by piece; memory holds two row groups.

    While one is compressed and written, in a thread of its own, the next one gathers.
    """

    def __init__(self, writer: pq.ParquetWriter, thread: ThreadPoolExecutor) -> None:
        self.rows = 0
        self.fields: Manifest = {}  # of the manifest, which the writer of a table fills
        self._writer, self._thread = writer, thread
        self._held: list[pa.Table] = []
        self._written: Future[None] | None = None

    def write(self, table: pa.Table) -> None:
        """Append rows. Row groups are cut by number of rows, however the rows arrive."""
        self._held.append(table.cast(self._writer.schema))
        self.rows += table.num_rows
        while sum(held.num_rows for held in self._held) >= ROW_GROUP:
            whole = pa.concat_tables(self._held)
            self._write_next(whole.slice(0, ROW_GROUP))
            self._held = [whole.slice(ROW_GROUP)]

    def write_rows(self, rows: list[Row]) -> None:
        """Append rows; absent columns are null."""
        self.write(pa.Table.from_pylist(rows, schema=self._writer.schema))

    def flush(self) -> None:
        """Return when all rows are on disk. Raises what their writing raised."""
        if any(held.num_rows for held in self._held):
            self._write_next(pa.concat_tables(self._held))
        if self._written:
            self._written.result()

    def _write_next(self, group: pa.Table) -> None:
        if self._written:
            self._written.result()
        self._written = self._thread.submit(self._writer.write_table, group, ROW_GROUP)


@contextmanager
def table_writer(path: Path, schema: pa.Schema) -> Iterator[TableWriter]:
    """Write a table in pieces. When the block ends well, the table and then its manifest appear.

    The manifest has the table's sha256, its number of rows and what is put into `fields`. Same
    rows, same bytes, however they were cut into pieces.
    """
    with atomic_path(path) as temporary:
        options = {"compression": "zstd", "write_page_checksum": True}
        with (
            pq.ParquetWriter(temporary, schema, **options) as writer,
            ThreadPoolExecutor(1, "write") as thread,
        ):
            table = TableWriter(writer, thread)
            yield table
            table.flush()
        content = sha256_file(temporary)
    manifest = {"sha256": content, "rows": table.rows, **table.fields}
    if "account" in manifest:
        manifest.setdefault(ROWS_ARE, ["kept"])
    check_account(manifest_path(path), manifest)
    write_manifest(manifest_path(path), manifest)


def write_table(path: Path, table: pa.Table, **fields: Any) -> None:
    """Write a Parquet table with page checksums, then its manifest with the given fields."""
    with table_writer(path, table.schema) as writer:
        writer.write(table)
        writer.fields |= fields


def rename_table(path: Path, target: Path) -> None:
    """Give a whole table and its manifest another name in their folder."""
    os.replace(path, target)
    os.replace(manifest_path(path), manifest_path(target))
    sync_directory(target.parent)


def read_manifest(path: Path, *keys: str) -> Manifest:
    """The manifest of a table, which must have `sha256`, `rows` and the named keys.

    Raises UserError when its numbers do not add up, or it is of other things than the job.
    """
    place = manifest_path(path)
    manifest = read_fields(place, "sha256", "rows", *keys)
    check_origin(place, manifest)
    check_account(place, manifest)
    return manifest


def check_bytes(path: Path, sha256: str, copy: Path | None = None) -> None:
    """Raise UserError unless a file, or a copy of it, has the bytes that its manifest says."""
    found = sha256_file(copy or path)
    if found != sha256:
        raise UserError(
            f"{path}: its bytes differ from its manifest (sha256 {found[:12]}…, expected "
            f"{sha256[:12]}…): {DAMAGED}"
        )


def read_table(path: Path, columns: list[str]) -> pa.Table:
    """Columns of a Parquet table, verified against its manifest.

    Raises UserError when the table or its manifest is missing, when the bytes differ from the
    manifest (truncated or changed), or when a column is absent (names what is there).
    """
    _verified(path, columns)
    try:
        return pq.read_table(path, columns=columns, page_checksum_verification=True)
    except pa.ArrowException as error:
        raise UserError(f"{path}: expected a Parquet table: {type(error).__name__}") from error


def read_schema(path: Path) -> pa.Schema:
    """The columns of a Parquet table, verified. Raises UserError as `read_table` does."""
    _verified(path, [])
    return pq.read_schema(path)


def read_batches(path: Path, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    """Columns of a Parquet table in batches of at most so many rows, verified beforehand.

    Raises UserError as `read_table` does, before the first batch.
    """
    _verified(path, columns)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield from file.iter_batches(rows, columns=columns)
    except pa.ArrowException as error:
        raise UserError(f"{path}: expected a Parquet table: {type(error).__name__}") from error


def read_rows(path: Path, columns: list[str]) -> Iterator[Row]:
    """The rows of a Parquet table, read and verified as by `read_batches`; a batch is in memory."""
    for batch in read_batches(path, columns, 1_024):
        yield from batch.to_pylist()


def keep_only(folder: Path, names: Iterable[str]) -> None:
    """Remove the other files of a folder, such as an earlier version's, if there is the folder.

    Hidden ones stay: they may be what another process is writing.
    """
    for path in [path for path in folder.glob("[!.]*") if path.is_file() or path.is_symlink()]:
        if path.name not in names:
            path.unlink()


def copy(source: Path, target: Path, sha256: str | None = None) -> None:
    """Copy a file's bytes; the target is complete or absent.

    Where the file system can share them, the copy takes no room until one of the two changes.
    sha256: what the copy must have. Raises UserError when it has not.
    """
    with atomic_path(target, beside=True) as temporary:
        with source.open("rb") as given, temporary.open("wb") as made:
            try:
                fcntl.ioctl(made, FICLONE, given.fileno())
            except OSError:  # another file system, or one that cannot
                shutil.copyfileobj(given, made, 1 << 20)
        if sha256:
            check_bytes(source, sha256, temporary)


def _verified(path: Path, columns: list[str]) -> None:
    """Raise UserError unless a table has the bytes and rows of its manifest, and the columns."""
    manifest = read_manifest(path)
    check_bytes(path, manifest["sha256"])
    try:
        found = pq.read_metadata(path)
    except pa.ArrowException as error:
        raise UserError(f"{path}: expected a Parquet table: {type(error).__name__}") from error
    if found.num_rows != manifest["rows"]:
        raise UserError(
            f"{path}: it has {found.num_rows} rows, and its manifest counts {manifest['rows']}; "
            "delete both to rebuild them"
        )
    names = found.schema.to_arrow_schema().names
    missing = [column for column in columns if column not in names]
    if missing:
        raise UserError(f"{path}: no column {missing}; it has {names}")


def _digest(fields: Manifest) -> str:
    """SHA-256 over what a manifest says, however it is laid out; numbers may be NaN."""
    said = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()
