"""Ask an LLM a shard's requests; what its ledger already holds is not asked again."""

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pydantic import TypeAdapter

from palimpsest.completions.complete import (
    BLOCK,
    SCHEMA,
    are_scored,
    ask_missing,
    write_completions,
)
from palimpsest.completions.config import Llm
from palimpsest.completions.engines.base import start_engine
from palimpsest.completions.errors import explained, stoppable
from palimpsest.completions.ledger import Ledger, ledger_path, llm_identity
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_batches, read_manifest, table_writer
from palimpsest.study.files import read_recipe
from palimpsest.weights.identity import weights_identity


def main(arguments: argparse.Namespace) -> None:
    tuning = read_recipe(arguments.llm_file, TypeAdapter(Llm)).engine.model_dump()
    asked_with = read_manifest(arguments.requests, "asked_with")["asked_with"]
    weights = weights_identity(arguments.llm["weights"], arguments.weights_manifest)
    identity = llm_identity(arguments.llm, weights)
    source, prompt = arguments.request_set.split(".")[:2]  # further rounds share the ledger
    path = ledger_path(arguments.state, identity, asked_with, source, arguments.shard)

    def requests(columns: list[str]) -> Iterator[pa.RecordBatch]:
        if arguments.first_window:
            return islice(read_batches(arguments.requests, columns, tuning["window"]), 1)
        return read_batches(arguments.requests, columns, BLOCK)

    about = {"llm": identity, "llm_name": arguments.llm_file.stem, "asked_with": asked_with}
    about |= {"prompt_name": prompt, "source": source, "shard": arguments.shard}
    with stoppable(), explained(arguments.out), Ledger.open(path, **about) as ledger:
        asked = ask_missing(
            requests,
            ledger,
            identity,
            tuning["window"],
            lambda: start_engine(
                arguments.llm, tuning, arguments.weights, scoring=are_scored(requests)
            ),
        )
        with explained(arguments.out), table_writer(arguments.out, SCHEMA) as table:
            fields = write_completions(requests, ledger, asked, table.write)
            table.fields |= fields
            # What all rows have in common: what was asked with, and of what.
            table.fields |= {"asked_with": asked_with, "llm": identity}
            table.fields |= {"asked_of": {**arguments.llm, "weights": weights}}


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--llm-file", "--state", "--out")
    options.add_argument("--llm", type=json_argument, required=True, help="identity, as declared")
    options.add_argument("--weights", type=Path, help="prepared folder; not for a server")
    options.add_argument("--weights-manifest", type=Path, help="its manifest; not for a server")
    options.add_argument("--request-set", required=True, help="source and prompt, as `ward.plain`")
    options.add_argument("--shard", required=True)
    options.add_argument(
        "--first-window", action="store_true", help="ask no more than that: a pilot"
    )
    run(main, options)
