"""Collect gold sentences, from the notes of a source or from files, up to a budget."""

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from palimpsest.datasets.gold import GoldFiles, draw, from_note
from palimpsest.formats.rejected import Rejected
from palimpsest.notes.schema import split_of
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run, specification
from palimpsest.runtime.files import atomic_path, read_batches, write_table
from palimpsest.runtime.labels import LABELLED, by_category
from palimpsest.runtime.schema import Splits

NOTE = ["note_id", "patient_id", "split", "text", "sentences"]
ROWS = 1024  # notes held in memory


def of_files(
    arguments: argparse.Namespace, names: list[str], account: Account, what: str
) -> tuple[list[dict[str, Any]], list[Rejected]]:
    """The rows of the declared files, and those turned down, which are counted."""
    files = GoldFiles(names, lambda one: split_of(one, arguments.splits, arguments.seed))
    rows, rejected = [], []
    for row in files.read(arguments.set["files"]):
        (rejected if isinstance(row, Rejected) else rows).append(row)
    account.rejected.update(row.reason for row in rejected)
    if not rows:
        raise files.no_row(what, dict(account.rejected))
    return rows, rejected


def of_notes(path: Path, account: Account) -> Iterator[dict[str, Any]]:
    """The sentences of notes in which any has a category.

    Experts annotate the notes of patients who have the disease. Of all notes, hardly one sentence
    in a hundred would have a category.
    """
    for batch in read_batches(path, NOTE, ROWS):
        for note in batch.to_pylist():
            if any(place["categories"] for place in note["sentences"]):
                yield from from_note(note)
            else:
                account.reject("note_without_category", len(note["sentences"]))


def main(arguments: argparse.Namespace) -> None:
    names = [category["name"] for category in arguments.taxonomy["categories"]]
    account, rejected, left_out = Account(), [], Counter()
    if arguments.notes:
        rows, what = of_notes(arguments.notes, account), str(arguments.notes)
    else:
        what = ", ".join(arguments.set["files"])
        rows, rejected = of_files(arguments, names, account, what)
    drawn, found = draw(rows, arguments.set["sentences"], arguments.seed, what)
    entered = sum(found.values()) + account.rejected.total()
    for row in drawn:
        # A source may know more categories than the taxonomy has.
        left_out.update(name for name in row["categories"] if name not in names)
        row["categories"] = [name for name in names if name in row["categories"]]
    account.keep(len(drawn))
    account.reject("beyond_budget", sum(found.values()) - len(drawn))
    with atomic_path(arguments.rejects) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(["file", "row", "byte", "reason"])
            table.writerows([one.file, one.row, one.byte, one.reason] for one in rejected)
    write_table(
        arguments.out,
        pa.Table.from_pylist(drawn, schema=LABELLED),
        account=account.close(entered, "gold sentences"),
        found=found,
        by_category={
            split: by_category((row for row in drawn if row["split"] == split), names)
            for split in found
        },
        left_out=dict(sorted(left_out.items())),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--rejects")
    options.add_argument("--set", type=json_argument, required=True, help="as declared")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="its categories")
    options.add_argument("--notes", type=Path, help="of the source with gold sentences, if any")
    options.add_argument("--splits", type=specification(Splits), required=True, help="shares")
    options.add_argument("--seed", type=int, required=True, help="of splits and sampling order")
    run(main, options)
