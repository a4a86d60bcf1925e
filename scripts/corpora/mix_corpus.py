"""Mix a corpus from its parts, each up to its token budget.

--parts are the manifests of the first shard of each set of passages, rephrases or requests.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path

from palimpsest.corpora.config import CorpusSpec
from palimpsest.corpora.description import Description
from palimpsest.corpora.mix import SCHEMA, Mixer, Source, add_accounts
from palimpsest.corpora.order import Rounds
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, read_manifest, table_writer
from palimpsest.runtime.origins import Names
from palimpsest.runtime.rows import Row
from palimpsest.runtime.shards import shard_tables
from palimpsest.text.tokenizers import load_tokenizer

SPENT = ("tokens", "tokens_in", "tokens_out")


def tables_of(wanted: Callable[[Names], bool], given: list[Path]) -> Rounds:
    """The tables among those given that are wanted, by what their manifests say they are."""
    return [
        shard_tables(first)
        for first in given
        if wanted(read_fields(first, "wildcards")["wildcards"])
    ]


def sources_of(spec: CorpusSpec, given: list[Path]) -> list[Source]:
    """What each part is mixed from."""
    sources = []
    for number, part in enumerate(spec.corpus.parts):
        label = f"corpus '{spec.corpus.name}', part {number} ({'.'.join(part.named())})"
        rounds = tables_of(part.is_of, given)
        if not rounds:
            raise UserError(f"{label}: none of the given tables is of it")
        passages = tables_of(part.holds_passages, given)
        sources.append(Source(part, number, rounds, passages, label))
    return sources


def account_of(rounds: Rounds, label: str) -> Row:
    """What became of everything that was asked for a part, and the tokens that it took."""
    manifests = [read_manifest(table, "account", *SPENT) for table in chain(*rounds)]
    retried = [read_manifest(table, "retried")["retried"] for table in chain(*rounds[1:])]
    spent: Counter[str] = Counter()
    for manifest in manifests:
        spent.update({name: manifest[name] for name in SPENT})
    account = add_accounts([manifest["account"] for manifest in manifests], label, retried)
    return {"account": account, "spent": {name: spent[name] for name in SPENT}}


def main(arguments: argparse.Namespace) -> None:
    spec: CorpusSpec = arguments.spec
    mixer = Mixer(spec.seed, load_tokenizer(arguments.tokenizer), arguments.out.parent)
    whole, entries = Description(), []
    sources = sources_of(spec, arguments.parts)
    with table_writer(arguments.out, SCHEMA) as table:
        for source, budget in zip(sources, spec.corpus.budgets(), strict=True):
            described = Description()
            for documents in mixer.mix(source, budget):
                described.add(documents)
                table.write(documents.select(SCHEMA.names))
            whole.include(described)
            named = {
                name: getattr(source.part, name, None)
                for name in ("kind", "source", "llm", "prompt")
            }
            entries.append({**named, "budget": budget, **described.fields()})
            if not source.part.original:
                entries[-1] |= account_of(source.rounds, source.label)
        table.fields |= {"corpus": spec.corpus.name, "parts": entries, "all": whole.fields()}


if __name__ == "__main__":
    run(main, parser(__doc__, "--parts+", "--tokenizer", "--out", spec=CorpusSpec))
