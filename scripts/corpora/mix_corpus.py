"""Mix a corpus from its parts, each up to its token budget.

--parts are the manifests of the first shard of each set of passages or rephrases.
"""

import argparse
from collections import Counter
from itertools import chain
from pathlib import Path

import pyarrow as pa
from tokenizers import Tokenizer

from palimpsest.corpora.config import CorpusSpec
from palimpsest.corpora.mix import SCHEMA, add_accounts, describe, take
from palimpsest.corpora.parts import Part
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, read_manifest, read_table, write_table
from palimpsest.runtime.rows import Row
from palimpsest.runtime.shards import shard_tables
from palimpsest.text.tokenizers import count_tokens, load_tokenizer

DOCUMENT = ["note_id", "start", "end", "text"]
Rounds = list[list[Path]]  # the tables of a part by round; original notes have one round


def tables_of(part: Part, given: list[Path]) -> Rounds:
    """The tables of a part among those given, by what their manifests say they are."""
    return [
        shard_tables(first)
        for first in given
        if part.is_of(read_fields(first, "wildcards")["wildcards"])
    ]


def read_part(part: Part, rounds: Rounds, counter: Tokenizer) -> list[Row]:
    """The documents of a part, with their rounds and tokens."""
    columns = [*DOCUMENT, "tokens"] if part.original else DOCUMENT
    rows = [
        {**row, "round": number}
        for number, tables in enumerate(rounds)
        for table in tables
        for row in read_table(table, columns).to_pylist()
    ]
    stands = Counter((row["note_id"], row["start"], row["end"]) for row in rows)
    if twice := [place for place, times in stands.items() if times > 1]:
        raise UserError(
            f"{rounds[0][0].parent}: {len(twice)} passages stand twice in these tables, such as "
            f"that of note {twice[0][0]!r} from {twice[0][1]}; delete them to rebuild them"
        )
    if not part.original:
        counts = count_tokens(counter, [row["text"] for row in rows])
        for row, tokens in zip(rows, counts, strict=True):
            row["tokens"] = tokens
    return rows


def account_of(rounds: Rounds, label: str) -> Row:
    """What became of everything that was asked for a part."""
    accounts = [read_manifest(table, "account")["account"] for table in chain(*rounds)]
    retried = [read_manifest(table, "retried")["retried"] for table in chain(*rounds[1:])]
    return add_accounts(accounts, label, retried)


def main(arguments: argparse.Namespace) -> None:
    spec: CorpusSpec = arguments.spec
    counter = load_tokenizer(arguments.tokenizer)
    documents, entries = [], []
    for number, part in enumerate(spec.corpus.parts):
        label = f"corpus '{spec.corpus.name}', part {number} ({'.'.join(part.named())})"
        rounds = tables_of(part, arguments.parts)
        if not rounds:
            raise UserError(f"{label}: none of the given tables is of it")
        chosen = take(read_part(part, rounds, counter), part.tokens, spec.seed, label)
        documents += [{**row, "part": number} for row in chosen]
        named = dict.fromkeys(("kind", "source", "llm", "prompt")) | part.identity()
        entry = {**named, "budget": named.pop("tokens"), **describe(chosen)}
        if not part.original:
            entry["account"] = account_of(rounds, label)
        entries.append(entry)
    table, whole = pa.Table.from_pylist(documents, schema=SCHEMA), describe(documents)
    write_table(arguments.out, table, corpus=spec.corpus.name, parts=entries, all=whole)


if __name__ == "__main__":
    run(main, parser(__doc__, "--parts+", "--tokenizer", "--out", spec=CorpusSpec))
