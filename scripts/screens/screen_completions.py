"""Keep the completions that pass every screen; count and list the others by reason."""

import argparse
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_manifest, table_writer
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row
from palimpsest.screens.config import ScreeningSpec
from palimpsest.screens.rephrases import REJECTS, SCHEMA, rephrase
from palimpsest.screens.screen import first_reason

REQUEST = ["request_key", "note_id", "start", "end", "passage", "system", "user"]
COMPLETION = ["request_key", "text", "failure", "finish_reason"]
ROWS = 1024  # held in memory


def read_rows(path: Path, columns: list[str]) -> Iterator[Row]:
    for batch in read_batches(path, columns, ROWS):
        yield from batch.to_pylist()


def screened(request: Row, completion: Row, spec: ScreeningSpec) -> Row:
    """The row of one answer: with `outcome` and `reason` it belongs to the rejects."""
    where = {key: request[key] for key in ("request_key", "note_id", "start", "end")}
    if completion["failure"]:
        return {**where, "outcome": "failed", "reason": completion["failure"]}
    answer = rephrase(request, completion, spec.lead_in)
    reason = first_reason(answer, spec.screens)
    if reason:
        return {**where, "outcome": "rejected", "reason": reason, **answer.measured}
    return {**where, "text": answer.text, **answer.measured}


def read_pairs(arguments: argparse.Namespace) -> Iterator[tuple[Row, Row]]:
    """Each request with its completion."""
    for request, completion in zip_longest(
        read_rows(arguments.requests, REQUEST), read_rows(arguments.completions, COMPLETION)
    ):
        if not request or not completion or request["request_key"] != completion["request_key"]:
            raise UserError(
                f"{arguments.completions}: its rows do not answer those of {arguments.requests}, "
                "in order; delete it to rebuild it"
            )
        yield request, completion


def main(arguments: argparse.Namespace) -> None:
    manifest = read_manifest(arguments.requests)
    entered = manifest["rows"]
    pairs = read_pairs(arguments)
    account = Account()
    progress = Progress("screens", entered, "answers")
    with (
        table_writer(arguments.out, SCHEMA) as rephrases,
        table_writer(arguments.rejects, REJECTS) as rejects,
    ):
        while batch := list(islice(pairs, ROWS)):
            kept, rejected = [], []
            for request, completion in batch:
                row = screened(request, completion, arguments.spec)
                if "outcome" not in row:
                    account.keep()
                    kept.append(row)
                    continue
                count = account.fail if row["outcome"] == "failed" else account.reject
                count(row["reason"])
                rejected.append(row)
            rephrases.write_rows(kept)
            rejects.write_rows(rejected)
            progress.advance(len(batch))
        rephrases.fields["account"] = account.close(entered, "screens")
        # A later round answers for some of an earlier one's requests; corpora count with this.
        if "retried" in manifest:
            rephrases.fields["retried"] = manifest["retried"]
    progress.close()


if __name__ == "__main__":
    options = parser(
        __doc__, "--requests", "--completions", "--out", "--rejects", spec=ScreeningSpec
    )
    run(main, options)
