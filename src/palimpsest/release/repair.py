"""Repair: a corpus without the documents in which something was found."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.release.check import FINDINGS
from palimpsest.release.verdict import failing, read_results
from palimpsest.runtime.files import (
    read_batches,
    read_manifest,
    read_schema,
    read_table,
    table_writer,
)
from palimpsest.runtime.rows import Row

ROWS = 1024


def repair(corpus: Path, name: str, results: list[Path], out: Path) -> Row:
    """Write a corpus without documents with findings of failed tests; what it took.

    name: of the corpus. The manifest is that of the corpus, with `repaired` and what is left.
    """
    dropped = _dropped(results, f"corpus.{name}")
    manifest = read_manifest(corpus, "parts", "all")
    schema = read_schema(corpus)
    row = tokens = kept_tokens = 0
    with table_writer(out, schema) as writer:
        for batch in read_batches(corpus, schema.names, ROWS):
            places = pa.array(range(row, row + batch.num_rows), pa.int64())
            kept = batch.filter(pc.invert(pc.is_in(places, value_set=dropped)))
            tokens += pc.sum(batch["tokens"]).as_py() or 0
            kept_tokens += pc.sum(kept["tokens"]).as_py() or 0
            writer.write(pa.Table.from_batches([kept]))
            row += batch.num_rows
        taken = {
            "documents": row,
            "dropped": row - writer.rows,
            "tokens": tokens,
            "tokens_dropped": tokens - kept_tokens,
        }
        left = {**manifest["all"], "documents": writer.rows, "tokens": kept_tokens}
        stays: Row = {
            key: manifest[key] for key in ("corpus", "parts", "judged") if key in manifest
        }
        writer.fields |= {**stays, "all": left, "repaired": taken}
    return taken


def _dropped(results: list[Path], released: str) -> pa.Array:
    """The rows of a corpus in which a failed test found something."""
    read = read_results(results)
    failed, _ = failing(read)
    rows: set[int] = set()
    for check, path in read.paths.items():
        tests = [test for name, test in failed if name == check]
        if tests:
            found = read_table(path, FINDINGS.names)
            found = found.filter(pc.is_in(found["test"], value_set=pa.array(tests)))
            found = found.filter(pc.equal(found["released"], released))
            rows.update(found["row"].to_pylist())
    return pa.array(sorted(rows), pa.int64())
