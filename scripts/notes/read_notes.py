"""Read a source's notes, split its patients, and count every row."""

import argparse
import csv
import io
from collections import Counter

import pyarrow as pa

from palimpsest.core.accounting import Account
from palimpsest.core.errors import UserError
from palimpsest.core.files import write_table, write_text
from palimpsest.core.program import json_argument, parser, run
from palimpsest.core.progress import Progress
from palimpsest.notes.read import Rejected, read_notes
from palimpsest.notes.schema import SCHEMA, shard_of, split_of


def main(arguments: argparse.Namespace) -> None:
    declared = arguments.source
    source, splits, seed = declared["source"], declared["splits"], declared["seed"]
    account, notes, entered = Account(), [], 0
    rejects = io.StringIO()
    table = csv.writer(rejects, lineterminator="\n")
    table.writerow(["file", "row", "line", "reason"])
    progress = Progress(f"notes of {source['name']}", source.get("patients") or 0, "rows")
    for entry in read_notes(source, seed):
        entered += 1
        if isinstance(entry, Rejected):
            account.reject(entry.reason)
            table.writerow([entry.file, entry.row, entry.line, entry.reason])
        else:
            account.keep()
            entry["split"] = split_of(entry["patient_id"], splits, seed)
            entry["shard"] = shard_of(entry["note_id"], source["shards"])
            notes.append(entry)
        progress.advance()
    progress.close()
    if not notes:
        raise UserError(
            f"source '{source['name']}': no note is left of {entered} rows; turned down: "
            f"{dict(account.rejected)}"
        )
    write_text(arguments.rejects, rejects.getvalue())
    write_table(
        arguments.out,
        pa.Table.from_pylist(notes, schema=SCHEMA),
        account=account.close(entered, f"notes of '{source['name']}'"),
        splits=dict(sorted(Counter(note["split"] for note in notes).items())),
        patients=len({note["patient_id"] for note in notes}),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--rejects")
    options.add_argument(
        "--source", type=json_argument, required=True, help="source, splits and seed, as declared"
    )
    run(main, options)
