"""Build the requests that ask an LLM to write sentences for the categories of a taxonomy."""

import argparse

import pyarrow as pa

from palimpsest.requests.generate import WRITE, write_requests
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import write_table
from palimpsest.runtime.identity import digest


def main(arguments: argparse.Namespace) -> None:
    requests = list(
        write_requests(arguments.set, arguments.taxonomy, arguments.prompt, arguments.seed)
    )
    account = Account()
    account.keep(len(requests))
    kinds = len(arguments.taxonomy["categories"]) + 1
    write_table(
        arguments.out,
        pa.Table.from_pylist(requests, schema=WRITE),
        account=account.close(arguments.set["requests"] * kinds, "requests: sentences"),
        tokens=0,  # of passages: there are none
        asked_with=digest(arguments.prompt),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--out")
    options.add_argument("--set", type=json_argument, required=True, help="as declared")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="what prompts tell")
    options.add_argument("--prompt", type=json_argument, required=True, help="as declared")
    options.add_argument("--seed", type=int, required=True, help="of the conditions")
    run(main, options)
