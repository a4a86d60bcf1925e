"""Rows from a table, whatever its format, in blocks of the columns that are asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from palimpsest.formats.blocks import Block
from palimpsest.formats.files import COMPRESSIONS, open_stream, require_columns, unchanged
from palimpsest.formats.json_values import read_json
from palimpsest.formats.reader import read_delimited
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError

CASTABLE = (  # to text; nested types are not
    types.is_large_string, types.is_string_view, types.is_primitive, types.is_decimal, types.is_null
)  # fmt: skip
BATCH_ROWS = 512  # of a Parquet file: even notes of 1 MB are then no burden
JSON = {".jsonl": True, ".ndjson": True, ".json": False}  # whether each line is a row
DELIMITERS = {".csv": ",", ".tsv": "\t"}


def read_blocks(
    path: Path,
    name: str,
    columns: list[str],
    encoding: str,
    advance: Callable[[int], None],
    lists: Sequence[str] = (),
) -> Iterator[Block]:
    """The rows of a file, all values as text, empty or null where there is none.

    name: what `Rejected` calls the file. columns: those to give, without repeats.
    advance: is told how many more bytes of the file were read. lists: of the columns, those whose
    values may be lists in JSON, which are given as JSON.
    Raises UserError when the file is not there, is damaged, changes meanwhile, lacks a column or
    is of no known format.
    """
    _, ending, compression = split_name(path.name)
    if ending == ".parquet" and not compression:
        yield from _parquet(path, name, columns, advance)
    elif ending in JSON:
        with open_stream(path, advance) as stream:
            yield from read_json(stream, name, columns, encoding, lists, JSON[ending])
    elif ending in DELIMITERS:
        with open_stream(path, advance) as stream:
            yield from read_delimited(stream, name, DELIMITERS[ending], columns, encoding)
    else:
        raise UserError(
            f"{path}: expected .csv, .tsv, .jsonl, .ndjson or .json, plain or with .gz or .zst, or "
            ".parquet"
        )


def split_name(name: str) -> tuple[str, str, str]:
    """Stem, ending and compression of a file's name: (`notes`, `.csv`, `.gz`), or empty."""
    plain = Path(name)
    compression = plain.suffix if plain.suffix.lower() in COMPRESSIONS else ""
    plain = plain.with_suffix("") if compression else plain
    return plain.with_suffix("").as_posix(), plain.suffix.lower(), compression


def arrow_blocks(
    batches: Iterable[pa.RecordBatch | pa.Table], name: str, columns: list[str], origin: str
) -> Iterator[Block]:
    """Blocks from Arrow data, whose rows lie at no byte. origin: what an error names.

    Raises UserError when a column is absent, or holds what is not text, number or time.
    """
    count = 0
    for batch in batches:
        require_columns(origin, columns, batch.schema.names)
        rows = np.arange(count + 1, count + 1 + batch.num_rows)
        count += batch.num_rows
        values = {column: _as_text(batch[column], column, origin) for column in columns}
        broken = np.zeros(len(rows), bool)
        for array in values.values():
            broken |= _undecodable(array)
        valid = pa.array(~broken)
        yield Block(
            {column: array.filter(valid) for column, array in values.items()},
            rows[~broken],
            np.full(len(rows) - broken.sum(), -1),
            [Rejected(name, int(row), None, "invalid_utf8") for row in rows[broken]],
        )


def _parquet(
    path: Path, name: str, columns: list[str], advance: Callable[[int], None]
) -> Iterator[Block]:
    with unchanged(path):
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                require_columns(path, columns, file.schema_arrow.names)
                share = path.stat().st_size / max(file.metadata.num_rows, 1)

                def batches() -> Iterator[pa.RecordBatch]:
                    for batch in file.iter_batches(BATCH_ROWS, columns=columns):
                        yield batch
                        advance(int(share * batch.num_rows))

                yield from arrow_blocks(batches(), name, columns, str(path))
        except (pa.ArrowException, OSError) as error:
            # Only the kind of error: the message may quote a value.
            raise UserError(
                f"{path}: cannot be read as Parquet ({type(error).__name__}): is it complete?"
            ) from error


def _as_text(array: pa.Array | pa.ChunkedArray, column: str, origin: str) -> pa.Array:
    """A column as strings: numbers and times as Arrow spells them."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if types.is_string(kind):
        return array
    if types.is_binary(kind):
        return array.view(pa.string())  # a cast would fail for the whole batch for one bad value
    if types.is_large_binary(kind):
        array, kind = array.view(pa.large_string()), pa.large_string()
    if any(fits(kind) for fits in CASTABLE):
        return array.cast(pa.string())
    raise UserError(f"{origin}: column '{column}' holds {kind}, expected text, numbers or times")


def _undecodable(array: pa.Array) -> np.ndarray:
    """Which values are not UTF-8; Arrow does not look at what it reads."""
    try:
        array.validate(full=True)
        return np.zeros(len(array), bool)
    except pa.ArrowInvalid:
        values = array.view(pa.binary()).fill_null(b"").to_pylist()
        return np.array([value.decode(errors="ignore").encode() != value for value in values], bool)
