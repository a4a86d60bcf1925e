"""Read the notes of a declared source, a stretch at a time, with everything turned down named."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from palimpsest.formats.files import names_of
from palimpsest.formats.folders import read_folder
from palimpsest.formats.reader import Block
from palimpsest.formats.tables import arrow_blocks, parts_of, read_blocks
from palimpsest.notes.adapters import Shape, shape_of
from palimpsest.notes.normalize import Part, SeenIds, sort_out
from palimpsest.notes.saved_datasets import dataset_parts
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.paths import matching, text_files
from palimpsest.runtime.prefetch import prefetch

Advance = Callable[[int], None]
UNDECODED = ("invalid_utf8", "invalid_encoding")


def read_notes(source: dict[str, Any], network: bool, advance: Advance) -> Iterator[Part]:
    """The rows of a source, each a note or a rejection, in the order of its files.

    source: the identity of a declared source, except a generated one.
    network: whether a data set may be fetched from the hub.
    advance: is told how many more bytes of the source's files were read.
    Raises UserError when a file is missing, damaged, changes meanwhile, lacks a column, or seems
    to have another encoding than the declared one.
    """
    shape, seen = shape_of(source), SeenIds()
    for name, stem, blocks in _files(source, shape, network, advance):
        entered = undecoded = 0
        for block in blocks:
            rows = len(block.rows) + len(block.rejected)
            files = name
            if source["kind"] == "folder":
                files = block.columns["file"]
            else:  # as the reader numbers rows, which is not by counting what it gives
                rows = _last_row(block) - entered
            notes, rejected = sort_out(block, files, stem, shape, seen)
            yield Part(name, rows, notes, rejected)
            entered += rows
            undecoded += sum(one.reason in UNDECODED for one in block.rejected)
        # A few broken rows are no other encoding, even if there are not many rows.
        if undecoded * 10 > entered and (undecoded >= 20 or undecoded * 2 > entered > 2):
            raise UserError(
                f"{name}: {undecoded} of {entered} rows are not {shape.encoding}; name the file's "
                "encoding in the source's `encoding`, such as latin-1 or cp1252"
            )


def source_bytes(source: dict[str, Any]) -> int:
    """The size of a source's files, 0 for a data set: what `advance` of `read_notes` adds up to."""
    if source["kind"] == "dataset":
        return 0
    if source["kind"] == "folder":
        return sum(path.stat().st_size for folder in source["paths"] for path in text_files(folder))
    return sum(os.path.getsize(path) for path in matching(source["paths"]))


def _files(
    source: dict[str, Any], shape: Shape, network: bool, advance: Advance
) -> Iterator[tuple[str, str, Iterator[Block]]]:
    """Each file, folder or part: its name, its name without ending, its blocks."""
    kind, wanted = source["kind"], shape.wanted()
    if kind == "dataset":
        for name, batches in dataset_parts(source, network):
            yield name, name, arrow_blocks(batches, name, wanted, f"part '{name}'")
        return
    missing = [path for path in source["paths"] if not matching([path])]
    if missing:
        raise UserError(f"source '{source['name']}': there is no {missing[0]}")
    if kind == "folder":
        for folder, name in names_of([os.path.normpath(path) for path in source["paths"]]).items():
            yield name, "", read_folder(folder, source["patient_id"], shape.encoding, advance)
        return
    for path, name in names_of(matching(source["paths"])).items():
        blocks = read_blocks(Path(path), name, wanted, shape.encoding, advance)
        yield name, parts_of(name)[0], prefetch(blocks)


def _last_row(block: Block) -> int:
    own = block.rejected[-1].row or 0 if block.rejected else 0
    return max(own, int(block.rows[-1]) if len(block.rows) else 0)
