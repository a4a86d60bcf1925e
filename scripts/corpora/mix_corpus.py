"""Mix a corpus from its parts, each up to its token budget.

--parts are the manifests of the first shard of each set of passages, rephrases or requests.
--judged are the notes of evaluations and the datasets of which the corpus is to have nothing.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.corpora.config import CorpusSpec
from palimpsest.corpora.description import Description
from palimpsest.corpora.mix import SCHEMA, Mixer, Source, add_accounts
from palimpsest.corpora.order import ROWS, Rounds
from palimpsest.corpora.parts import Part
from palimpsest.corpora.refusals import Judged, Refusals, Texts
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.dataset_tables import EXAMPLES, dataset_manifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import read_batches, read_fields, read_manifest, table_writer
from palimpsest.runtime.origins import Names
from palimpsest.runtime.request_sets import NO_CONTEXT
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
    for number, part in enumerate(spec.corpus.parts, start=1):
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


def judged_texts(paths: list[Path], spec: CorpusSpec) -> Iterator[pa.Array]:
    """What evaluations score, and valid and test examples."""
    for path in paths:
        names = read_manifest(path, "wildcards")["wildcards"]
        for evaluation in spec.evaluations if "dataset" not in names else []:
            if evaluation.source == names["source"]:
                notes, _ = evaluation_notes(path, evaluation, spec.seed)
                yield pa.array([note["text"] for note in notes], pa.string())
        if "dataset" in names:
            texts = ["text", "second"] if "second" in columns_of(path) else ["text"]
            for batch in read_batches(path, ["split", *texts], ROWS):
                held = batch.filter(pc.not_equal(batch["split"], "train"))
                yield from (held[name].drop_null() for name in texts)


def in_context(part: Part) -> bool:
    """Whether an LLM was told more than the passages; parts where it was not are as ever."""
    return getattr(part, "context", NO_CONTEXT) != NO_CONTEXT


def columns_of(path: Path) -> list[str]:
    return EXAMPLES[dataset_manifest(path).kind].names


def refusals_of(spec: CorpusSpec, sources: list[Source], judged: Judged | None) -> Refusals | None:
    """What the corpus does not take, where it declares anything."""
    if not spec.corpus.deduplicate and judged is None:
        return None

    tables = [list(chain(*source.rounds)) for source in sources]

    def texts_of(tables: list[Path]) -> Texts:
        return lambda: (
            batch["text"] for table in tables for batch in read_batches(table, ["text"], ROWS)
        )

    counts = [sum(read_manifest(table)["rows"] for table in listed) for listed in tables]
    return Refusals(list(map(texts_of, tables)), counts, spec.corpus.deduplicate, judged)


def main(arguments: argparse.Namespace) -> None:
    spec: CorpusSpec = arguments.spec
    whole, entries = Description(), []
    sources = sources_of(spec, arguments.parts)
    judged = None
    if spec.corpus.decontaminate:
        judged = Judged(judged_texts(arguments.judged, spec))
    refusals = refusals_of(spec, sources, judged)
    tokenizer = load_tokenizer(arguments.tokenizer)
    mixer = Mixer(spec.seed, tokenizer, arguments.out.parent, refusals)
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
            told = {"context": source.part.context} if in_context(source.part) else {}
            entries.append({**named, **told, "budget": budget, **described.fields()})
            if refusals:
                entries[-1]["removed"] = refusals.removed[source.number]
            if not source.part.original:
                entries[-1] |= account_of(source.rounds, source.label)
        table.fields |= {"corpus": spec.corpus.name, "parts": entries, "all": whole.fields()}
        if judged:
            counted = {"texts": judged.texts, "too_short": judged.too_short}
            table.fields["judged"] = counted


if __name__ == "__main__":
    run(main, parser(__doc__, "--parts+", "--tokenizer", "--judged*", "--out", spec=CorpusSpec))
