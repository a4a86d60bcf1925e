"""Rows that arrive in any order and are read back in theirs: memory holds one bucket of them."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

RANK = "rank"


class Scattered:
    """Rows by rank, in nameless files that are gone when the process is.

    folder: where they lie. schema: of the rows, with the column `rank`. size: ranks of a bucket.
    """

    def __init__(self, folder: Path, schema: pa.Schema, ranks: int, size: int) -> None:
        self._size = size
        self._files: list[IO[bytes]] = []
        self._writers: list[pa.RecordBatchStreamWriter] = []
        folder.mkdir(parents=True, exist_ok=True)
        for _ in range(-(-ranks // size)):
            self._files.append(TemporaryFile(dir=folder))
            self._writers.append(pa.ipc.new_stream(self._files[-1], schema))

    def add(self, rows: pa.RecordBatch) -> None:
        """Put some rows, with their ranks, where they belong."""
        buckets = rows[RANK].to_numpy() // self._size
        order = np.argsort(buckets, kind="stable")
        edges = np.flatnonzero(np.diff(buckets[order], prepend=-1, append=-1))
        for begin, end in zip(edges, edges[1:], strict=False):
            chosen = pa.array(order[begin:end])
            self._writers[int(buckets[order[begin]])].write_batch(rows.take(chosen))

    def buckets(self) -> Iterator[pa.Table]:
        """All rows in the order of their ranks, a bucket at a time."""
        for writer, file in zip(self._writers, self._files, strict=True):
            writer.close()
            file.seek(0)
            with pa.ipc.open_stream(file) as stream:
                rows = stream.read_all()
            yield rows.take(pc.sort_indices(rows[RANK]))
            file.close()
