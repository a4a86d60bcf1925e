"""Mix a corpus: its documents part by part, each in sampling order, and its accounts.

Two passes over the tables of a part: the first reads keys and tokens and says which documents are
taken, the second reads these and puts them in order. Memory holds a few bytes for each document
and the texts of some thousands, however large the tables are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from tokenizers import Tokenizer

from palimpsest.corpora.cut import Kept, cut_at_sentence
from palimpsest.corpora.description import NGRAMS
from palimpsest.corpora.order import ROWS, Pool, Rounds, Selection, keys_of, select
from palimpsest.corpora.parts import Part
from palimpsest.corpora.refusals import Refusals
from palimpsest.corpora.scatter import RANK, Scattered
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.errors import AccountingError, UserError
from palimpsest.runtime.files import read_batches
from palimpsest.runtime.rows import Row

SCHEMA = pa.schema(
    [
        ("part", pa.int32()),  # its number among the corpus's, from 1
        ("repeat", pa.int32()),  # 0 where the document stands in the part for the first time
        ("note_id", pa.string()),
        ("start", pa.int64()),  # the passage's character offsets in its note
        ("end", pa.int64()),
        ("request_key", pa.string()),  # of a rephrase; null for what the note says itself
        ("text", pa.string()),
        ("tokens", pa.int32()),  # by the study's tokenizer
        ("cut", pa.bool_()),  # whether only its first sentences are here, for the budget's sake
    ]
)
COUNTED = [(name, pa.int32()) for name in NGRAMS]  # for `Description`
_MIXED = pa.schema([*SCHEMA, *COUNTED, (RANK, pa.int64())])
_NOTES = ["note_id", "start", "end", "text", "tokens"]
_REPHRASES = [*_NOTES, "request_key", *NGRAMS]
_REQUESTS = {"passage": "text", "passage_tokens": "tokens"}
_PASSAGES = ["note_id", "start", "end", *_REQUESTS]
BUCKET = 1 << 22  # tokens that are brought into order at once
FILES = 256  # open at most; a part of more than 2**30 tokens has larger buckets

Batches = Iterator[tuple[np.ndarray, pa.RecordBatch]]  # rows of a pool, and what they hold


@dataclass(frozen=True)
class Source:
    """What a part is mixed from.

    number: the part's in the corpus, from 1. rounds: its tables. passages: those of the requests,
    for a part that takes the passages of what is in `rounds`. label: for messages.
    """

    part: Part
    number: int
    rounds: Rounds
    passages: Rounds
    label: str


@dataclass(frozen=True)
class Mixer:
    """Takes documents up to token budgets.

    seed: of the sampling order. folder: room for what does not fit into memory. refusals: says
    which documents are not taken, where the corpus declares any; then parts are mixed in turn.
    """

    seed: int
    tokenizer: Tokenizer
    folder: Path
    refusals: Refusals | None = None

    def mix(self, source: Source, budget: int) -> Iterator[pa.Table]:
        """The documents of a part in sampling order: SCHEMA and COUNTED, a bucket at a time.

        Raises UserError when there are too few, or a table is damaged.
        """
        pool = Pool.read(source.rounds, self.seed)
        chosen = self._select(pool, source, budget)
        kept = self._cut_last(pool, chosen, budget)
        columns = _NOTES if source.part.original else _REPHRASES
        if source.passages:
            found = passages_of(pool, source.passages, self.seed)
        else:
            found = pool.batches(columns)
        size = max(1, BUCKET * chosen.count // budget, -(-chosen.count // FILES))
        scattered = Scattered(self.folder, _MIXED, chosen.count, size)
        for rows, batch in found:
            for repeat, places, ranks in chosen.taken(rows):
                given = {"part": source.number, "repeat": repeat, "cut": False}
                scattered.add(_mixed(batch.take(pa.array(places)), ranks, given))
        count = 0
        for table in scattered.buckets():
            count += table.num_rows
            table = table.drop_columns(RANK)
            if count == chosen.count:
                last = table.slice(table.num_rows - 1).to_pylist()[0]
                if source.passages:
                    kept = self._cut_like(kept, int(pool.tokens[chosen.last]), last)
                table = _with_last(table, last, kept, source.part.original)
            yield table
        if count != chosen.count:
            raise UserError(
                f"{source.passages[0][0].parent}: {chosen.count - count} passages of kept "
                "rephrases are not in its tables; delete them to rebuild them"
            )

    def _select(self, pool: Pool, source: Source, budget: int) -> Selection:
        """The documents that the part takes, of those that are not refused."""
        if self.refusals is None:
            return select(pool, budget, source.part, source.label)
        order = pool.order()
        refused = self.refusals.refused(source.number, order)
        chosen = select(pool, budget, source.part, source.label, refused >= 0)
        end = len(order)
        if chosen.count <= chosen.size:  # the budget is reached before all were looked at
            end = int(np.flatnonzero(order == chosen.last)[0]) + 1
        taken = np.flatnonzero(chosen.places < chosen.count)
        self.refusals.take(source.number, taken, order[:end], pool.tokens)
        return chosen

    def _cut_last(self, pool: Pool, chosen: Selection, budget: int) -> Kept:
        """What the part keeps of the document that reaches the budget."""
        text, tokens = pool.document(chosen.last, "text")[2], int(pool.tokens[chosen.last])
        room, alone = budget - chosen.before, chosen.count == 1
        return cut_at_sentence(text, tokens, room, self.tokenizer, may_be_left_out=not alone)

    def _cut_like(self, kept: Kept, tokens: int, passage: Row) -> Kept:
        """What is kept of a passage: as large a share as of its rephrase, which had some tokens."""
        if kept.whole or not kept.characters:
            return kept
        room = passage["tokens"] * kept.tokens / tokens
        return cut_at_sentence(passage["text"], passage["tokens"], room, self.tokenizer, False)


def passages_of(pool: Pool, requests: Rounds, seed: int) -> Batches:
    """The passages of the rephrases of a pool: what was asked in the round in which they came."""
    order = np.argsort(pool.keys)
    ordered = pool.keys[order]
    names = [_REQUESTS.get(name, name) for name in _PASSAGES]
    for number, tables in enumerate(requests if len(ordered) else []):
        for table in tables:
            for batch in read_batches(table, _PASSAGES, ROWS):
                keys = keys_of(batch, seed)
                near = order[np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)]
                asked = np.flatnonzero((pool.keys[near] == keys) & (pool.rounds[near] == number))
                yield near[asked], batch.take(pa.array(asked)).rename_columns(names)


def _mixed(batch: pa.RecordBatch, ranks: np.ndarray, given: Row) -> pa.RecordBatch:
    """Rows of a pool as _MIXED; what they do not have is null."""
    columns: dict[str, Any] = {name: batch[name] for name in batch.schema.names}
    columns[RANK] = pa.array(ranks)
    for name, value in given.items():
        columns[name] = pa.repeat(pa.scalar(value), batch.num_rows)
    made = [
        columns[field.name].cast(field.type)
        if field.name in columns
        else pa.nulls(batch.num_rows, field.type)
        for field in _MIXED
    ]
    return pa.RecordBatch.from_arrays(made, schema=_MIXED)


def _with_last(table: pa.Table, last: Row, kept: Kept, original: bool) -> pa.Table:
    """Documents, of the last of which some is kept."""
    if kept.whole:
        return table
    others = table.slice(0, table.num_rows - 1)
    if not kept.characters:
        return others
    last |= {"text": last["text"][: kept.characters], "tokens": kept.tokens, "cut": True}
    last |= dict.fromkeys(NGRAMS)
    if original:
        last["end"] = last["start"] + kept.characters
    return pa.concat_tables([others, pa.Table.from_pylist([last], schema=table.schema)])


def add_accounts(accounts: Iterable[Row], label: str, retried: Iterable[Row] = ()) -> Row:
    """The sum of the accounts of a part's shards and rounds.

    retried: for each shard of a further round, the requests of the round before that it stands
    for (`rejected` and `failed` by reason). They are not counted as rejected: how they ended is
    in the later account. A passage that was cut into smaller ones counts as these.
    Raises AccountingError when an account does not balance, or when more was asked again than was
    rejected.
    """
    total, entered = Account(), 0
    for account in accounts:
        total.add(account)
        entered += account["in"]
        total.close(entered, label)  # each must balance
    again = list(retried)
    for outcome, counts in (("rejected", total.rejected), ("failed", total.failed)):
        for replaced in again:
            entered -= sum(replaced[outcome].values())
            counts.subtract(replaced[outcome])
        for reason, count in list(counts.items()):
            if count < 0:
                raise AccountingError(
                    f"{label}: {-count} more requests were asked again than {outcome} as '{reason}'"
                )
            if not count:
                del counts[reason]
    return total.close(entered, label)
