"""Build the requests that ask for notes after a shard's case reports, up to a token budget."""

import argparse
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.requests.config import SynthesisSpec
from palimpsest.requests.rephrase import SCHEMA
from palimpsest.requests.synthesize import synthesis_requests
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_batches, write_table
from palimpsest.runtime.identity import digest
from palimpsest.runtime.rows import Row
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

ROWS = 1024  # notes that are read at once


def main(arguments: argparse.Namespace) -> None:
    spec: SynthesisSpec = arguments.spec
    counter = load_tokenizer(arguments.tokenizer)
    shard = int(arguments.shard.split("-of-")[0])
    account, entered = Account(), 0

    def reports() -> Iterator[Row]:
        """The reports of the shard's training patients."""
        nonlocal entered
        for batch in read_batches(arguments.notes, ["note_id", "text", "split", "shard"], ROWS):
            rows = batch.filter(pc.equal(batch["shard"], shard)).to_pylist()
            entered += len(rows)
            told = [row for row in rows if row["split"] == "train"]
            for row in rows:
                if row["split"] != "train":
                    account.reject(f"{row['split']}_patient")
            counts = count_tokens(counter, [row["text"] for row in told])
            for row, tokens in zip(told, counts, strict=True):
                yield {"note_id": row["note_id"], "text": row["text"], "tokens": tokens}

    requests = synthesis_requests(reports(), spec, account)
    write_table(
        arguments.out,
        pa.Table.from_pylist(requests, schema=SCHEMA),
        account=account.close(entered, "requests: case reports"),
        tokens=sum(request["passage_tokens"] for request in requests),
        asked_with=digest(spec.prompt.identity()),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--notes", "--tokenizer", "--out", spec=SynthesisSpec)
    options.add_argument("--shard", required=True, help="such as 000-of-016")
    run(main, options)
