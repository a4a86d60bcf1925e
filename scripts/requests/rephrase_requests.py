"""Build the requests that ask for rephrases of a shard's passages, up to a token budget."""

import argparse

import pyarrow as pa

from palimpsest.requests.config import RephraseSpec
from palimpsest.requests.rephrase import SCHEMA, rephrase_request
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.identity import digest
from palimpsest.runtime.sampling import within_budget


def main(arguments: argparse.Namespace) -> None:
    columns = ["note_id", "start", "end", "text", "tokens", "section"]
    passages = read_table(arguments.passages, columns).to_pylist()
    spec: RephraseSpec = arguments.spec
    chosen = list(within_budget(passages, spec.tokens, spec.seed))
    requests = [rephrase_request(passage, spec.prompt) for passage in chosen]
    account = Account(kept=len(requests))
    account.reject("beyond_budget", len(passages) - len(chosen))
    write_table(
        arguments.out,
        pa.Table.from_pylist(requests, schema=SCHEMA),
        account=account.close(len(passages), "requests: passages"),
        tokens=sum(request["passage_tokens"] for request in requests),
        asked_with=digest(spec.prompt.identity()),
    )


if __name__ == "__main__":
    run(main, parser(__doc__, "--passages", "--out", spec=RephraseSpec))
