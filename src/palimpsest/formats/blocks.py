"""Blocks of rows with their numbers, as Arrow arrays, from where rows and fields are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from palimpsest.formats.dialect import QUOTE, RETURN
from palimpsest.formats.encodings import Codec, check_dialect, check_encoding
from palimpsest.formats.files import plain_name
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.scanner import ScannedRows
from palimpsest.runtime.errors import UserError

FIRST_ROWS = 1000  # after which a file in another encoding is an error
BLOCK_ROWS, BLOCK_BYTES = 4096, 1 << 24  # of blocks that are gathered row by row


@dataclass
class Block:
    """The rows of a stretch of a file, in file order.

    columns: those asked for, pa.string(), values verbatim (of CSV without quotes around them, `""`
    as `"`). rows: int64, the number in the file of each row, from 1; header and blank
    lines have none. bytes: int64, where each row starts in the decompressed file. rejected: the
    rows of the stretch that cannot be read; they have numbers, too.
    """

    columns: Mapping[str, pa.Array]
    rows: np.ndarray
    bytes: np.ndarray
    rejected: list[Rejected]

    def take(self, column: str, rows: np.ndarray) -> pa.Array:
        """The values of a column in some of the rows, by their indices, in file order.

        Cheaper than all values where most rows are rejected: the others are not built.
        """
        if isinstance(self.columns, LazyColumns):
            return self.columns.take(column, rows)
        return self.columns[column].take(pa.array(rows))


class SingleRow(NamedTuple):
    """A row that was read alone: its values by column, its number, where it starts, its size."""

    values: Mapping[str, str | None]
    row: int
    byte: int
    size: int


def gather(entries: Iterable[SingleRow | Rejected], columns: Sequence[str]) -> Iterator[Block]:
    """Blocks of rows that come one by one, each given as soon as it is large enough."""
    rows: list[SingleRow] = []
    rejected: list[Rejected] = []
    size = 0
    for entry in entries:
        if isinstance(entry, Rejected):
            rejected.append(entry)
        else:
            rows.append(entry)
            size += entry.size
        if len(rows) + len(rejected) >= BLOCK_ROWS or size >= BLOCK_BYTES:
            yield _gathered(rows, rejected, columns)
            rows, rejected, size = [], [], 0
    if rows or rejected:
        yield _gathered(rows, rejected, columns)


def _gathered(rows: list[SingleRow], rejected: list[Rejected], columns: Sequence[str]) -> Block:
    values = {name: pa.array([row.values[name] for row in rows], pa.string()) for name in columns}
    numbers = np.array([row.row for row in rows], np.int64)
    return Block(values, numbers, np.array([row.byte for row in rows], np.int64), rejected)


@dataclass(eq=False)
class LazyColumns(Mapping[str, pa.StringArray]):
    """Columns of the rows of a stretch, each built when it is asked for.

    valid: indices of the rows that they have. last: index of the file's last column.
    """

    scanned: ScannedRows
    valid: np.ndarray
    content: bytearray
    indices: dict[str, int]  # of columns in the file, by name
    last: int
    codec: Codec

    def __getitem__(self, name: str) -> pa.StringArray:
        return self._build(self.indices[name], self.valid)

    def __iter__(self) -> Iterator[str]:
        return iter(self.indices)

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, name: str, rows: np.ndarray) -> pa.StringArray:
        """The values of a column in some rows, in file order."""
        return self._build(self.indices[name], self.valid[rows])

    def _build(self, column: int, chosen: np.ndarray) -> pa.StringArray:
        begin, end = (side[chosen] for side in self.scanned.spans[column])
        if not len(begin):
            return pa.array([], pa.string())
        content = self.content
        data = np.frombuffer(content, np.uint8)
        if column == self.last:
            end = end - ((end > begin) & (data[end - 1] == RETURN))  # of the line end
        quoted = (end > begin) & (data[begin] == QUOTE)
        begin, end = begin + quoted, end - quoted
        quotes, scanned = self.scanned.quotes, self.scanned.scanned
        if end[-1] > scanned:
            quotes = np.append(quotes, np.flatnonzero(data[scanned : end[-1]] == QUOTE) + scanned)
        # Of two quotes in a quoted value, which stand for one, the second is left out.
        first = np.searchsorted(quotes, begin)
        inner = np.where(quoted, np.searchsorted(quotes, end) - first, 0)
        left_out = quotes[_ranges(first + 1, inner // 2, 2)]
        pieces = np.empty((len(begin) + len(left_out), 2), np.int32)
        pieces[:, 0] = np.sort(np.concatenate([begin, left_out + 1]), kind="stable")
        pieces[:, 1] = np.sort(np.concatenate([end, left_out]), kind="stable")
        # As strings, with what lies between them; taken out, they lie side by side.
        alternating = pa.StringArray.from_buffers(
            2 * len(pieces) - 1, pa.py_buffer(pieces), pa.py_buffer(content)
        )
        even = pa.py_buffer(np.arange(0, 2 * len(pieces), 2))
        taken = alternating.take(pa.Int64Array.from_buffers(pa.int64(), len(pieces), [None, even]))
        _, bounds, taken_bytes = taken.buffers()
        last = np.cumsum(1 + inner // 2)  # piece of each value, and one more
        values = np.frombuffer(bounds, np.int32)[np.append(0, last)]
        return self.codec.to_utf8(
            pa.StringArray.from_buffers(len(begin), pa.py_buffer(values), taken_bytes)
        )


class BlockBuilder:
    """Makes the blocks of a file, one after the other."""

    def __init__(self, name: str, codec: Codec, header: list[str | None]) -> None:
        """name: of the file. header: the names of its columns; None for one without."""
        self._name, self._codec, self._last = name, codec, len(header) - 1
        self._header = [plain_name(cell or "") for cell in header]
        self._count = 0  # rows so far
        self._undecodable: list[int] = []  # their numbers
        self._escaped = 0  # rows with quotes that backslashes escape

    def build(
        self, rows: ScannedRows, content: bytearray, offset: int, indices: dict[str, int]
    ) -> Block:
        """The next rows of the file, without those that hold NUL bytes or cannot be decoded.

        content: what was scanned. offset: where it starts in the file. indices: of the columns to
        give, by name.
        Raises UserError if the first rows seem to be in another encoding, or a row is a header with
        other places of the columns: what follows it would be misread.
        """
        rejected = dict(rows.rejected)
        valid = np.ones(len(rows.starts), bool)
        for row, reason in chain(
            self._invalid(rows, content), self._headers(rows, content, offset)
        ):
            valid[row] = False
            rejected.setdefault(int(rows.starts[row]), reason)
        good, bad = rows.starts[valid], np.array(sorted(rejected), np.int64)
        numbers = np.arange(1, len(good) + 1) + np.searchsorted(bad, good) + self._count
        bad_numbers = np.arange(1, len(bad) + 1) + np.searchsorted(good, bad) + self._count
        reasons = [rejected[start] for start in bad.tolist()]
        self._account(bad_numbers, reasons, len(good) + len(bad))
        return Block(
            LazyColumns(rows, np.flatnonzero(valid), content, indices, self._last, self._codec),
            numbers,
            good + offset,
            [
                Rejected(self._name, number, start + offset, reason)
                for number, start, reason in zip(
                    bad_numbers.tolist(), bad.tolist(), reasons, strict=True
                )
            ],
        )

    def close(self) -> None:
        """Raise UserError if the whole file seems to be in another encoding or dialect."""
        check_encoding(self._name, self._codec.name, len(self._undecodable), self._count)
        check_dialect(self._name, self._escaped, self._count)

    def _invalid(self, rows: ScannedRows, content: bytearray) -> Iterator[tuple[int, str]]:
        """The rows that hold NUL bytes or cannot be decoded, with the reason."""
        if not len(rows.starts):
            return
        position, end = int(rows.starts[0]), int(rows.ends[-1])
        while (position := content.find(b"\0", position, end)) >= 0:
            row = int(np.searchsorted(rows.ends, position, "right"))
            if rows.starts[row] <= position:
                yield row, "nul_byte"
                position = int(rows.ends[row])
            else:  # it lies in a row that is rejected already
                position = int(rows.starts[row])
        for row in self._codec.undecodable(content, rows.starts, rows.ends):
            yield row, self._codec.reason

    def _headers(
        self, rows: ScannedRows, content: bytearray, offset: int
    ) -> Iterator[tuple[int, str]]:
        """The rows that are the header once more, as where files were joined."""
        longest = max(map(len, self._header)) * 4 + 8  # bytes of a name, marks around it and all
        candidates = np.ones(len(rows.starts), bool)
        for begin, end in rows.spans.values():
            candidates &= end - begin <= longest
        known = set(self._header) - {""}
        for row in np.flatnonzero(candidates).tolist():
            cells = {
                column: plain_name(content[begin[row] : end[row]].decode(errors="replace"))
                for column, (begin, end) in rows.spans.items()
            }
            if all(cell == self._header[column] for column, cell in cells.items()):
                yield row, "repeated_header"
            elif len(cells) > 1 and known.issuperset(cells.values()):
                raise UserError(
                    f"{self._name}: at byte {rows.starts[row] + offset} begins another header, "
                    "with its columns in other places: files were joined; name them one by one"
                )

    def _account(self, numbers: np.ndarray, reasons: list[str], rows: int) -> None:
        """Count rows, and check the encoding once the first ones are there."""
        self._undecodable += [
            number
            for number, reason in zip(numbers.tolist(), reasons, strict=True)
            if reason == self._codec.reason
        ]
        self._escaped += reasons.count("backslash_quote")
        if self._count < FIRST_ROWS <= self._count + rows:
            early = sum(number <= FIRST_ROWS for number in self._undecodable)
            check_encoding(self._name, self._codec.name, early, FIRST_ROWS)
        self._count += rows


def _ranges(starts: np.ndarray, lengths: np.ndarray, step: int) -> np.ndarray:
    """Arithmetic progressions, one after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before * step, lengths) + np.arange(lengths.sum()) * step
