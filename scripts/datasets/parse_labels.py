"""Parse an LLM's answers about sentences and categories: yes, no, or failed."""

import argparse
from collections import Counter

import pyarrow as pa

from palimpsest.datasets.config import LabelParsingSpec
from palimpsest.datasets.label_parsing import biases, is_content_free, label, parse
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.labels import LABELS


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
    bias = biases(zip(asked, parsed, strict=True)) if calibrating else None
    labels = [
        label(request, failure, answer, bias, arguments.spec.threshold)
        for request, failure, answer in zip(asked, failures, parsed, strict=True)
        if not is_content_free(request)
    ]
    account, said_yes = Account(), Counter()
    for row in labels:
        if "failure" in row:
            account.fail(row["failure"])
        else:
            account.keep()
            said_yes[row["category"]] += row["answer"]
    write_table(
        arguments.out,
        pa.Table.from_pylist(labels, schema=LABELS),
        account=account.close(sum(not is_content_free(request) for request in asked), "labels"),
        said_yes=dict(sorted(said_yes.items())),
        biases=bias,
    )


if __name__ == "__main__":
    run(main, parser(__doc__, "--requests", "--completions", "--out", spec=LabelParsingSpec))
