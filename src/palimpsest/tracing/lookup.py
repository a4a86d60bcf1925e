"""Single rows of large tables: what is asked for is read, and nothing else is.

The bytes of a whole table are not compared with its manifest, which takes seconds for gigabytes;
every page that is read is checked against its own checksum.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields
from palimpsest.runtime.rows import Manifest, Row

# Columns that hold text of notes, or of what an LLM wrote: they are never read here.
TEXT = frozenset(
    "text passage system user context rationale conditions premise hypothesis second".split()
)


class Lookup:
    """A finished table, of which single rows are read. Raises UserError where it is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: Manifest = read_fields(path.with_suffix(".json"), "rows")
        try:
            self._file = pq.ParquetFile(path, page_checksum_verification=True)
        except (OSError, pa.ArrowException) as error:
            raise UserError(f"{path}: expected a Parquet table: {type(error).__name__}") from error
        self.rows: int = self._file.metadata.num_rows
        self.names: list[str] = self._file.schema_arrow.names
        if self.rows != self.manifest["rows"]:
            raise UserError(
                f"{path}: it has {self.rows} rows, and its manifest counts "
                f"{self.manifest['rows']}; delete both to rebuild them"
            )

    def where(self, column: str, value: str) -> Iterator[int]:
        """The rows, from 0, whose `column` has a value, in order; one group is in memory."""
        wanted = _scalar(value)
        for group, start, _ in self._groups():
            if self._may_hold(group, column, value):
                found = self._read(group, [column]).column(0)
                for index in pc.indices_nonzero(pc.equal(found, wanted)).to_pylist():
                    yield start + index

    def row(self, number: int) -> Row:
        """A row, from 0, without the columns that hold text."""
        for group, start, rows in self._groups():
            if start <= number < start + rows:
                columns = [name for name in self.names if name not in TEXT]
                return self._read(group, columns).slice(number - start, 1).to_pylist()[0]
        raise UserError(f"{self.path}: no row {number + 1:,}; it has {self.rows:,}")

    def find(self, column: str, value: str, near: int | None = None) -> tuple[int, Row] | None:
        """The first row whose `column` has a value, with its number; None where there is none.

        near: where it probably is, as tables of one shard have one order.
        """
        if near is not None and near < self.rows and self.row(near).get(column) == value:
            return near, self.row(near)
        number = next(self.where(column, value), None)
        return None if number is None else (number, self.row(number))

    def _groups(self) -> Iterator[tuple[int, int, int]]:
        """Each row group: its number, its first row and how many it has."""
        start = 0
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            yield group, start, rows
            start += rows

    def _may_hold(self, group: int, column: str, value: Any) -> bool:
        at = self._file.schema_arrow.get_field_index(column)
        if at < 0:
            return False
        part = self._file.metadata.row_group(group)
        for index in range(part.num_columns):
            chunk = part.column(index)
            if chunk.path_in_schema == column:
                known = chunk.statistics
                if known is None or not known.has_min_max:
                    return True
                return bool(known.min <= value <= known.max)
        return True

    def _read(self, group: int, columns: list[str]) -> pa.Table:
        try:
            return self._file.read_row_group(group, columns)
        except (OSError, pa.ArrowException) as error:
            raise UserError(
                f"{self.path}: its bytes are damaged ({type(error).__name__}); delete it to "
                "rebuild it"
            ) from error


def _scalar(text: str) -> pa.StringScalar:
    """A text as Arrow compares it.

    `pa.scalar` imports pandas, to ask whether the text is missing: that takes longer than all else.
    """
    data = text.encode()
    offsets = struct.pack("=2i", 0, len(data))
    return pa.StringArray.from_buffers(1, pa.py_buffer(offsets), pa.py_buffer(data))[0]
