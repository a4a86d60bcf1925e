"""Sampling orders and budgets, splits and shards: all by keyed hashes.

A record's place in an order depends on its own name and the seed alone: a larger budget takes the
same records and then more, and another record changes nobody's place.
"""

import heapq
import sys
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.identity import keyed_hash, keyed_hashes, keyed_share
from palimpsest.runtime.labels import AUDIT, SPLITS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import ALL, ExampleBudget, Splits


class Comparable(Protocol):
    """What has an order."""

    def __lt__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=Comparable)
H = TypeVar("H", bound=Hashable)


def split_of(patient_id: str, shares: Splits, seed: int) -> str:
    """The split of a patient: a keyed hash of the id, so that nobody changes sides."""
    return split_at(split_share(patient_id, seed), shares)


def split_share(patient_id: str, seed: int) -> float:
    """Where a patient stands in [0, 1), which is dealt to the splits by their shares."""
    return keyed_share(f"split-{seed}", patient_id)


def split_at(share: float, shares: Splits) -> str:
    """The split of who stands at a share."""
    edge = 0.0
    for split in ("test", "valid", AUDIT):
        edge += getattr(shares, split)
        if share < edge:
            return split
    return "train"


def sampling_key(order: str, seed: int, *names: str) -> int:
    """Where a record stands in a sampling order, the lowest first.

    order: names the order; another name is another order. names: tell the record from all others.
    """
    return keyed_hash(f"{order}-{seed}", *names)


def passage_key(seed: int, note_id: str, start: int) -> int:
    """Where a passage stands in the order in which passages are asked about, mixed and shown.

    start: its character offset in the note.
    """
    return sampling_key("passages", seed, note_id, str(start))


def passage_keys(seed: int, notes: Iterable[str], starts: Iterable[int]) -> np.ndarray:
    """`passage_key` of many passages, as 64-bit numbers."""
    return np.frombuffer(keyed_hashes(f"passages-{seed}", notes, starts), ">u8").astype(np.uint64)


def within_budget(passages: Iterable[Row], tokens: int, seed: int) -> Iterator[Row]:
    """The first passages, or rephrases of them, in sampling order whose tokens reach a budget.

    Rephrases of a further round (`round`, 0 where absent) come after all of the rounds before, so
    that a retry changes nothing whose budget was reached.
    """
    ordered = sorted(
        passages,
        key=lambda row: (row.get("round", 0), passage_key(seed, row["note_id"], row["start"])),
    )
    taken = 0
    for row in ordered:
        if taken >= tokens:
            return
        taken += row["tokens"]
        yield row


def draw_examples(
    examples: Iterable[Row], budget: ExampleBudget | None, seed: int, label: str
) -> tuple[list[Row], dict[str, int]]:
    """At most so many examples of each split, or all, in sampling order, and how many there were.

    The first n rows of a split are therefore what a budget of n draws.
    examples: with `split` and `example_id`. label: names them, for the error.
    Raises UserError when a split has none.
    """
    sizes = dict(budget) if budget else dict.fromkeys(SPLITS, sys.maxsize)
    samples = {split: Lowest[int](size) for split, size in sizes.items()}
    found = dict.fromkeys(samples, 0)
    kept: dict[int, Row] = {}
    for number, row in enumerate(examples):
        found[row["split"]] += 1
        key = sampling_key("gold", seed, row["example_id"])
        # The number stands for the row: of two with one id the first is kept.
        dropped = samples[row["split"]].offer(key, number)
        kept[number] = row
        if dropped is not None:
            del kept[dropped]
    for split, count in found.items():
        if not count:
            raise UserError(f"{label}: no example is of the split '{split}'; found: {found}")
    drawn = [kept[number] for sample in samples.values() for _, number in sample.drawn()]
    return drawn, found


def within_size(
    train: list[Row], valid: list[Row], size: str, seed: int
) -> tuple[list[Row], list[Row]]:
    """The train examples of a size, and as large a share of the valid ones: both cost labels.

    size: train examples, or `all`. seed: of the run, which draws them; a smaller size is a part of
    a larger one. At least one valid example is taken.
    Raises UserError when there are too few train examples.
    """
    if size == ALL:
        return train, valid
    if int(size) > len(train):
        raise UserError(f"{size} train examples are asked for, and there are {len(train)}")
    share = max(1, round(int(size) * len(valid) / len(train)))
    return _drawn(train, int(size), seed), _drawn(valid, share, seed)


def _drawn(rows: list[Row], size: int, seed: int) -> list[Row]:
    return sorted(rows, key=lambda row: sampling_key("size", seed, row["example_id"]))[:size]


def in_turn(ranked: dict[str, list[H]], count: int) -> Iterator[tuple[H, str]]:
    """At most so many items, each once: every name in turn gives its next item.

    Yields items with the names that gave them. A larger count gives the same and then more.
    """
    waiting = {name: iter(items) for name, items in ranked.items()}
    given: set[H] = set()
    while waiting and len(given) < count:
        for name in list(waiting):
            item = next((item for item in waiting[name] if item not in given), None)
            if item is None:
                del waiting[name]
            elif len(given) < count:
                given.add(item)
                yield item, name


class Lowest(Generic[T]):
    """The items with the lowest keys: the start of a sampling order, in memory of that size.

    A larger size holds the same and then more. Of items with one key it holds the least, so that
    the order in which they are offered never matters.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.times: dict[int, int] = {}  # how often an item of each key that is held was offered
        self._heap: list[int] = []  # the keys negated: the highest comes first
        self._items: dict[int, T] = {}

    def offer(self, key: int, item: T) -> T | None:
        """Take an item, unless there are enough with lower keys. Items must be comparable.

        Returns the item that is not held any more, or was never.
        """
        dropped: T | None = None
        if key in self._items:
            self._items[key], dropped = sorted((self._items[key], item))
            self.times[key] += 1
            return dropped
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, -key)
        elif self._heap and key < -self._heap[0]:
            highest = -heapq.heapreplace(self._heap, -key)
            dropped = self._items.pop(highest)
            del self.times[highest]
        else:
            return item
        self._items[key], self.times[key] = item, 1
        return dropped

    def drawn(self) -> list[tuple[int, T]]:
        """Keys and items, the lowest key first."""
        return sorted(self._items.items(), key=lambda pair: pair[0])
