"""Overlaps, as their tables hold them: which judged texts stand in what was trained on."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.runtime.files import read_table

OVERLAPS = pa.schema(
    [
        ("example_id", pa.string()),  # of a test example, or of an evaluation's note
        ("exact", pa.bool_()),  # a text of the same words in the same order was trained on
        # Share of the text's 13-grams of words that were trained on; null where it is shorter.
        ("share", pa.float64()),
    ]
)
OVERLAPPING_SHARE = 0.5


def overlaps(table: pa.Table) -> pa.Array:
    """Which rows of OVERLAPS overlap: the text, or half of its 13-grams or more, was trained on."""
    most = pc.greater_equal(pc.fill_null(table["share"], 0.0), OVERLAPPING_SHARE)
    return pc.or_(table["exact"], most)


def overlapping(paths: Iterable[Path]) -> set[str]:
    """The ids of the test examples that overlap with anything that a system was trained on.

    paths: the overlaps of one dataset or evaluation with each corpus and dataset of the system.
    Raises UserError when one is damaged.
    """
    found: set[str] = set()
    for path in paths:
        table = read_table(path, OVERLAPS.names)
        found.update(table.filter(overlaps(table))["example_id"].to_pylist())
    return found
