"""Keep the completions that pass every screen; count and list the others by reason."""

import argparse
from itertools import islice

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.answers import read_answers
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, table_writer
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row
from palimpsest.screens.config import ScreeningSpec
from palimpsest.screens.rephrases import REJECTS, SCHEMA, rephrase
from palimpsest.screens.screen import first_reason

PLACE = ("request_key", "note_id", "start", "end")
ROWS = 1024  # held in memory


def screened(request: Row, completion: Row, spec: ScreeningSpec) -> Row:
    """The row of one answer: with `outcome` and `reason` it belongs to the rejects."""
    where = {key: request[key] for key in PLACE}
    if completion["failure"]:
        return {**where, "outcome": "failed", "reason": completion["failure"]}
    answer = rephrase(request, completion, spec.lead_in, spec.unwrap)
    reason = first_reason(answer, spec.screens)
    if reason:
        return {**where, "outcome": "rejected", "reason": reason, **answer.measured}
    return {**where, "text": answer.text, **answer.measured}


def main(arguments: argparse.Namespace) -> None:
    manifest = read_manifest(arguments.requests)
    entered = manifest["rows"]
    columns = [*PLACE[1:], "passage", "system", "user"]
    pairs = read_answers(arguments.requests, arguments.completions, *columns)
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
