"""Build the requests that ask for rephrases of a shard's passages, up to a token budget."""

import argparse

import pyarrow as pa

from palimpsest.requests.rephrase import SCHEMA, rephrase_request
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.identity import digest
from palimpsest.runtime.sampling import within_budget


def main(arguments: argparse.Namespace) -> None:
    passages = read_table(
        arguments.passages, ["note_id", "start", "end", "text", "tokens", "section"]
    ).to_pylist()
    chosen = list(within_budget(passages, arguments.tokens, arguments.seed))
    requests = [rephrase_request(passage, arguments.prompt) for passage in chosen]
    account = Account()
    account.keep(len(requests))
    account.reject("beyond_budget", len(passages) - len(chosen))
    write_table(
        arguments.out,
        pa.Table.from_pylist(requests, schema=SCHEMA),
        account=account.close(len(passages), "requests: passages"),
        tokens=sum(request["passage_tokens"] for request in requests),
        asked_with=digest(arguments.prompt),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--passages", "--out")
    options.add_argument("--prompt", type=json_argument, required=True, help="as declared")
    options.add_argument("--tokens", type=int, required=True, help="passage tokens to ask about")
    options.add_argument("--seed", type=int, required=True, help="of the sampling order")
    run(main, options)
