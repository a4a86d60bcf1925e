"""Keep the written sentences that pass every screen; count and list the others by reason."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.answers import read_answers
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_batches, read_manifest, write_table, write_text
from palimpsest.runtime.labels import NONE, REJECTED, SENTENCES
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row
from palimpsest.screens.config import SentenceScreeningSpec
from palimpsest.screens.memorization import NoteGrams, RealText
from palimpsest.screens.screen import Answer, first_reason
from palimpsest.screens.sentences import NearDuplicate, sentence_screens, written_sentence

ROWS = 64  # notes looked through at once
GENERIC = ["gram", "patients"]


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


def read_asked(arguments: argparse.Namespace) -> list[Asked]:
    """The requests in order, each answer screened by what it says itself."""
    screens = sentence_screens(arguments.spec.taxonomy)
    columns = ("sentence_id", "category", "system", "user")
    asked = []
    for request, completion in read_answers(arguments.requests, arguments.completions, *columns):
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
    unlike = NearDuplicate(name="near_duplicate", max_likeness=near_duplicate)
    screens = [unlike, RealText(name="real_text", notes=notes)]
    for entry in asked:
        if entry.kept():
            entry.reason = first_reason(entry.answer, screens)
            if not entry.reason:
                unlike.keep(entry.answer)


def account_of(asked: list[Asked]) -> Row:
    """What became of some requests."""
    account = Account()
    for entry in asked:
        if entry.failure:
            account.fail(entry.failure)
        elif entry.reason:
            account.reject(entry.reason)
        else:
            account.keep()
    return account.close(len(asked), "written sentences")


def main(arguments: argparse.Namespace) -> None:
    spec: SentenceScreeningSpec = arguments.spec
    asked = read_asked(arguments)
    passed = [entry.answer.text for entry in asked if entry.kept()]
    notes = search_notes(passed, arguments.notes, spec.generic_patients)
    screen_set(asked, notes, spec.near_duplicate)
    kept = [entry.sentence() for entry in asked if entry.kept()]
    rejected = [entry.rejected() for entry in asked if not entry.kept()]
    names = [*(category.name for category in spec.taxonomy.categories), NONE]
    by_category: dict[str, list[Asked]] = {name: [] for name in names}
    for entry in asked:
        by_category[entry.category].append(entry)
    # Counting of each generic 8-gram stopped at the number that makes it so.
    generic = [f"{gram},{spec.generic_patients}+\n" for gram in notes.generic()]
    write_text(arguments.generic, "".join([f"{','.join(GENERIC)}\n", *generic]))
    write_table(arguments.rejects, pa.Table.from_pylist(rejected, schema=REJECTED))
    write_table(
        arguments.out,
        pa.Table.from_pylist(kept, schema=SENTENCES),
        account=account_of(asked),
        by_category={name: account_of(entries) for name, entries in by_category.items()},
        generic=len(generic),
    )


if __name__ == "__main__":
    paths = ("--requests", "--completions", "--out", "--rejects", "--generic")
    options = parser(__doc__, *paths, spec=SentenceScreeningSpec)
    options.add_argument("--notes", type=Path, nargs="+", required=True, help="of all sources")
    run(main, options)
