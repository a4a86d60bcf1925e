"""Read the notes of a declared source, a block at a time, with every rejected row named."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from palimpsest.formats.blocks import Block
from palimpsest.formats.encodings import ALWAYS_UTF8
from palimpsest.formats.files import names_of
from palimpsest.formats.folders import read_folder
from palimpsest.formats.tables import arrow_blocks, decodable, read_blocks, split_name, table_files
from palimpsest.notes.adapters import NoteMapping, mapping_of
from palimpsest.notes.config import DatasetSource, FolderSource, PathsSource, ReadSource
from palimpsest.notes.normalize import Part, SeenIds, normalize
from palimpsest.notes.saved_datasets import dataset_parts
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import text_files
from palimpsest.runtime.prefetch import prefetch

Advance = Callable[[int], None]


def read_notes(source: ReadSource, network: bool, advance: Advance) -> Iterator[Part]:
    """The rows of a source, each a note or a rejection, in the order of its files.

    source: with the files themselves: no `*` stands for anything.
    network: whether a data set may be fetched from the hub.
    advance: is told how many more bytes of the source's files were read.
    Raises UserError when a file is missing, damaged, changes meanwhile, lacks a column, or seems
    to have another encoding than the declared one.
    """
    mapping, seen = mapping_of(source), SeenIds()
    for name, stem, blocks in _open_files(source, mapping, network, advance):
        entered = 0
        for block in blocks:
            rows = len(block.rows) + len(block.rejected)
            files = name
            if isinstance(source, FolderSource):
                files = block.columns["file"]
            else:  # as the reader numbers rows, which is not by counting what it gives
                rows = max(_last_row(block) - entered, 0)
            notes, rejected = normalize(block, files, stem, mapping, seen)
            yield Part(name, rows, notes, rejected)
            entered += rows


def source_bytes(source: ReadSource) -> int:
    """The size of a source's files, 0 for a data set: what `advance` of `read_notes` adds up to.

    Raises UserError when a file is missing.
    """
    if isinstance(source, DatasetSource):
        return 0
    _check_present(source)
    if isinstance(source, FolderSource):
        return sum(path.stat().st_size for folder in source.paths for path in text_files(folder))
    return sum(os.path.getsize(path) for path in table_files(source.paths))


def _open_files(
    source: ReadSource, mapping: NoteMapping, network: bool, advance: Advance
) -> Iterator[tuple[str, str, Iterator[Block]]]:
    """Each file, folder or part: its name, its name without ending, its blocks."""
    columns = mapping.source_columns()
    if isinstance(source, DatasetSource):
        for name, batches in dataset_parts(source, network):
            blocks = arrow_blocks(batches, name, columns, f"part '{name}'")
            yield name, name, decodable(blocks, name, "UTF-8", ALWAYS_UTF8)
        return
    _check_present(source)
    if isinstance(source, FolderSource):
        for folder, name in names_of([os.path.normpath(path) for path in source.paths]).items():
            blocks = read_folder(folder, source.patient_id, mapping.encoding, advance)
            yield name, "", decodable(blocks, name, mapping.encoding)
        return
    for path, name in names_of(table_files(source.paths)).items():
        blocks = read_blocks(Path(path), name, columns, mapping.encoding, advance)
        yield name, split_name(name)[0], prefetch(blocks)


def _check_present(source: PathsSource) -> None:
    missing = [path for path in source.paths if not os.path.exists(path)]
    if missing:
        raise UserError(f"source '{source.name}': there is no {missing[0]}")


def _last_row(block: Block) -> int:
    unread = block.rejected[-1].row or 0 if block.rejected else 0
    return max(unread, int(block.rows[-1]) if len(block.rows) else 0)
