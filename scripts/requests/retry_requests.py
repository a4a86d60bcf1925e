"""Build the requests of a further round from what the round before rejected."""

import argparse
from collections import Counter
from itertools import islice

from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.requests.config import RetrySpec
from palimpsest.requests.rephrase import IN_CONTEXT, SCHEMA
from palimpsest.requests.retry import PLACE, NextRound
from palimpsest.runtime.accounting import ROWS_ARE, Account
from palimpsest.runtime.answers import read_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, table_writer
from palimpsest.runtime.origins import job_names, of_another

ROWS = 1024  # held in memory


def main(arguments: argparse.Namespace) -> None:
    if round_ := job_names().get("round"):
        of_another([arguments.requests, arguments.rejects], round=str(int(round_) - 1))
    earlier = read_manifest(arguments.requests, "asked_with")
    in_context = "told" in earlier
    schema = IN_CONTEXT if in_context else SCHEMA
    cutter = PassageCutter(arguments.tokenizer, PassagesSpec(max_tokens=1, min_tokens=1))

    def cut(text: str, max_tokens: int) -> list[tuple[int, int, int, str]]:
        cutter.max_tokens = max_tokens
        cut = [piece for piece in cutter.stretches([text])[0] if not piece.reason]
        return [(piece.start, piece.end, piece.tokens, piece.section) for piece in cut]

    following = NextRound(arguments.spec, cut)
    made = following.requests(
        read_rows(arguments.requests, schema.names),
        read_rows(arguments.rejects, [*PLACE, "outcome", "reason"]),
        str(arguments.rejects),
    )
    tokens, told = 0, Counter[str]()
    with table_writer(arguments.out, schema) as table:
        while batch := list(islice(made, ROWS)):
            table.write_rows(batch)
            tokens += sum(request["passage_tokens"] for request in batch)
            for request in batch if in_context else ():
                told.update({span["part"] for span in request["context_spans"]})
        asked_again = following.rejected.total() + following.failed.total()
        account = Account(asked_again, rejected=following.left)
        account.reject("rephrased", following.rephrased)
        table.fields |= {
            "account": account.close(earlier["rows"], "requests: the round before"),
            ROWS_ARE: [],  # a passage that was too long is several
            "retried": following.retried(),
            "asked_with": earlier["asked_with"],
            "tokens": tokens,
        }
        if in_context:
            table.fields["told"] = {part: told[part] for part in earlier["told"]}


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--rejects", "--tokenizer", "--out", spec=RetrySpec)
    run(main, options)
