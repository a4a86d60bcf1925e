"""Compare the facts of each rephrase of a shard with those of its passage."""

import argparse

from palimpsest.fidelity.findings import SCHEMA, context_of, finding_rows
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.answers import read_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_manifest, table_writer
from palimpsest.runtime.progress import Progress

REPHRASE = ["request_key", "note_id", "start", "end", "text"]
ROWS = 1024  # held in memory


def main(arguments: argparse.Namespace) -> None:
    asked = read_manifest(arguments.requests)
    passages = {
        row["request_key"]: row["passage"]
        for row in read_rows(arguments.requests, ["request_key", "passage"])
    }
    patients = {
        row["note_id"]: row["patient_id"]
        for row in read_rows(arguments.passages, ["note_id", "patient_id"])
    }
    entered = read_manifest(arguments.rephrases)["rows"]
    account = Account()
    progress = Progress("fidelity", entered, "rephrases")
    with table_writer(arguments.out, SCHEMA) as table:
        for batch in read_batches(arguments.rephrases, REPHRASE, ROWS):
            try:
                rows = list(finding_rows(batch.to_pylist(), passages, patients))
            except KeyError as error:
                raise UserError(
                    f"{arguments.rephrases}: no request or passage is of {error}; delete it to "
                    "rebuild it"
                ) from error
            table.write_rows(rows)
            account.keep(len(rows))
            progress.advance(len(rows))
        table.fields["account"] = account.close(entered, "fidelity: rephrases")
        table.fields["context"] = context_of(asked)
    progress.close()


if __name__ == "__main__":
    files = ("--requests", "--rephrases", "--passages", "--out")
    run(main, parser(__doc__, *files, spec=dict))
