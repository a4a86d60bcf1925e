"""Collect bronze sentences: confirmed by the back-check, at most so many of each category."""

import argparse
from pathlib import Path
from typing import Any

import pyarrow as pa

from palimpsest.datasets.bronze import category_of, judged, labelled
from palimpsest.datasets.silver import by_sentence
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.errors import AccountingError
from palimpsest.runtime.files import read_manifest, read_table, write_table
from palimpsest.runtime.labels import LABELLED, NONE, REJECTED

SENTENCE = ["sentence_id", "text", "group", "wanted"]
DECISION = ["sentence_id", "category", "answer", "failure"]


def screens_accounts(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """What the screens counted, by category; it must be what their table of rejects has."""
    accounts = read_manifest(arguments.sentences, "by_category")["by_category"]
    rejects = read_table(arguments.screened_out, ["sentence_id"]).num_rows
    counted = sum(account["in"] - account["kept"] for account in accounts.values())
    if rejects != counted:
        raise AccountingError(
            f"{arguments.screened_out}: {rejects} sentences were turned down, and the manifest of "
            f"{arguments.sentences} counts {counted}; delete both to rebuild them"
        )
    return accounts


def main(arguments: argparse.Namespace) -> None:
    names = [category["name"] for category in arguments.taxonomy["categories"]]
    sentences = read_table(arguments.sentences, SENTENCE).to_pylist()
    screens = screens_accounts(arguments)
    checks = None
    if arguments.checks:
        checks = by_sentence(read_table(arguments.checks, DECISION).to_pylist())
    accounts = {name: Account() for name in [*names, NONE]}
    for name, account in accounts.items():
        account.add({**screens[name], "kept": 0})
    kept, rejected = [], []
    for sentence, reason in judged(sentences, names, checks, arguments.set["keep"], arguments.seed):
        category = category_of(sentence)
        if reason:
            accounts[category].reject(reason)
            place = {"sentence_id": sentence["sentence_id"], "category": category}
            rejected.append(place | {"reason": reason})
        else:
            accounts[category].keep()
            kept.append(labelled(sentence))
    total, by_category = Account(), {}
    for name, account in accounts.items():
        by_category[name] = account.close(screens[name]["in"], f"bronze sentences: {name}")
        total.add(by_category[name])
    write_table(arguments.rejects, pa.Table.from_pylist(rejected, schema=REJECTED))
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=LABELLED),
        account=total.close(sum(one["in"] for one in screens.values()), "bronze sentences"),
        by_category=by_category,
        checked=checks is not None,
    )


if __name__ == "__main__":
    options = parser(__doc__, "--sentences", "--screened-out", "--out", "--rejects")
    options.add_argument("--checks", type=Path, help="decisions of the back-check, if any")
    options.add_argument("--set", type=json_argument, required=True, help="as declared")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="its categories")
    options.add_argument("--seed", type=int, required=True, help="of what is kept for balance")
    run(main, options)
