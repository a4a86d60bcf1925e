"""Which documents of a part's tables enter a corpus: by their sampling order and a token budget.

Memory holds 21 bytes a document: its place in the order, its tokens and its round. Texts are read
later, in another pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from palimpsest.corpora.parts import Part
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_batches
from palimpsest.runtime.sampling import passage_keys

ROWS = 4_096  # of a batch
NOWHERE = np.int64(1 << 62)
Rounds = list[list[Path]]  # the tables of a part by round; original notes have one round


@dataclass
class Pool:
    """The documents that a part may take, in the order of their tables.

    keys: uint64, of each passage in the sampling order. tokens: int32. rounds: int8; a document of
    a further round comes after all of the rounds before, so that a retry changes nothing whose
    budget was reached.
    """

    tables: list[Path]
    keys: np.ndarray
    tokens: np.ndarray
    rounds: np.ndarray
    firsts: list[int]  # the first document of each table, and the end

    @classmethod
    def read(cls, rounds: Rounds, seed: int) -> "Pool":
        """Raises UserError when a passage stands twice."""
        keys, tokens, of_round, firsts = [], [], [], [0]
        tables = [table for listed in rounds for table in listed]
        numbers = [number for number, listed in enumerate(rounds) for _ in listed]
        for number, table in zip(numbers, tables, strict=True):
            firsts.append(firsts[-1])
            for batch in read_batches(table, ["note_id", "start", "tokens"], ROWS):
                keys.append(keys_of(batch, seed))
                tokens.append(batch["tokens"].to_numpy().astype(np.int32))
                of_round.append(np.full(batch.num_rows, number, np.int8))
                firsts[-1] += batch.num_rows
        pool = cls(
            tables, _joined(keys, np.uint64), _joined(tokens, np.int32), _joined(of_round, np.int8),
            firsts,
        )  # fmt: skip
        pool.check_once()
        return pool

    def order(self) -> np.ndarray:
        """The rows in sampling order, those of the first round first."""
        return np.lexsort((self.keys, self.rounds))

    def check_once(self) -> None:
        """Raise UserError when two documents are of one passage: one of the tables is a copy."""
        ordered = np.sort(self.keys)
        if len(twice := ordered[1:][ordered[1:] == ordered[:-1]]):
            note, start, _ = self.document(int(np.flatnonzero(self.keys == twice[0])[0]))
            raise UserError(
                f"{self.tables[0].parent}: {len(twice)} passages stand twice in these tables, such "
                f"as that of note {note!r} from {start}; delete them to rebuild them"
            )

    def document(self, row: int, column: str = "start") -> tuple[str, int, Any]:
        """The note, start and another column of one document."""
        number = int(np.searchsorted(self.firsts, row, side="right")) - 1
        row -= self.firsts[number]
        batches = read_batches(self.tables[number], ["note_id", "start", column], ROWS)
        batch = next(islice(batches, row // ROWS, None))
        note, start, value = (batch[name][row % ROWS] for name in ("note_id", "start", column))
        return note.as_py(), start.as_py(), value.as_py()

    def batches(self, columns: list[str]) -> Iterator[tuple[np.ndarray, pa.RecordBatch]]:
        """The rows of the pool with some columns of them, in batches."""
        for first, table in zip(self.firsts, self.tables, strict=False):
            row = first
            for batch in read_batches(table, columns, ROWS):
                yield np.arange(row, row + batch.num_rows), batch
                row += batch.num_rows


def keys_of(batch: pa.RecordBatch, seed: int) -> np.ndarray:
    """Where the passages of some rows stand in the sampling order."""
    return passage_keys(seed, batch["note_id"].to_pylist(), batch["start"].to_pylist())


def _joined(arrays: list[np.ndarray], kind: Any) -> np.ndarray:
    made = np.concatenate([np.zeros(0, kind), *arrays])
    arrays.clear()
    return made


@dataclass
class Selection:
    """The documents that a budget takes.

    places: of each document of the pool in the order, the first at 0; `NOWHERE` for one that is
    refused. size: of documents that have a place. count: of documents taken, repeats included: one
    that is taken again has its place plus the size. last: the row of the document that reaches the
    budget. before: tokens of those that precede it.
    """

    places: np.ndarray
    size: int
    count: int
    last: int
    before: int

    def taken(self, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Of some rows of the pool, for each time that any is taken: which, and their ranks."""
        copy = 0
        while copy * self.size < self.count:
            ranks = self.places[rows] + copy * self.size
            chosen = np.flatnonzero(ranks < self.count)
            yield copy, chosen, ranks[chosen]
            copy += 1


def select(
    pool: Pool, budget: int, part: Part, label: str, refused: np.ndarray | None = None
) -> Selection:
    """The first documents in sampling order whose tokens reach a budget.

    It is the order in which passages are asked about, so that equal budgets of notes and of
    rephrases come from the same passages. part: says how often a document may be taken; all are
    taken once before any is taken again. refused: whether each document is not to be taken.
    label: names the part, for the error.
    Raises UserError when there are too few: corpora of unequal size would be compared as equal.
    """
    order = pool.order()
    if refused is not None:
        order = order[~refused[order]]
    total = int(pool.tokens[order].sum(dtype=np.int64))
    if total * part.repeat < budget:
        times = f", {part.repeat} times" if part.repeat > 1 else ""
        if refused is not None:
            times += f", without {np.count_nonzero(refused):,} documents that are not taken"
        needed = f"allow `repeat: {-(-budget // total)}`, " if total else ""
        raise UserError(
            f"{label}: {total:,} tokens are there{times}, the budget is {budget:,}. {part.more}, "
            f"{needed}or lower the budget of every corpus that is compared with it"
        )
    sums = np.cumsum(pool.tokens[order], dtype=np.int64)
    whole = (budget - 1) // total  # times that all are taken
    lacking = budget - whole * total
    at = int(np.searchsorted(sums, lacking))
    places = np.full(len(pool.tokens), NOWHERE)
    places[order] = np.arange(len(order))
    before = whole * total + int(sums[at] - pool.tokens[order[at]])
    return Selection(places, len(order), whole * len(order) + at + 1, int(order[at]), before)
