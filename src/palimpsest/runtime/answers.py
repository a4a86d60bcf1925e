"""Rows of tables one after the other, and requests side by side with their completions."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches
from palimpsest.runtime.rows import Row

COMPLETION = ["request_key", "text", "failure", "finish_reason"]
ROWS = 1024  # held in memory


def read_rows(path: Path, columns: list[str]) -> Iterator[Row]:
    """The rows of a table. Raises UserError as `read_batches` does."""
    for batch in read_batches(path, columns, ROWS):
        yield from batch.to_pylist()


def read_answers(requests: Path, completions: Path, *columns: str) -> Iterator[tuple[Row, Row]]:
    """Each request, with its key and some columns, and its completion.

    Raises UserError where the completions do not answer the requests, in order.
    """
    asked = read_rows(requests, ["request_key", *columns])
    for request, completion in zip_longest(asked, read_rows(completions, COMPLETION)):
        if not request or not completion or request["request_key"] != completion["request_key"]:
            raise UserError(
                f"{completions}: its rows do not answer those of {requests}, in order; delete it "
                "to rebuild it"
            )
        yield request, completion
