"""Mix a corpus from its parts, each up to its token budget."""

import argparse
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
from tokenizers import Tokenizer

from palimpsest.corpora.mix import SCHEMA, add_accounts, describe, take
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import read_manifest, read_table, write_table
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

DOCUMENT = ["note_id", "start", "end", "text"]


def tables_of(part: dict[str, Any]) -> list[list[Path]]:
    """The tables of a part by round; original notes have one round."""
    return [
        [Path(folder) / f"{shard}.parquet" for shard in part["shards"]]
        for folder in part["folders"]
    ]


def read_part(part: dict[str, Any], counter: Tokenizer) -> list[dict[str, Any]]:
    """The documents of a part, with their rounds and tokens."""
    columns = DOCUMENT + ["tokens"] * (part["kind"] == "notes")
    rows = [
        {**row, "round": number}
        for number, tables in enumerate(tables_of(part))
        for table in tables
        for row in read_table(table, columns).to_pylist()
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
        what = f"corpus '{corpus['name']}', part {at} ({part['folders'][0]})"
        rows = read_part(part, counter)
        chosen = take(rows, part["tokens"], arguments.seed, what)
        documents += [{**row, "part": at} for row in chosen]
        declared = {key: part.get(key) for key in ("kind", "source", "llm", "prompt")}
        entry = {**declared, "budget": part["tokens"], **describe(chosen)}
        if part["kind"] == "rephrases":
            rounds = tables_of(part)
            entry["account"] = add_accounts(
                [read_manifest(table, "account")["account"] for table in chain(*rounds)],
                what,
                [
                    read_manifest(table, "asked_again")["asked_again"]
                    for table in chain(*rounds[1:])
                ],
            )
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
