"""Take the first requests of a shard, in their sampling order, as a pilot's."""

import argparse

from palimpsest.completions.config import PilotSampleSpec
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_batches, read_manifest, read_schema, table_writer

COPIED = ("asked_with", "told")  # of what all requests of a shard have in common


def main(arguments: argparse.Namespace) -> None:
    asked = read_manifest(arguments.requests, "asked_with")
    schema = read_schema(arguments.requests)
    taken = min(arguments.spec.requests, asked["rows"])
    tokens = 0
    with table_writer(arguments.out, schema) as table:
        for batch in read_batches(arguments.requests, schema.names, arguments.spec.requests):
            rows = batch.slice(0, taken - table.rows).to_pylist()
            tokens += sum(row["passage_tokens"] for row in rows)
            table.write_rows(rows)
            if table.rows == taken:
                break
        account = Account(kept=table.rows)
        account.reject("beyond_sample", asked["rows"] - table.rows)
        table.fields |= {name: asked[name] for name in COPIED if name in asked}
        table.fields |= {"tokens": tokens, "account": account.close(asked["rows"], "pilot")}


if __name__ == "__main__":
    run(main, parser(__doc__, "--requests", "--out", spec=PilotSampleSpec))
