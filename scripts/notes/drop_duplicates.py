"""Write a source's notes without those that are dropped, and with the splits as decided."""

import argparse
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.notes.schema import SCHEMA
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import (
    ROW_GROUP,
    read_batches,
    read_manifest,
    read_table,
    table_writer,
)
from palimpsest.runtime.progress import announce

READ = ["account", "files", "identical_notes", "wildcards"]  # what stays of the notes' manifest


def main(arguments: argparse.Namespace) -> None:
    read = read_manifest(arguments.notes, *READ)
    name = read["wildcards"]["source"]
    decisions = read_manifest(arguments.decisions, "moved", "alike_in_train")
    decided = read_table(arguments.decisions, ["source", "note_id", "outcome", "reason", "split"])
    decided = decided.filter(pc.equal(decided["source"], name))
    rejected = decided.filter(pc.equal(decided["outcome"], "rejected"))
    moved = decided.filter(pc.equal(decided["outcome"], "moved"))
    patients: set[str] = set()
    splits = Counter[str]()
    with table_writer(arguments.out, SCHEMA) as writer:
        for batch in read_batches(arguments.notes, SCHEMA.names, ROW_GROUP):
            notes = pa.Table.from_batches([batch])
            notes = notes.filter(
                pc.invert(pc.is_in(notes["note_id"], rejected["note_id"].combine_chunks()))
            )
            places = pc.index_in(notes["note_id"], moved["note_id"].combine_chunks())
            split = pc.coalesce(moved["split"].combine_chunks().take(places), notes["split"])
            writer.write(notes.set_column(SCHEMA.get_field_index("split"), "split", split))
            patients.update(notes["patient_id"].to_pylist())
            splits.update(split.to_pylist())
        account = Account()
        account.add(read["account"])
        account.kept = writer.rows
        account.rejected.update(rejected["reason"].to_pylist())
        if not writer.rows:
            raise UserError(f"source '{name}': every note is a duplicate of another source's")
        identical = read["identical_notes"]
        writer.fields |= {
            "account": account.close(read["account"]["in"], f"notes of '{name}'"),
            "patients": len(patients),
            "files": read["files"],
            "splits": dict(sorted(splits.items())),
            "identical_notes": identical | {"moved": identical["moved"] + decisions["moved"][name]},
            "alike_in_train": decisions["alike_in_train"][name],
        }
    announce(f"notes of {name}: {rejected.num_rows:,} dropped, {moved.num_rows:,} moved")


if __name__ == "__main__":
    run(main, parser(__doc__, "--notes", "--decisions", "--out", spec=dict))
