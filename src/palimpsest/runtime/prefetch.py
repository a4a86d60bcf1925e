"""Work that is done before its turn, in a second thread."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def prefetch(items: Iterator[T], limit: int = 2) -> Iterator[T]:
    """The items of an iterator; while one is worked on, the next are made in another thread.

    limit: how many may wait; memory holds them. Several even out items that take unequally long.
    What making one raises, is raised in its place. Worth it where both sides spend their time
    outside Python: in numpy, in Arrow, on the disk.
    """
    end: Any = object()
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = deque(thread.submit(next, items, end) for _ in range(limit))
        while (item := coming.popleft().result()) is not end:
            coming.append(thread.submit(next, items, end))
            yield item
