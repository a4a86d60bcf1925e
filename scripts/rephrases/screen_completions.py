"""Keep the completions that pass every screen; count and list the others by reason."""

import argparse

import pyarrow as pa

from palimpsest.core.accounting import Account
from palimpsest.core.errors import UserError
from palimpsest.core.files import read_table, write_table
from palimpsest.core.program import json_argument, parser, run
from palimpsest.rephrases.screens import REJECTS, SCHEMA, measure, screen, strip_lead_in

REQUEST = ["request_key", "note_id", "start", "end", "passage", "system", "user"]
COMPLETION = ["request_key", "text", "failure", "finish_reason"]


def main(arguments: argparse.Namespace) -> None:
    requests = read_table(arguments.requests, REQUEST).to_pylist()
    completions = read_table(arguments.completions, COMPLETION).to_pylist()
    asked = [request["request_key"] for request in requests]
    if asked != [completion["request_key"] for completion in completions]:
        raise UserError(
            f"{arguments.completions}: its rows do not answer those of {arguments.requests}, in "
            "order; delete it to rebuild it"
        )
    account, rephrases, rejects = Account(), [], []
    for request, completion in zip(requests, completions, strict=True):
        where = {key: request[key] for key in ("request_key", "note_id", "start", "end")}
        if completion["failure"]:
            account.fail(completion["failure"])
            rejects.append({**where, "outcome": "failed", "reason": completion["failure"]})
            continue
        text = strip_lead_in(completion["text"], arguments.lead_in)
        measured = measure(request, text)
        reason = screen(request, completion, text, measured, arguments.screens)
        if reason:
            account.reject(reason)
            rejects.append({**where, "outcome": "rejected", "reason": reason, **measured})
        else:
            account.keep()
            rephrases.append({**where, "text": text})
    account = account.close(len(requests), "screens")
    write_table(arguments.rejects, pa.Table.from_pylist(rejects, schema=REJECTS))
    write_table(arguments.out, pa.Table.from_pylist(rephrases, schema=SCHEMA), account=account)


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--completions", "--out", "--rejects")
    options.add_argument("--screens", type=json_argument, required=True, help="as declared")
    options.add_argument("--lead-in", type=json_argument, required=True, help="of the prompt")
    run(main, options)
