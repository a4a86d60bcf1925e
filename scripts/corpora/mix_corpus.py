"""Mix a corpus from its parts, each up to its token budget."""

import argparse
from pathlib import Path
from typing import Any

import pyarrow as pa
from tokenizers import Tokenizer

from palimpsest.core.files import read_manifest, read_table, write_table
from palimpsest.core.program import json_argument, parser, run
from palimpsest.core.tokenizers import count_tokens, load_tokenizer
from palimpsest.corpora.mix import SCHEMA, add_accounts, describe, take

DOCUMENT = ["note_id", "start", "end", "text"]


def read_part(part: dict[str, Any], tables: list[Path], counter: Tokenizer) -> list[dict]:
    """The documents of a part, with their tokens."""
    rows = [
        row
        for table in tables
        for row in read_table(table, DOCUMENT + ["tokens"] * (part["kind"] == "notes")).to_pylist()
    ]
    if part["kind"] == "rephrases":
        for row, tokens in zip(
            rows, count_tokens(counter, [row["text"] for row in rows]), strict=True
        ):
            row["tokens"] = tokens
    return rows


def main(arguments: argparse.Namespace) -> None:
    corpus = arguments.corpus
    counter = load_tokenizer(arguments.tokenizer)
    documents, parts = [], []
    for at, part in enumerate(corpus["parts"]):
        tables = [Path(part["folder"]) / f"{shard}.parquet" for shard in part["shards"]]
        what = f"corpus '{corpus['name']}', part {at} ({part['folder']})"
        rows = read_part(part, tables, counter)
        chosen = take(rows, part["tokens"], arguments.seed, what)
        documents += [{**row, "part": at} for row in chosen]
        declared = {key: part.get(key) for key in ("kind", "source", "llm", "prompt")}
        entry = {**declared, "budget": part["tokens"], **describe(chosen)}
        if part["kind"] == "rephrases":
            accounts = [read_manifest(table, "account")["account"] for table in tables]
            entry["account"] = add_accounts(accounts, what)
        parts.append(entry)
    write_table(
        arguments.out,
        pa.Table.from_pylist(documents, schema=SCHEMA),
        corpus=corpus["name"],
        parts=parts,
        all=describe(documents),
    )


if __name__ == "__main__":
    options = parser(__doc__, "--tokenizer", "--out")
    options.add_argument(
        "--corpus", type=json_argument, required=True, help="as declared, with folders and shards"
    )
    options.add_argument("--seed", type=int, required=True, help="of the sampling order")
    run(main, options)
