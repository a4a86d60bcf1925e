"""Collect the sentences of which an LLM gave every category an answer.

Gold sentences that it was asked about to be compared are none of them.
"""

import argparse

import pyarrow as pa

from palimpsest.datasets.config import SilverSpec
from palimpsest.datasets.silver import COLUMNS, Silver, by_sentence
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.dataset_tables import SEVERAL_LABELS
from palimpsest.runtime.files import read_rows, write_table
from palimpsest.runtime.labels import (
    COMPARED,
    REJECTED,
    SENTENCE_EXAMPLES,
    by_label,
    by_split,
    tell_without_labels,
)
from palimpsest.runtime.rows import Row

SENTENCE = ["sentence_id", "text", "group", "note_id", "start", "end", "chosen_by"]


def main(arguments: argparse.Namespace) -> None:
    names = arguments.spec.labels
    checks = by_sentence(read_rows(arguments.checks[0], COLUMNS)) if arguments.checks else None
    silver = Silver(names, by_sentence(read_rows(arguments.labels, COLUMNS)), checks)
    account = Account()
    kept: list[Row] = []
    rejected: list[Row] = []
    for sentence in read_rows(arguments.sentences, SENTENCE):
        name = sentence.pop("sentence_id")
        if sentence.pop("chosen_by").startswith(COMPARED):
            continue
        labels = silver.labels_of(name)
        if isinstance(labels, str):
            account.reject(labels)
            rejected.append({"sentence_id": name, "reason": labels})
        else:
            account.keep()
            # All are of training notes.
            made = {"example_id": name, "split": "train", "made_by": "llm_labels"}
            kept.append({**sentence, **made, "labels": labels})
    tell_without_labels(kept)
    write_table(arguments.rejects, pa.Table.from_pylist(rejected, schema=REJECTED))
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=SENTENCE_EXAMPLES),
        kind="sentences",
        labels=names,
        answer=SEVERAL_LABELS,
        unit="patient",
        none_label=None,
        account=account.close(len(kept) + len(rejected), "labelled sentences"),
        splits=by_split(kept),
        by_label=by_label((row["labels"] for row in kept), names),
        removed_by_check=dict(sorted(silver.removed.items())),
    )


if __name__ == "__main__":
    paths = ("--sentences", "--labels", "--checks*", "--out", "--rejects")
    run(main, parser(__doc__, *paths, spec=SilverSpec))
