"""Build the requests that ask for rephrases of a shard's passages and tell of their notes."""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.requests.config import RephraseInContextSpec
from palimpsest.requests.note_context import ContextTeller
from palimpsest.requests.note_facts import NoteFacts
from palimpsest.requests.rephrase import IN_CONTEXT, rephrase_request
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches, read_table, write_table
from palimpsest.runtime.identity import digest
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import within_budget
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

COLUMNS = ["note_id", "patient_id", "start", "end", "text", "tokens", "section"]
NOTE = ["note_id", "patient_id", "category", "text"]
ROWS = 256  # notes that are read at once


def notes_of(path: Path, wanted: set[str]) -> Iterator[Row]:
    """Some notes of a table, by their ids."""
    ids = pa.array(sorted(wanted), pa.string())
    for batch in read_batches(path, NOTE, ROWS):
        yield from batch.filter(pc.is_in(batch["note_id"], ids)).to_pylist()


def check_passage(note: Row, passage: Row, label: Path) -> None:
    """Raise UserError unless a passage stands in a note of its patient: it is told of no other."""
    stands = note["text"][passage["start"] : passage["end"]] == passage["text"]
    if not stands or note["patient_id"] != passage["patient_id"]:
        raise UserError(
            f"{label}: the passage of note {note['note_id']!r} from {passage['start']} is none of "
            "that note; delete it to rebuild it"
        )


def main(arguments: argparse.Namespace) -> None:
    passages = read_table(arguments.passages, COLUMNS).to_pylist()
    spec: RephraseInContextSpec = arguments.spec
    chosen = list(within_budget(passages, spec.tokens, spec.seed))
    waiting: dict[str, list[int]] = {}
    for place, passage in enumerate(chosen):
        waiting.setdefault(passage["note_id"], []).append(place)
    tokenizer = load_tokenizer(arguments.tokenizer)
    teller = ContextTeller(spec.context, tokenizer)
    progress = Progress("contexts", len(chosen), "passages")
    requests: list[Row] = [{} for _ in chosen]
    told: Counter[str] = Counter()
    for note in notes_of(arguments.notes, set(waiting)):
        facts = NoteFacts(note["text"])
        places = waiting.pop(note["note_id"])
        for place in places:
            passage = chosen[place]
            check_passage(note, passage, arguments.passages)
            context = teller.tell(facts, note["category"], passage)
            requests[place] = rephrase_request(passage, spec.prompt, context.text) | {
                "context": context.text,
                "context_spans": [span._asdict() for span in context.spans],
            }
            told.update({span.part for span in context.spans})
        progress.advance(len(places))
    progress.close()
    if waiting:
        raise UserError(
            f"{arguments.passages}: note {min(waiting)!r} is not in {arguments.notes}; delete it "
            "to rebuild it"
        )
    account = Account(kept=len(requests))
    account.reject("beyond_budget", len(passages) - len(chosen))
    write_table(
        arguments.out,
        pa.Table.from_pylist(requests, schema=IN_CONTEXT),
        account=account.close(len(passages), "requests: passages"),
        tokens=sum(request["passage_tokens"] for request in requests),
        # How many requests tell each part, and the tokens of all that is told.
        told={part: told[part] for part in spec.context.parts},
        context_tokens=sum(count_tokens(tokenizer, [request["context"] for request in requests])),
        asked_with=digest([spec.prompt.identity(), spec.context.identity()]),
    )


if __name__ == "__main__":
    files = ("--passages", "--notes", "--tokenizer", "--out")
    run(main, parser(__doc__, *files, spec=RephraseInContextSpec))
