"""Batches of rows of Parquet files; what the names of folders say is a column, as Hive has it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from palimpsest.formats.containers import check_file
from palimpsest.formats.files import first_bytes, require_columns, unchanged
from palimpsest.runtime.errors import UserError

BATCH_ROWS = 512  # even notes of 1 MB are then no burden
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def parquet_batches(
    path: Path, columns: list[str], advance: Callable[[int], None]
) -> Iterator[pa.RecordBatch]:
    """The rows of a file with some columns. A column that it lacks may be in the folders' names.

    advance: is told how many more bytes of the file were read.
    Raises UserError when the file is no Parquet, is damaged, changes, or lacks a column or has it
    twice.
    """
    with unchanged(path):
        check_file(path, first_bytes(path), "Parquet")
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                names = file.schema_arrow.names
                said = {name: value for name, value in _said(path).items() if name not in names}
                require_columns(path, columns, [*names, *said])
                held = [column for column in columns if column not in said]
                share = path.stat().st_size / max(file.metadata.num_rows, 1)
                for batch in file.iter_batches(BATCH_ROWS, columns=held):
                    for name in set(columns) & said.keys():
                        value = pa.array([said[name]] * batch.num_rows, pa.string())
                        batch = batch.append_column(name, value)
                    yield batch
                    advance(int(share * batch.num_rows))
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            # Only the kind of error: the message may quote a value.
            raise UserError(
                f"{path}: cannot be read as Parquet ({type(error).__name__}): is it complete?"
            ) from error


def _said(path: Path) -> dict[str, str | None]:
    """What the folders of a file say of all its rows, as in `category=Letter/part-0.parquet`."""
    found: dict[str, str | None] = {}
    for part in path.parent.parts:
        name, separator, value = part.partition("=")
        if separator and name:
            found[unquote(name)] = None if value == NULL_PARTITION else unquote(value)
    return found
