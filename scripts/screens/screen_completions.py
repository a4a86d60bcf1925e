"""Keep the completions that pass every screen; count and list the others by reason."""

import argparse
from itertools import islice

from palimpsest.runtime.accounting import Account
from palimpsest.runtime.answers import read_answers
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, table_writer
from palimpsest.runtime.progress import Progress
from palimpsest.runtime.rows import Row
from palimpsest.screens.config import ScreeningSpec
from palimpsest.screens.rephrases import REJECTS, SCHEMA, rephrase
from palimpsest.screens.screen import first_reason
from palimpsest.text.ngrams import shared_ngrams
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

SPENT = ("tokens_in", "tokens_out")
PLACE = ("request_key", "note_id", "start", "end")
ROWS = 1024  # held in memory
COPIED = 8  # words in a row: what is no longer is common wording


def screened(request: Row, completion: Row, spec: ScreeningSpec) -> Row:
    """The row of one answer: with `outcome` and `reason` it belongs to the rejects."""
    where = {key: request[key] for key in PLACE}
    if completion["failure"]:
        return {**where, "outcome": "failed", "reason": completion["failure"]}
    answer = rephrase(request, completion, spec.lead_in, spec.unwrap)
    reason = first_reason(answer, spec.screens)
    if reason:
        return {**where, "outcome": "rejected", "reason": reason, **answer.measured}
    ngrams, copied = shared_ngrams(answer.text, request["passage"], COPIED)
    counted = {"ngrams": ngrams, "copied_ngrams": copied}
    return {**where, "text": answer.text, **counted, **answer.measured}


def main(arguments: argparse.Namespace) -> None:
    manifest = read_manifest(arguments.requests)
    entered = manifest["rows"]
    columns = [*PLACE[1:], "passage", "system", "user"]
    columns += ["context"] if "told" in manifest else []
    pairs = read_answers(arguments.requests, arguments.completions, *columns)
    spent = read_manifest(arguments.completions, *SPENT)
    tokenizer = load_tokenizer(arguments.tokenizer)
    account, tokens = Account(), 0
    progress = Progress("screens", entered, "answers")
    with (
        table_writer(arguments.out, SCHEMA) as rephrases,
        table_writer(arguments.rejects, REJECTS) as rejects,
    ):
        while batch := list(islice(pairs, ROWS)):
            kept, rejected = [], []
            for request, completion in batch:
                row = screened(request, completion, arguments.spec)
                if "outcome" not in row:
                    account.keep()
                    kept.append(row)
                    continue
                count = account.fail if row["outcome"] == "failed" else account.reject
                count(row["reason"])
                rejected.append(row)
            counts = count_tokens(tokenizer, [row["text"] for row in kept])
            for row, number in zip(kept, counts, strict=True):
                row["tokens"] = number
            tokens += sum(counts)
            rephrases.write_rows(kept)
            rejects.write_rows(rejected)
            progress.advance(len(batch))
        rephrases.fields["account"] = account.close(entered, "screens")
        # What the LLM read and wrote, by its own tokenizer, for the tokens that are kept.
        rephrases.fields |= {"tokens": tokens, **{name: spent[name] for name in SPENT}}
        # A later round answers for some of an earlier one's requests; corpora count with this.
        if "retried" in manifest:
            rephrases.fields["retried"] = manifest["retried"]
    progress.close()


if __name__ == "__main__":
    files = ("--requests", "--completions", "--tokenizer", "--out", "--rejects")
    options = parser(__doc__, *files, spec=ScreeningSpec)
    run(main, options)
