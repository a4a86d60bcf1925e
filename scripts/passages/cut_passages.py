"""Cut the training notes of a shard into passages; notes of other patients stay outside."""

import argparse
from collections.abc import Iterator

import pyarrow as pa
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


def training_notes(
    notes: Iterator[pa.RecordBatch], shard: int, account: Account
) -> Iterator[list[Row]]:
    """The training notes of a shard in the order of the table, in batches."""
    held: list[Row] = []
    size = 0
    for batch in notes:
        for note in batch.filter(pc.equal(batch["shard"], shard)).to_pylist():
            if note["split"] != "train":
                account.reject(f"{note['split']}_patient")
                continue
            account.keep()
            held.append(note)
            size += len(note["text"])
            if size >= CHARACTERS:
                yield held
                held, size = [], 0
    if held:
        yield held


def main(arguments: argparse.Namespace) -> None:
    cutter = PassageCutter(arguments.tokenizer, arguments.spec)
    shard = int(arguments.shard.split("-of-")[0])
    progress = Progress("passages", read_manifest(arguments.notes)["rows"], "notes read")
    entered = stretches = tokens = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal entered
        for batch in read_batches(arguments.notes, COLUMNS, ROWS):
            entered += pc.sum(pc.equal(batch["shard"], shard)).as_py() or 0
            yield batch
            progress.advance(batch.num_rows)

    notes, account = Account(), Account()
    with (
        table_writer(arguments.out, SCHEMA) as passages,
        table_writer(arguments.rejects, REJECTS) as rejects,
    ):
        for read in training_notes(batches(), shard, notes):
            kept, skipped = [], []
            cut = cutter.stretches([note["text"] for note in read])
            for note, parts in zip(read, cut, strict=True):
                stretches += len(parts)
                for part in parts:
                    place = {"note_id": note["note_id"], "start": part.start, "end": part.end}
                    if part.reason:
                        account.reject(part.reason)
                        skipped.append({**place, "reason": part.reason})
                        continue
                    account.keep()
                    tokens += part.tokens
                    text = note["text"][part.start : part.end]
                    found = {"text": text, "tokens": part.tokens, "section": part.section}
                    kept.append({**note, **place, **found})
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
