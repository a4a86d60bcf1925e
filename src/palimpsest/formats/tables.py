"""Rows from a table, whatever its format, in blocks of the columns that are asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from palimpsest.formats.blocks import Block
from palimpsest.formats.class_labels import as_json, as_names
from palimpsest.formats.encodings import ALWAYS_UTF8, HINT, check_encoding
from palimpsest.formats.files import COMPRESSIONS, open_stream, require_columns
from palimpsest.formats.json_values import read_json
from palimpsest.formats.numbers import as_text
from palimpsest.formats.parquet import parquet_batches
from palimpsest.formats.reader import read_delimited
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import text_files

UNDECODED = ("invalid_utf8", "invalid_encoding")  # reasons
JSON = {".jsonl": True, ".ndjson": True, ".json": False}  # whether each line is a row
DELIMITERS = {".csv": ",", ".tsv": "\t"}
PLAIN = (*DELIMITERS, *JSON)
ENDINGS = (*PLAIN, ".parquet", *(plain + packed for plain in PLAIN for packed in COMPRESSIONS))


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
    values may be lists, which are given as JSON.
    Raises UserError when the file is not there, is damaged, changes meanwhile, lacks a column, is
    of no known format, or of another than its name says.
    """
    _, ending, compression = split_name(path.name)
    if ending == ".parquet" and not compression:
        batches = parquet_batches(path, columns, advance)
        blocks = arrow_blocks(batches, name, columns, str(path), lists)
        yield from decodable(blocks, name, "UTF-8", ALWAYS_UTF8)
    elif ending in JSON:
        with open_stream(path, advance) as stream:
            blocks = read_json(stream, name, columns, encoding, lists, JSON[ending])
            yield from decodable(blocks, name, encoding)
    elif ending in DELIMITERS:
        with open_stream(path, advance) as stream:
            yield from read_delimited(stream, name, DELIMITERS[ending], columns, encoding)
    else:
        raise UserError(
            f"{path}: expected .csv, .tsv, .jsonl, .ndjson or .json, plain or with .gz or .zst, or "
            ".parquet"
        )


def decodable(
    blocks: Iterable[Block], name: str, encoding: str, advice: str = HINT
) -> Iterator[Block]:
    """Blocks as they come. Raises UserError in the end if many rows were in another encoding."""
    rows = undecoded = 0
    for block in blocks:
        yield block
        rows += len(block.rows) + len(block.rejected)
        undecoded += sum(row.reason in UNDECODED for row in block.rejected)
    check_encoding(name, encoding, undecoded, rows, advice)


def table_files(paths: Iterable[str]) -> list[str]:
    """The files of a table: of a folder, as Spark and Hive write it, those with rows below it.

    Names that begin with `_` or `.` are marks of such programs. Raises UserError where a folder
    has no such file.
    """
    found: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            found.append(path)
            continue
        inside = [
            file
            for file in text_files(path, ENDINGS)
            if not any(part.startswith(("_", ".")) for part in file.relative_to(path).parts)
        ]
        if not inside:
            raise UserError(
                f"{path}: it is a folder, without files of tables in it; expected a file, or a "
                "folder of files that end in .csv, .parquet and the like, as Spark writes them"
            )
        found += map(str, inside)
    return list(dict.fromkeys(found))


def split_name(name: str) -> tuple[str, str, str]:
    """Stem, ending and compression of a file's name: (`notes`, `.csv`, `.gz`), or empty."""
    plain = Path(name)
    compression = plain.suffix if plain.suffix.lower() in COMPRESSIONS else ""
    plain = plain.with_suffix("") if compression else plain
    return plain.with_suffix("").as_posix(), plain.suffix.lower(), compression


def arrow_blocks(
    batches: Iterable[pa.RecordBatch | pa.Table],
    name: str,
    columns: list[str],
    origin: str,
    lists: Sequence[str] = (),
) -> Iterator[Block]:
    """Blocks from Arrow data, whose rows lie at no byte. origin: what an error names.

    lists: of the columns, those whose values may be lists, which are given as JSON.
    Raises UserError when a column is absent, there twice, or holds what is no text, number or time.
    """
    count = 0
    for batch in batches:
        require_columns(origin, columns, batch.schema.names)
        rows = np.arange(count + 1, count + 1 + batch.num_rows)
        count += batch.num_rows
        values, broken = {}, np.zeros(len(rows), bool)
        for column in columns:
            values[column] = _as_text(batch, column, origin, column in lists)
            broken |= _undecodable(values[column])
        valid = pa.array(~broken)
        yield Block(
            {column: array.filter(valid) for column, array in values.items()},
            rows[~broken],
            np.full(len(rows) - broken.sum(), -1),
            [Rejected(name, int(row), None, "invalid_utf8") for row in rows[broken]],
        )


def _as_text(
    batch: pa.RecordBatch | pa.Table, column: str, origin: str, may_be_list: bool
) -> pa.Array:
    """A column as strings: numbers and times as Arrow spells them, numbers of classes by name."""
    field = batch.schema.field(column)
    found = batch[column]
    chunks = found.chunks if isinstance(found, pa.ChunkedArray) else [found]
    try:  # what is mapped into memory was looked at by nobody, and Arrow follows wrong offsets
        for chunk in chunks:
            _as_bytes(chunk).validate(full=True)
        array = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    except pa.ArrowException as error:
        raise UserError(f"{origin}: column '{column}' is damaged: is the copy complete?") from error
    array = as_names(array, column, batch.schema.metadata)
    text = as_json(array) if may_be_list and _is_list(array.type) else as_text(array)
    if text is None:
        raise UserError(
            f"{origin}: column '{column}' holds {_kind(field.type)}, expected text, numbers or "
            "times"
        )
    return text


def _as_bytes(array: pa.Array) -> pa.Array:
    """Texts as bytes: whether they are UTF-8 is asked row by row, later."""
    if pa.types.is_string(array.type):
        return array.view(pa.binary())
    return array.view(pa.large_binary()) if pa.types.is_large_string(array.type) else array


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _kind(kind: pa.DataType) -> str:
    """The type of a column, without the names of fields inside it."""
    return str(kind) if not pa.types.is_nested(kind) else str(kind).partition("<")[0]


def _undecodable(array: pa.Array) -> np.ndarray:
    """Which values are not UTF-8; Arrow does not look at what it reads."""
    try:
        array.validate(full=True)
        return np.zeros(len(array), bool)
    except pa.ArrowInvalid:
        values = array.view(pa.binary()).fill_null(b"").to_pylist()
        return np.array([value.decode(errors="ignore").encode() != value for value in values], bool)
