"""Build the requests that ask an LLM to write sentences for the categories of a taxonomy."""

import argparse

import pyarrow as pa

from palimpsest.requests.config import GenerateSpec
from palimpsest.requests.generate import GENERATION_REQUESTS, generation_requests
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_table
from palimpsest.runtime.identity import digest


def main(arguments: argparse.Namespace) -> None:
    spec: GenerateSpec = arguments.spec
    requests = list(generation_requests(spec))
    account = Account(kept=len(requests))
    kinds = len(spec.taxonomy.categories) + 1
    write_table(
        arguments.out,
        pa.Table.from_pylist(requests, schema=GENERATION_REQUESTS),
        account=account.close(spec.requests * kinds, "requests: sentences"),
        tokens=0,  # of passages: there are none
        asked_with=digest(spec.prompt.identity()),
    )


if __name__ == "__main__":
    run(main, parser(__doc__, "--out", spec=GenerateSpec))
