"""Keep the written sentences that pass every screen; count and list the others by reason."""

import argparse
import csv
from pathlib import Path
from typing import Any

import pyarrow as pa

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import (
    atomic_path,
    read_batches,
    read_manifest,
    read_table,
    write_table,
)
from palimpsest.runtime.labels import NONE, REJECTED, SENTENCES
from palimpsest.runtime.progress import Progress
from palimpsest.screens.memorization import Leaks
from palimpsest.screens.written import FAILED, Echoes, Kept, screened

REQUEST = ["request_key", "sentence_id", "category", "system", "user"]
COMPLETION = ["request_key", "text", "failure", "finish_reason"]
ROWS = 64  # notes looked through at once


def read_answers(
    arguments: argparse.Namespace,
) -> list[tuple[dict[str, Any], str, str | None]]:
    """The requests in order, each with its sentence and the reason that turns it down, if any."""
    requests = read_table(arguments.requests, REQUEST).to_pylist()
    completions = read_table(arguments.completions, COMPLETION).to_pylist()
    keys = [request["request_key"] for request in requests]
    if keys != [completion["request_key"] for completion in completions]:
        raise UserError(
            f"{arguments.completions}: its rows do not answer those of {arguments.requests}, in "
            "order; delete it to rebuild it"
        )
    echoes = Echoes(arguments.taxonomy)
    return [
        (request, *screened(request, completion, echoes))
        for request, completion in zip(requests, completions, strict=True)
    ]


def find_leaks(sentences: list[str], notes: list[Path], generic_patients: int) -> Leaks:
    """What of some sentences stands in the notes."""
    leaks = Leaks(sentences, generic_patients)
    total = sum(read_manifest(path)["rows"] for path in notes)
    progress = Progress("leaks", total, "notes")
    for path in notes:
        for batch in read_batches(path, ["patient_id", "text"], ROWS):
            leaks.scan(batch["patient_id"].to_pylist(), batch["text"].to_pylist())
            progress.advance(batch.num_rows)
    progress.close()
    return leaks


def row(request: dict[str, Any], sentence: str) -> dict[str, Any]:
    """A row of SENTENCES: it stands in no note and belongs to no patient."""
    name, category = request["sentence_id"], request["category"]
    nowhere = {"note_id": "", "start": 0, "end": 0}
    return {
        **nowhere,
        "sentence_id": name,
        "text": sentence,
        "group": name,
        "chosen_by": "written",
        "wanted": [] if category == NONE else [category],
    }


def write_generic(path: Path, leaks: Leaks) -> None:
    """The generic 8-grams that sentences have, with the number of patients that makes them so."""
    with atomic_path(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(["gram", "patients"])
            table.writerows([gram, f"{leaks.generic_patients}+"] for gram in leaks.generic())


def main(arguments: argparse.Namespace) -> None:
    answers = read_answers(arguments)
    passed = [sentence for _, sentence, reason in answers if not reason]
    leaks = find_leaks(passed, arguments.notes, arguments.set["generic_patients"])
    names = [*(category["name"] for category in arguments.taxonomy["categories"]), NONE]
    accounts = {name: Account() for name in names}
    kept, before = [], Kept(arguments.set["near_duplicate"])
    rejected = []
    for request, sentence, reason in answers:
        if not reason and before.has_like(sentence):
            reason = "near_duplicate"
        if not reason and leaks.leaked(sentence):
            reason = "real_text"
        account = accounts[request["category"]]
        if not reason:
            account.keep()
            before.add(sentence)
            kept.append(row(request, sentence))
            continue
        if reason.startswith(FAILED):
            account.fail(reason.removeprefix(FAILED))
        else:
            account.reject(reason)
        rejected.append(
            {name: request[name] for name in ("sentence_id", "category")} | {"reason": reason}
        )
    total, by_category = Account(), {}
    for name, account in accounts.items():
        asked = sum(request["category"] == name for request, *_ in answers)
        by_category[name] = account.close(asked, f"written sentences: {name}")
        total.add(by_category[name])
    write_generic(arguments.generic, leaks)
    write_table(arguments.rejects, pa.Table.from_pylist(rejected, schema=REJECTED))
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=SENTENCES),
        account=total.close(len(answers), "written sentences"),
        by_category=by_category,
        generic=len(leaks.generic()),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--completions", "--out", "--rejects", "--generic")
    options.add_argument("--notes", type=Path, nargs="+", required=True, help="of all sources")
    options.add_argument("--set", type=json_argument, required=True, help="as declared")
    options.add_argument("--taxonomy", type=json_argument, required=True, help="what prompts tell")
    run(main, options)
