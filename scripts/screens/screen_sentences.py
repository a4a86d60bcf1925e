"""Keep the written sentences that pass every screen; count and list the others by reason."""

import argparse
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
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
from palimpsest.runtime.rows import Row
from palimpsest.screens.config import EchoedTaxonomy, SentenceScreeningSpec
from palimpsest.screens.memorization import NoteGrams, RealText
from palimpsest.screens.screen import Answer, first_reason
from palimpsest.screens.sentences import (
    KeptSentences,
    NearDuplicate,
    sentence_screens,
    written_sentence,
)

REQUEST = ["request_key", "sentence_id", "category", "system", "user"]
COMPLETION = ["request_key", "text", "failure", "finish_reason"]
ROWS = 64  # notes looked through at once


@dataclass
class Asked:
    """One request, what was answered, and why that is not kept: it failed or was rejected."""

    sentence_id: str
    category: str
    answer: Answer  # an empty one where the request failed
    failure: str | None
    reason: str | None

    def kept(self) -> bool:
        return not (self.failure or self.reason)

    def sentence(self) -> Row:
        """A row of SENTENCES: it stands in no note and belongs to no patient."""
        row = {"sentence_id": self.sentence_id, "text": self.answer.text, "chosen_by": "written"}
        wanted = [] if self.category == NONE else [self.category]
        nowhere = {"note_id": "", "start": 0, "end": 0}
        return row | nowhere | {"group": self.sentence_id, "wanted": wanted}

    def rejected(self) -> Row:
        """A row of REJECTED; some failures are called as a reason of screens is."""
        reason = f"failed:{self.failure}" if self.failure else self.reason
        return {"sentence_id": self.sentence_id, "category": self.category, "reason": reason}


def read_answers(arguments: argparse.Namespace) -> list[Asked]:
    """The requests in order, each answer screened by what it says itself."""
    requests = read_table(arguments.requests, REQUEST).to_pylist()
    completions = read_table(arguments.completions, COMPLETION).to_pylist()
    keys = [request["request_key"] for request in requests]
    if keys != [completion["request_key"] for completion in completions]:
        raise UserError(
            f"{arguments.completions}: its rows do not answer those of {arguments.requests}, in "
            "order; delete it to rebuild it"
        )
    screens = sentence_screens(arguments.spec.taxonomy)
    asked = []
    for request, completion in zip(requests, completions, strict=True):
        answer, failure = written_sentence(request, completion), completion["failure"]
        reason = None if failure else first_reason(answer, screens)
        asked.append(Asked(request["sentence_id"], request["category"], answer, failure, reason))
    return asked


def search_notes(sentences: list[str], notes: list[Path], generic_patients: int) -> NoteGrams:
    """What of some sentences stands in the notes."""
    grams = NoteGrams(sentences, generic_patients)
    total = sum(read_manifest(path)["rows"] for path in notes)
    progress = Progress("memorization", total, "notes")
    for path in notes:
        for batch in read_batches(path, ["patient_id", "text"], ROWS):
            grams.scan(batch["patient_id"].to_pylist(), batch["text"].to_pylist())
            progress.advance(batch.num_rows)
    progress.close()
    return grams


def screen_set(asked: list[Asked], notes: NoteGrams, near_duplicate: float) -> None:
    """Reject what is too like a sentence kept before it, or repeats a note."""
    kept = KeptSentences()
    screens = [
        NearDuplicate(name="near_duplicate", max_likeness=near_duplicate, kept=kept),
        RealText(name="real_text", notes=notes),
    ]
    for entry in asked:
        if entry.kept():
            entry.reason = first_reason(entry.answer, screens)
            if not entry.reason:
                kept.add(entry.answer.words)


def accounts_of(asked: list[Asked], taxonomy: EchoedTaxonomy) -> dict[str, Row]:
    """What became of the requests of each category, and of none."""
    names = [*(category.name for category in taxonomy.categories), NONE]
    accounts = {name: Account() for name in names}
    for entry in asked:
        account = accounts[entry.category]
        if entry.failure:
            account.fail(entry.failure)
        elif entry.reason:
            account.reject(entry.reason)
        else:
            account.keep()
    counts = Counter(entry.category for entry in asked)
    return {
        name: account.close(counts[name], f"written sentences: {name}")
        for name, account in accounts.items()
    }


def write_generic(path: Path, notes: NoteGrams) -> None:
    """The generic 8-grams that sentences have, with the number of patients that makes them so."""
    with atomic_path(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(["gram", "patients"])
            table.writerows([gram, f"{notes.generic_patients}+"] for gram in notes.generic())


def main(arguments: argparse.Namespace) -> None:
    spec: SentenceScreeningSpec = arguments.spec
    asked = read_answers(arguments)
    passed = [entry.answer.text for entry in asked if entry.kept()]
    notes = search_notes(passed, arguments.notes, spec.generic_patients)
    screen_set(asked, notes, spec.near_duplicate)
    kept = [entry.sentence() for entry in asked if entry.kept()]
    rejected = [entry.rejected() for entry in asked if not entry.kept()]
    total, by_category = Account(), accounts_of(asked, spec.taxonomy)
    for account in by_category.values():
        total.add(account)
    write_generic(arguments.generic, notes)
    write_table(arguments.rejects, pa.Table.from_pylist(rejected, schema=REJECTED))
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=SENTENCES),
        account=total.close(len(asked), "written sentences"),
        by_category=by_category,
        generic=len(notes.generic()),
    )


if __name__ == "__main__":
    paths = ("--requests", "--completions", "--out", "--rejects", "--generic")
    options = parser(__doc__, *paths, spec=SentenceScreeningSpec)
    options.add_argument("--notes", type=Path, nargs="+", required=True, help="of all sources")
    run(main, options)
