"""Build the requests of a further round from what the round before turned down."""

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.requests.rephrase import SCHEMA
from palimpsest.requests.retry import PLACE, NextRound
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_batches, read_manifest, table_writer

ROWS = 1024  # held in memory


def read_rows(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    for batch in read_batches(path, columns, ROWS):
        yield from batch.to_pylist()


def main(arguments: argparse.Namespace) -> None:
    earlier = read_manifest(arguments.requests, "asked_with")
    cutter = PassageCutter(arguments.tokenizer, PassagesSpec(max_tokens=1, min_tokens=1))

    def cut(text: str, max_tokens: int) -> list[tuple[int, int, int, str]]:
        cutter.max_tokens = max_tokens
        pieces = cutter.stretches([text])[0]
        return [(at.start, at.end, at.tokens, at.section) for at in pieces if not at.reason]

    following = NextRound(arguments.reasons, arguments.prompt, cut)
    made = following.requests(
        read_rows(arguments.requests, SCHEMA.names),
        read_rows(arguments.rejects, [*PLACE, "outcome", "reason"]),
        str(arguments.rejects),
    )
    tokens = 0
    with table_writer(arguments.out, SCHEMA) as table:
        while some := list(islice(made, ROWS)):
            table.write_rows(some)
            tokens += sum(request["passage_tokens"] for request in some)
        account = Account()
        account.keep(following.rejected.total() + following.failed.total())
        account.reject("rephrased", following.rephrased)
        for reason, count in following.left.items():
            account.reject(reason, count)
        table.fields |= {
            "account": account.close(earlier["rows"], "requests: the round before"),
            "asked_again": following.asked_again(),
            "asked_with": earlier["asked_with"],
            "tokens": tokens,
        }


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--rejects", "--tokenizer", "--out")
    options.add_argument("--prompt", type=json_argument, required=True, help="as declared")
    options.add_argument("--reasons", type=json_argument, required=True, help="as declared")
    run(main, options)
