"""Read an LLM's answers about sentences and categories as decisions: yes, no, or failed."""

import argparse
from collections import Counter

import pyarrow as pa

from palimpsest.datasets.label_parsing import decide, is_content_free, leanings, parse
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.labels import DECISIONS


def main(arguments: argparse.Namespace) -> None:
    requests = read_table(arguments.requests, ["request_key", "sentence_id", "category"])
    completions = read_table(arguments.completions, ["request_key", "text", "failure"])
    if requests["request_key"].to_pylist() != completions["request_key"].to_pylist():
        raise UserError(
            f"{arguments.completions}: its rows do not answer those of {arguments.requests}, in "
            "order; delete it to rebuild it"
        )
    asked, failures = requests.to_pylist(), completions["failure"].to_pylist()
    parsed = [parse(text or "") for text in completions["text"].to_pylist()]
    calibrating = any(map(is_content_free, asked))
    leaning = leanings(zip(asked, parsed, strict=True)) if calibrating else None
    decisions = [
        decide(request, failure, answer, leaning, arguments.threshold)
        for request, failure, answer in zip(asked, failures, parsed, strict=True)
        if not is_content_free(request)
    ]
    account, said_yes = Account(), Counter()
    for decision in decisions:
        if "failure" in decision:
            account.fail(decision["failure"])
        else:
            account.keep()
            said_yes[decision["category"]] += decision["answer"]
    write_table(
        arguments.out,
        pa.Table.from_pylist(decisions, schema=DECISIONS),
        account=account.close(sum(not is_content_free(one) for one in asked), "decisions"),
        said_yes=dict(sorted(said_yes.items())),
        leanings=leaning,
    )


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--completions", "--out")
    options.add_argument("--threshold", type=float, required=True, help="log-odds of a yes")
    run(main, options)
