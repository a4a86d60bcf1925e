"""Ask an LLM a shard's requests; what its ledger already holds is not asked again."""

import argparse
from pathlib import Path

import pyarrow as pa
from pydantic import TypeAdapter

from palimpsest.completions.complete import SCHEMA, complete
from palimpsest.completions.engines.base import start_engine
from palimpsest.completions.ledger import Ledger, ledger_path, llm_identity
from palimpsest.core.files import read_fields, read_manifest, read_table, write_table
from palimpsest.core.identity import digest
from palimpsest.core.program import json_argument, parser, run
from palimpsest.study.files import read_recipe
from palimpsest.study.llm import Llm
from palimpsest.weights.identity import declared_identity


def weights_identity(arguments: argparse.Namespace) -> str:
    """From the prepared weights; a server's are what the LLM file declares them to be."""
    if arguments.weights_manifest:
        return read_fields(arguments.weights_manifest, "identity")["identity"]
    return declared_identity(arguments.llm["weights"]) or digest(arguments.llm["weights"])


def main(arguments: argparse.Namespace) -> None:
    tuning = read_recipe(arguments.llm_file, TypeAdapter(Llm)).engine.model_dump()
    requests = read_table(arguments.requests, ["request_key", "system", "user", "max_tokens"])
    manifest = read_manifest(arguments.requests, "asked_with")
    identity = llm_identity(arguments.llm, weights_identity(arguments))
    path = ledger_path(
        arguments.state, identity, manifest["asked_with"], arguments.source, arguments.shard
    )
    with Ledger.open(path) as ledger:
        rows, account = complete(
            requests.to_pylist(),
            ledger,
            identity,
            tuning["window"],
            lambda: start_engine(arguments.llm, tuning, arguments.weights),
        )
    write_table(
        arguments.out, pa.Table.from_pylist(rows, schema=SCHEMA), account=account, llm=identity
    )


if __name__ == "__main__":
    options = parser(__doc__, "--requests", "--llm-file", "--state", "--out")
    options.add_argument("--llm", type=json_argument, required=True, help="identity, as declared")
    options.add_argument("--weights", type=Path, help="prepared folder; not for a server")
    options.add_argument("--weights-manifest", type=Path, help="its manifest; not for a server")
    options.add_argument("--source", required=True)
    options.add_argument("--shard", required=True)
    run(main, options)
