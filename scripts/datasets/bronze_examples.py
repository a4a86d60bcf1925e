"""Collect written sentences: confirmed by the check, at most so many of each category."""

import argparse

import pyarrow as pa

from palimpsest.datasets.bronze import balanced, category_of, example
from palimpsest.datasets.config import BronzeSpec
from palimpsest.datasets.silver import COLUMNS, by_sentence
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.dataset_tables import SEVERAL_LABELS
from palimpsest.runtime.errors import AccountingError
from palimpsest.runtime.files import read_manifest, read_rows, read_table, write_table
from palimpsest.runtime.labels import (
    NONE,
    REJECTED,
    SENTENCE_EXAMPLES,
    by_label,
    by_split,
    tell_without_labels,
)
from palimpsest.runtime.rows import Row

SENTENCE = ["sentence_id", "text", "group", "wanted"]


def screens_accounts(arguments: argparse.Namespace) -> dict[str, Row]:
    """What the screens counted, by category; it must be what their table of rejects has."""
    accounts = read_manifest(arguments.sentences, "by_category")["by_category"]
    rejects = read_table(arguments.screened_out, ["sentence_id"]).num_rows
    counted = sum(account["in"] - account["kept"] for account in accounts.values())
    if rejects != counted:
        raise AccountingError(
            f"{arguments.screened_out}: {rejects} sentences were rejected, and the manifest of "
            f"{arguments.sentences} counts {counted}; delete both to rebuild them"
        )
    return accounts


def main(arguments: argparse.Namespace) -> None:
    spec: BronzeSpec = arguments.spec
    screens = screens_accounts(arguments)
    checks = by_sentence(read_rows(arguments.checks[0], COLUMNS)) if arguments.checks else None
    accounts = {name: Account() for name in [*spec.labels, NONE]}
    for name, account in accounts.items():
        account.add({**screens[name], "kept": 0})
    kept: list[Row] = []
    rejected: list[Row] = []
    sentences = list(read_rows(arguments.sentences, SENTENCE))
    for sentence, reason in balanced(sentences, spec.labels, checks, spec.keep, spec.seed):
        category = category_of(sentence)
        if reason:
            accounts[category].reject(reason)
            names = {"sentence_id": sentence["sentence_id"], "category": category}
            rejected.append(names | {"reason": reason})
        else:
            accounts[category].keep()
            kept.append(example(sentence))
    total, by_category = Account(), {}
    for name, account in accounts.items():
        by_category[name] = account.close(screens[name]["in"], f"written sentences: {name}")
        total.add(by_category[name])
    tell_without_labels(kept)
    write_table(arguments.rejects, pa.Table.from_pylist(rejected, schema=REJECTED))
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=SENTENCE_EXAMPLES),
        kind="sentences",
        labels=spec.labels,
        answer=SEVERAL_LABELS,
        unit="example",
        none_label=None,
        account=total.close(sum(screen["in"] for screen in screens.values()), "written sentences"),
        splits=by_split(kept),
        by_label=by_label((row["labels"] for row in kept), spec.labels),
        by_category=by_category,
        checked=checks is not None,
    )


if __name__ == "__main__":
    paths = ("--sentences", "--screened-out", "--checks*", "--out", "--rejects")
    run(main, parser(__doc__, *paths, spec=BronzeSpec))
