"""An item is made while the one before it is worked on, and nothing else changes."""

import threading
from collections.abc import Iterator

import pytest

from palimpsest.runtime.prefetch import prefetch


def test_the_items_come_in_order() -> None:
    assert list(prefetch(iter(range(100)))) == list(range(100))
    assert list(prefetch(iter(()))) == []


def test_the_next_item_is_made_while_one_is_worked_on() -> None:
    made = [threading.Event() for _ in range(3)]

    def items() -> Iterator[int]:
        for at, event in enumerate(made):
            event.set()
            yield at

    given = prefetch(items(), limit=1)
    assert next(given) == 0
    assert made[1].wait(10), "the second item was not made before it was asked for"
    assert not made[2].is_set(), "more than one item was made ahead"
    assert list(given) == [1, 2]


def test_what_making_an_item_raises_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    given = prefetch(items())
    assert next(given) == 1
    with pytest.raises(ValueError, match="the second"):
        next(given)


def test_it_can_be_left_early() -> None:
    ended = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(10)
        finally:
            ended.set()

    given = prefetch(items())
    assert next(given) == 0
    given.close()
    del given
    assert ended.wait(10)
