"""Blocks of rows with their numbers, as Arrow arrays, from where rows and fields are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from palimpsest.formats.dialect import QUOTE, RETURN
from palimpsest.formats.encodings import HINT, SingleByte, Utf8
from palimpsest.formats.rejected import Rejected
from palimpsest.formats.scanner import Rows
from palimpsest.runtime.errors import UserError

FIRST_ROWS = 1000  # after which a file in another encoding is turned down


@dataclass
class Block:
    """The rows of a stretch of a file, in file order.

    columns: the wanted columns, pa.string(), never null, values verbatim (without quotes around
    them, `""` as `"`). rows: int64, the number in the file of each row, from 1; header and blank
    lines have none. bytes: int64, where each row starts in the decompressed file. rejected: the
    rows of the stretch that cannot be read; they have numbers, too.
    """

    columns: Mapping[str, pa.Array]
    rows: np.ndarray
    bytes: np.ndarray
    rejected: list[Rejected]

    def take(self, column: str, rows: np.ndarray) -> pa.Array:
        """The values of a column in some of the rows, by their indices, in file order.

        Cheaper than all values where most rows are turned down: the others are not built.
        """
        if isinstance(self.columns, Values):
            return self.columns.take(column, rows)
        return self.columns[column].take(pa.array(rows))


class Values(Mapping[str, pa.StringArray]):
    """Columns of the rows of a stretch, each built when it is asked for."""

    def __init__(
        self,
        rows: Rows,
        fit: np.ndarray,
        content: bytearray,
        places: dict[str, int],
        last: int,
        codec: Utf8 | SingleByte,
    ) -> None:
        """fit: which rows are in the columns. places: by name. last: place of the last column."""
        self._rows, self._fit, self._content = rows, np.flatnonzero(fit), content
        self._places, self._last, self._codec = places, last, codec

    def __getitem__(self, name: str) -> pa.StringArray:
        return self._built(self._places[name], self._fit)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def take(self, name: str, rows: np.ndarray) -> pa.StringArray:
        """The values of a column in some rows, in file order."""
        return self._built(self._places[name], self._fit[rows])

    def _built(self, place: int, chosen: np.ndarray) -> pa.StringArray:
        begin, end = (side[chosen] for side in self._rows.spans[place])
        if not len(begin):
            return pa.array([], pa.string())
        content = self._content
        look = np.frombuffer(content, np.uint8)
        if place == self._last:
            end = end - ((end > begin) & (look[end - 1] == RETURN))  # of the line end
        quoted = (end > begin) & (look[begin] == QUOTE)
        begin, end = begin + quoted, end - quoted
        quotes = self._rows.quotes
        if end[-1] > self._rows.scanned:
            beyond = (
                np.flatnonzero(look[self._rows.scanned : end[-1]] == QUOTE) + self._rows.scanned
            )
            quotes = np.append(quotes, beyond)
        # Of two quotes in a quoted value, which stand for one, the second is left out.
        first = np.searchsorted(quotes, begin)
        inner = np.where(quoted, np.searchsorted(quotes, end) - first, 0)
        left_out = quotes[_ranges(first + 1, inner // 2, 2)]
        pieces = np.empty((len(begin) + len(left_out), 2), np.int32)
        pieces[:, 0] = np.sort(np.concatenate([begin, left_out + 1]), kind="stable")
        pieces[:, 1] = np.sort(np.concatenate([end, left_out]), kind="stable")
        # As strings, with what lies between them; taken out, they lie side by side.
        every = pa.StringArray.from_buffers(
            2 * len(pieces) - 1, pa.py_buffer(pieces), pa.py_buffer(content)
        )
        even = pa.py_buffer(np.arange(0, 2 * len(pieces), 2))
        taken = every.take(pa.Int64Array.from_buffers(pa.int64(), len(pieces), [None, even]))
        _, bounds, data = taken.buffers()
        last = np.cumsum(1 + inner // 2)  # piece of each value, and one more
        values = np.frombuffer(bounds, np.int32)[np.append(0, last)]
        return self._codec.convert(
            pa.StringArray.from_buffers(len(begin), pa.py_buffer(values), data)
        )


class Blocks:
    """Makes blocks of rows, one after the other."""

    def __init__(self, name: str, codec: Utf8 | SingleByte, columns: int) -> None:
        """name: of the file. columns: how many it has."""
        self._name, self._codec, self._last = name, codec, columns - 1
        self._rows = 0  # so far
        self._undecodable: list[int] = []  # their numbers

    def block(self, rows: Rows, content: bytearray, offset: int, places: dict[str, int]) -> Block:
        """The next rows of the file, without those that hold NUL bytes or cannot be decoded.

        content: what `rows` is about. offset: where it starts in the file. places: by name of a
        column, which it is.
        """
        rejected = dict(rows.rejected)
        fit = np.ones(len(rows.starts), bool)
        for row, reason in self._unfit(rows, content):
            fit[row] = False
            rejected.setdefault(int(rows.starts[row]), reason)
        good, bad = rows.starts[fit], np.array(sorted(rejected), np.int64)
        numbers = np.arange(1, len(good) + 1) + np.searchsorted(bad, good) + self._rows
        bad_numbers = np.arange(1, len(bad) + 1) + np.searchsorted(good, bad) + self._rows
        reasons = [rejected[start] for start in bad.tolist()]
        self._watch(bad_numbers, reasons, len(good) + len(bad))
        return Block(
            Values(rows, fit, content, places, self._last, self._codec),
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
        """Raise UserError if the whole file seems to be in another encoding."""
        self._judge_encoding(len(self._undecodable), self._rows)

    def _unfit(self, rows: Rows, content: bytearray) -> Iterator[tuple[int, str]]:
        """The rows that hold NUL bytes or cannot be decoded, with the reason."""
        if not len(rows.starts):
            return
        at, end = int(rows.starts[0]), int(rows.ends[-1])
        while (at := content.find(b"\0", at, end)) >= 0:
            row = int(np.searchsorted(rows.ends, at, "right"))
            if rows.starts[row] <= at:
                yield row, "nul_byte"
                at = int(rows.ends[row])
            else:  # it lies in a row that is rejected already
                at = int(rows.starts[row])
        for row in self._codec.undecodable(content, rows.starts, rows.ends):
            yield row, self._codec.reason

    def _watch(self, numbers: np.ndarray, reasons: list[str], rows: int) -> None:
        """Count rows. Raise UserError if the first ones seem to be in another encoding."""
        self._undecodable += [
            number
            for number, reason in zip(numbers.tolist(), reasons, strict=True)
            if reason == self._codec.reason
        ]
        if self._rows < FIRST_ROWS <= self._rows + rows:
            early = sum(number <= FIRST_ROWS for number in self._undecodable)
            self._judge_encoding(early, FIRST_ROWS)
        self._rows += rows

    def _judge_encoding(self, undecodable: int, rows: int) -> None:
        # A few broken rows are no other encoding, even if there are not many rows.
        if undecodable * 10 > rows and (undecodable >= 20 or undecodable * 2 > rows > 2):
            raise UserError(
                f"{self._name}: {undecodable} of {rows} rows are not {self._codec.name}; {HINT}"
            )


def _ranges(starts: np.ndarray, lengths: np.ndarray, step: int) -> np.ndarray:
    """Arithmetic progressions, one after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before * step, lengths) + np.arange(lengths.sum()) * step
