"""Cut the training notes of a shard into passages; notes of other patients stay outside."""

import argparse
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.core.accounting import Account
from palimpsest.core.files import read_table, write_table
from palimpsest.core.program import parser, run
from palimpsest.core.progress import Progress
from palimpsest.passages.cut import SCHEMA, PassageCutter

COLUMNS = ["note_id", "patient_id", "category", "text", "split", "shard"]


def main(arguments: argparse.Namespace) -> None:
    cutter = PassageCutter(arguments.tokenizer, arguments.max_tokens)
    shard = int(arguments.shard.split("-of-")[0])
    notes = read_table(arguments.notes, COLUMNS)
    notes = notes.filter(pc.equal(notes["shard"], shard))
    account = Account()
    progress = Progress("passages", notes.num_rows, "notes")
    rows = []
    for note in chain.from_iterable(batch.to_pylist() for batch in notes.to_batches(1024)):
        progress.advance()
        if note["split"] != "train":
            account.reject(f"{note['split']}_patient")
            continue
        account.keep()
        for start, end, tokens in cutter.cut(note["text"]):
            rows.append(
                {**note, "start": start, "end": end, "text": note["text"][start:end]}
                | {"tokens": tokens}
            )
    progress.close()
    write_table(
        arguments.out,
        pa.Table.from_pylist(rows, schema=SCHEMA),
        account=account.close(notes.num_rows, "passages: notes"),
        tokens=sum(row["tokens"] for row in rows),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--notes", "--tokenizer", "--out")
    options.add_argument("--max-tokens", type=int, required=True)
    options.add_argument("--shard", required=True, help="such as 000-of-016")
    run(main, options)
