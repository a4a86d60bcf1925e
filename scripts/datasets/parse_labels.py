"""Parse an LLM's answers about sentences and categories: yes, no, or failed."""

import argparse
from collections import Counter

import pyarrow as pa

from palimpsest.datasets.config import LabelParsingSpec
from palimpsest.datasets.label_parsing import biases, is_content_free, label, parse
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.answers import read_answers
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_table
from palimpsest.runtime.labels import LABELS


def main(arguments: argparse.Namespace) -> None:
    pairs = list(read_answers(arguments.requests, arguments.completions, "sentence_id", "category"))
    asked = [request for request, _ in pairs]
    parsed = [parse(completion["text"] or "") for _, completion in pairs]
    calibrating = any(map(is_content_free, asked))
    bias = biases(zip(asked, parsed, strict=True)) if calibrating else None
    labels = [
        label(request, completion["failure"], answer, bias, arguments.spec.threshold)
        for (request, completion), answer in zip(pairs, parsed, strict=True)
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
        rows_are=["kept", "failed"],
        said_yes=dict(sorted(said_yes.items())),
        biases=bias,
    )


if __name__ == "__main__":
    run(main, parser(__doc__, "--requests", "--completions", "--out", spec=LabelParsingSpec))
