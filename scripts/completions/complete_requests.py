"""Complete a shard's requests; an LLM is asked only for what its ledger lacks.

--weights is the manifest of the LLM's weights, which are not here where it is a server's.
"""

import argparse
from collections.abc import Iterator

import pyarrow as pa
from pydantic import TypeAdapter

from palimpsest.completions.complete import (
    BLOCK,
    SCHEMA,
    are_scored,
    complete_missing,
    write_completions,
)
from palimpsest.completions.config import CompletionsSpec, Llm
from palimpsest.completions.engines import start_engine
from palimpsest.completions.ledger import Ledger, given_weights, ledger_path, llm_identity
from palimpsest.runtime.checkpoints import verified
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_batches, read_manifest, table_writer
from palimpsest.study.files import read_recipe


def main(arguments: argparse.Namespace) -> None:
    spec, requests_table = arguments.spec, arguments.requests
    tuning = read_recipe(arguments.llm, TypeAdapter(Llm)).engine
    asked_with = read_manifest(requests_table, "asked_with")["asked_with"]
    weights, folder = given_weights(spec, arguments.weights)
    identity = llm_identity(spec.llm, weights)
    path = ledger_path(arguments.state, identity, asked_with, spec.source, spec.shard)

    def requests(columns: list[str]) -> Iterator[pa.RecordBatch]:
        return read_batches(requests_table, columns, BLOCK)

    metadata = {"llm": identity, "llm_name": spec.llm_name, "asked_with": asked_with}
    metadata |= {"prompt_name": spec.prompt_name, "source": spec.source, "shard": spec.shard}
    with Ledger.open(path, **metadata) as ledger:
        results = complete_missing(
            requests,
            ledger,
            identity,
            tuning.window,
            lambda: start_engine(
                spec.llm, tuning, folder and verified(folder), scoring=are_scored(requests)
            ),
        )
        with table_writer(arguments.out, SCHEMA) as table:
            table.fields |= write_completions(requests, ledger, results, table.write)
            # What all rows have in common: what was asked with, and of what.
            table.fields |= {"asked_with": asked_with, "llm": identity}
            table.fields |= {"asked_of": {**spec.llm.identity(), "weights": weights}}


if __name__ == "__main__":
    files = ("--requests", "--llm", "--weights*", "--state", "--out")
    run(main, parser(__doc__, *files, spec=CompletionsSpec))
