"""Collect silver sentences: those of which an LLM decided every category."""

import argparse
from pathlib import Path

import pyarrow as pa

from palimpsest.datasets.silver import Decisions, Labels, by_sentence
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.labels import LABELLED, REJECTED, by_category

SENTENCE = ["sentence_id", "text", "group", "note_id", "start", "end"]
DECISION = ["sentence_id", "category", "answer", "failure"]


def read_decisions(path: Path) -> Decisions:
    return by_sentence(read_table(path, DECISION).to_pylist())


def main(arguments: argparse.Namespace) -> None:
    names = [category["name"] for category in arguments.taxonomy["categories"]]
    sentences = read_table(arguments.sentences, SENTENCE).to_pylist()
    checks = read_decisions(arguments.checks) if arguments.checks else None
    labels = Labels(names, read_decisions(arguments.labels), checks)
    account = Account()
    kept, rejected = [], []
    for sentence in sentences:
        categories = labels.of(sentence["sentence_id"])
        if isinstance(categories, str):
            account.reject(categories)
            rejected.append({"sentence_id": sentence["sentence_id"], "reason": categories})
        else:
            account.keep()
            # All are of training notes.
            kept.append(
                {**sentence, "categories": categories, "split": "train", "origin": "silver"}
            )
    write_table(arguments.rejects, pa.Table.from_pylist(rejected, schema=REJECTED))
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=LABELLED),
        account=account.close(len(sentences), "silver sentences"),
        by_category=by_category(kept, names),
        removed_by_check=dict(sorted(labels.removed.items())),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--sentences", "--labels", "--out", "--rejects")
    options.add_argument("--checks", type=Path, help="decisions of the second look, if any")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="its categories")
    run(main, options)
