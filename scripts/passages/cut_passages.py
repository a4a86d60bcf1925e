"""Cut the training notes of a shard into passages; notes of other patients stay outside."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict

import pyarrow.compute as pc

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import REJECTS, SCHEMA, PassageCutter
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_batches, read_manifest, table_writer
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row

COLUMNS = ["note_id", "patient_id", "category", "text", "split", "shard"]
ROWS = 256  # notes that are read at once
CHARACTERS = 2_000_000  # of notes that are cut at once: they bound the memory


def main(arguments: argparse.Namespace) -> None:
    cutter = PassageCutter(arguments.tokenizer, arguments.spec)
    shard = int(arguments.shard.split("-of-")[0])
    progress = Progress("passages", read_manifest(arguments.notes)["rows"], "notes read")
    notes, account = Account(), Account()
    entered = stretches = tokens = 0

    def training_notes() -> Iterator[list[Row]]:
        """The training notes of the shard in the order of the table, in batches."""
        nonlocal entered
        held, size = list[Row](), 0
        for batch in read_batches(arguments.notes, COLUMNS, ROWS):
            of_shard = batch.filter(pc.equal(batch["shard"], shard))
            entered += of_shard.num_rows
            for note in of_shard.to_pylist():
                if note["split"] != "train":
                    notes.reject(f"{note['split']}_patient")
                    continue
                notes.keep()
                held.append(note)
                size += len(note["text"])
                if size >= CHARACTERS:
                    yield held
                    held, size = [], 0
            progress.advance(batch.num_rows)
        if held:
            yield held

    with (
        table_writer(arguments.out, SCHEMA) as passages,
        table_writer(arguments.rejects, REJECTS) as rejects,
    ):
        for read in training_notes():
            kept, skipped = [], []
            cut = cutter.stretches([note["text"] for note in read])
            for note, parts in zip(read, cut, strict=True):
                stretches += len(parts)
                for part in parts:
                    row = note | asdict(part) | {"text": note["text"][part.start : part.end]}
                    if part.reason:
                        account.reject(part.reason)
                        skipped.append(row)
                        continue
                    account.keep()
                    tokens += part.tokens
                    kept.append(row)
            passages.write_rows(kept)
            rejects.write_rows(skipped)
        passages.fields |= {
            "account": account.close(stretches, "passages"),
            "notes": notes.close(entered, "passages: notes"),
            "tokens": tokens,
        }
    progress.close()


if __name__ == "__main__":
    options = parser(__doc__, "--notes", "--tokenizer", "--out", "--rejects", spec=PassagesSpec)
    options.add_argument("--shard", required=True, help="such as 000-of-016")
    run(main, options)
