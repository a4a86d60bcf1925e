"""Collect labelled examples, from the notes of a source or from files, up to a budget."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa

from palimpsest.datasets.annotated import shown
from palimpsest.datasets.config import CollectSpec
from palimpsest.datasets.kinds import READERS
from palimpsest.datasets.reader import Reader
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.canaries import is_canary
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_rows, write_table, write_text
from palimpsest.runtime.labels import AUDIT, SPLITS, by_label, by_split
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import draw_examples

NOTE = ["note_id", "patient_id", "split", "text"]
SHOWN = 6  # files that an error names


def turned_down(examples: Reader, account: Account) -> str:
    """What an error says of what was rejected, if anything was."""
    said = f"; rejected: {dict(account.rejected)}" if account.rejected else ""
    if examples.unknown_splits:
        said += f"; these are no splits: {shown(examples.unknown_splits)}"
    return said


def of_notes(path: Path, examples: Reader, account: Account) -> Iterator[Row]:
    for note in read_rows(path, [*NOTE, examples.carried_as]):
        yield from examples.of_note(note, account)


def of_files(
    paths: list[Path], examples: Reader, account: Account, rejected: list[Rejected]
) -> Iterator[Row]:
    for row in examples.of_files(paths, account):
        if isinstance(row, Rejected):
            rejected.append(row)
            account.reject(row.reason)
        else:
            yield row


def usable(rows: Iterator[Row], account: Account) -> Iterator[Row]:
    """The examples but for those of patients who are held back, and of planted ones."""
    for row in rows:
        if row["split"] == AUDIT:
            account.reject("audit_patient")
        elif row["note_id"] and is_canary(row["note_id"]):
            account.reject("canary")
        else:
            yield row


def main(arguments: argparse.Namespace) -> None:
    spec: CollectSpec = arguments.spec
    examples, account, rejected = READERS[spec.kind](spec), Account(), []
    if arguments.notes:
        rows = of_notes(arguments.notes[0], examples, account)
    else:
        rows = of_files(arguments.files, examples, account, rejected)
    origin = ", ".join(sorted({str(path) for path in [*arguments.notes, *arguments.files][:SHOWN]}))
    try:
        drawn, found = draw_examples(usable(rows, account), spec.examples, spec.seed, origin)
        for split in SPLITS:
            examples.check(split, [row for row in drawn if row["split"] == split])
    except UserError as error:
        raise UserError(f"{error}{turned_down(examples, account)}") from error
    for name, fact in examples.facts.items():
        print(f"{name}: {fact}", file=sys.stderr)
    entered = sum(found.values()) + account.rejected.total()
    account.keep(len(drawn))
    account.reject("beyond_budget", sum(found.values()) - len(drawn))
    listed = pd.DataFrame(rejected, columns=["file", "row", "byte", "reason"], dtype=object)
    write_text(arguments.rejects, listed.to_csv(index=False))
    labelled = {
        split: by_label(
            (examples.labels_of(row) for row in drawn if row["split"] == split), spec.labels
        )
        for split in SPLITS
    }
    for split, counts in labelled.items():
        if absent := [label for label in spec.labels if not counts.get(label)]:
            print(f"no {split} example has the labels {absent}", file=sys.stderr)
    write_table(
        arguments.out,
        pa.Table.from_pylist(drawn, schema=examples.schema),
        kind=spec.kind,
        labels=spec.labels,
        answer=spec.answer,
        unit=examples.unit,
        none_label=spec.none_label,
        account=account.close(entered, "examples"),
        splits=by_split(drawn),
        found=found,
        by_label=labelled,
        left_out=dict(sorted(examples.left_out.items())),
        **examples.facts,
    )


if __name__ == "__main__":
    run(main, parser(__doc__, "--notes*", "--files*", "--out", "--rejects", spec=CollectSpec))
