"""Keep the completions that pass every screen; count and list the others by reason."""

import argparse
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_manifest, table_writer
from palimpsest.runtime.progress import Progress
from palimpsest.screens.screens import REJECTS, SCHEMA, measure, screen, strip_lead_in

REQUEST = ["request_key", "note_id", "start", "end", "passage", "system", "user"]
COMPLETION = ["request_key", "text", "failure", "finish_reason"]
ROWS = 1024  # held in memory


def read_rows(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    for batch in read_batches(path, columns, ROWS):
        yield from batch.to_pylist()


def screened(
    request: dict[str, Any] | None, completion: dict[str, Any] | None, arguments: argparse.Namespace
) -> dict[str, Any]:
    """The row of one answer: with `outcome` and `reason` it belongs to the rejects."""
    if not request or not completion or request["request_key"] != completion["request_key"]:
        raise UserError(
            f"{arguments.completions}: its rows do not answer those of {arguments.requests}, in "
            "order; delete it to rebuild it"
        )
    where = {key: request[key] for key in ("request_key", "note_id", "start", "end")}
    if completion["failure"]:
        return {**where, "outcome": "failed", "reason": completion["failure"]}
    text = strip_lead_in(completion["text"], arguments.lead_in)
    measured = measure(request, text)
    reason = screen(request, completion, text, measured, arguments.screens)
    if reason:
        return {**where, "outcome": "rejected", "reason": reason, **measured}
    return {**where, "text": text, **measured}


def main(arguments: argparse.Namespace) -> None:
    manifest = read_manifest(arguments.requests)
    entered = manifest["rows"]
    pairs = zip_longest(
        read_rows(arguments.requests, REQUEST), read_rows(arguments.completions, COMPLETION)
    )
    account = Account()
    progress = Progress("screens", entered, "answers")
    with (
        table_writer(arguments.out, SCHEMA) as rephrases,
        table_writer(arguments.rejects, REJECTS) as rejects,
    ):
        while some := list(islice(pairs, ROWS)):
            kept, turned_down = [], []
            for request, completion in some:
                row = screened(request, completion, arguments)
                if "outcome" not in row:
                    account.keep()
                    kept.append(row)
                    continue
                count = account.fail if row["outcome"] == "failed" else account.reject
                count(row["reason"])
                turned_down.append(row)
            rephrases.write_rows(kept)
            rejects.write_rows(turned_down)
            progress.advance(len(some))
        rephrases.fields["account"] = account.close(entered, "screens")
        # A later round answers for some of an earlier one's requests; corpora count with this.
        if "retried" in manifest:
            rephrases.fields["retried"] = manifest["retried"]
    progress.close()


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--completions", "--out", "--rejects")
    options.add_argument("--screens", type=json_argument, required=True, help="as declared")
    options.add_argument("--lead-in", type=json_argument, required=True, help="of the prompt")
    run(main, options)
