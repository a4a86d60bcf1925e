"""Draws of a fixed size from any number of sentences, in memory of that size."""

import heapq
from typing import Generic, TypeVar

T = TypeVar("T")


class Lowest(Generic[T]):
    """The items with the lowest keys: with keyed hashes as keys, the start of a sampling order.

    A larger size holds the same and then more. Of items with one key it holds the least, so that
    the order in which they are offered never matters.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.times: dict[int, int] = {}  # how often an item of each key that is held was offered
        self._heap: list[int] = []  # the keys negated: the highest comes first
        self._items: dict[int, T] = {}

    def offer(self, key: int, item: T) -> None:
        """Take an item, unless there are enough with lower keys. Items must be comparable."""
        if key in self._items:
            self._items[key] = min(self._items[key], item)
            self.times[key] += 1
            return
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, -key)
        elif self._heap and key < -self._heap[0]:
            highest = -heapq.heapreplace(self._heap, -key)
            del self._items[highest], self.times[highest]
        else:
            return
        self._items[key], self.times[key] = item, 1

    def drawn(self) -> list[tuple[int, T]]:
        """Keys and items, the lowest key first."""
        return sorted(self._items.items(), key=lambda pair: pair[0])
