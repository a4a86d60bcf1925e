"""Count findings by LLM, prompt, context and type over all shards of a source."""

import argparse

import pyarrow as pa

from palimpsest.fidelity.config import RatesSpec
from palimpsest.fidelity.rates import SCHEMA, Rates
from palimpsest.runtime.answers import read_rows
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_manifest, write_table
from palimpsest.runtime.request_sets import RequestSet
from palimpsest.runtime.shards import shard_tables

COLUMNS = ["note_id", "start", "end", "patient_id", "findings"]


def main(arguments: argparse.Namespace) -> None:
    counted: dict[tuple[str, str, str, str], Rates] = {}
    for first in arguments.findings:
        manifest = read_manifest(first, "wildcards")
        names = manifest["wildcards"]
        asked = RequestSet.parse(names["request_set"])
        named = (asked.name, names["llm"], asked.prompt, asked.context)
        rates = counted.setdefault(named, Rates(arguments.spec.seed))
        for table in shard_tables(first):
            for row in read_rows(table, COLUMNS):
                rates.add(row)
    rows = [
        {**dict(zip(("source", "llm", "prompt", "context"), named, strict=True)), **row}
        for named, rates in counted.items()
        for row in rates.rows()
    ]
    write_table(arguments.out, pa.Table.from_pylist(rows, schema=SCHEMA))


if __name__ == "__main__":
    run(main, parser(__doc__, "--findings+", "--out", spec=RatesSpec))
