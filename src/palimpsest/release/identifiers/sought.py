"""Where the values of a roster stand in released texts, and where values do that nobody has.

The latter are put together from parts of different patients: a given name with another's surname,
an area code with another's number. Where the texts know nothing of the patients they are as likely
to stand there as the true ones, and there are many more of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.release.check import Documents
from palimpsest.release.identifiers import variants
from palimpsest.text.finding import (
    Finder,
    Sequences,
    distinct,
    joined,
    sequences,
    without,
    word_hashes,
    words_of,
)

RECOMBINED = 400_000  # values that nobody has, of each kind
WRITTEN: dict[str, Callable[[tuple[str, ...]], list[str]]] = {
    "name": lambda parts: variants.full_names(list(parts)),
    "initials": lambda parts: variants.initials(list(parts)),
    "name part": lambda parts: [" ".join(variants.plain_words(parts[0]))],
    "id": lambda parts: variants.numbers(parts[0]),
    "phone": lambda parts: variants.phones(parts[0]),
    "address": lambda parts: variants.streets(parts[0]),
    "place": lambda parts: [" ".join(variants.plain_words(parts[0])[:12])],
    "age": lambda parts: variants.ages(int(parts[0])),
}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2040, 12, 31)
PIECE = 20_000  # values that are hashed at once: the ways to write all take gigabytes
Values = list[tuple[str, ...]]
Made = tuple[np.ndarray, np.ndarray]  # hashes, and how many words each has
WINDOW = 1000  # days around a day, which are as likely as it where nothing is known of it


@cache
def _day_variants() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hash, number of words and day's number of all ways to write each day."""
    days = [FIRST_DAY + timedelta(at) for at in range((LAST_DAY - FIRST_DAY).days + 1)]
    written = [variants.dates(day) for day in days]
    hashes, counts = sequences([text for texts in written for text in texts])
    return hashes, counts, np.repeat(np.arange(len(days)), [len(texts) for texts in written])


@dataclass
class Hits:
    """Where values stand. documents, values: of each place, each pair once."""

    documents: np.ndarray
    values: np.ndarray


@cache
def _all_days() -> Sequences:
    """All days, however they are written; the owners are their numbers."""
    return Sequences(*_day_variants())


class Search:
    """Looks for the values of one roster, and for recombined ones, in released texts."""

    def __init__(self, values: dict[str, list[tuple[str, ...]]], seed: int) -> None:
        """values: by kind, in an order that numbers them, kind after kind."""
        self.kinds = list(values)
        self.starts = np.cumsum([0, *(len(listed) for listed in values.values())])
        parts = []
        for kind, start in zip(self.kinds, self.starts[:-1].tolist(), strict=True):
            if kind == "date":
                parts.append(self._dates(values[kind], start))
                continue
            for at in range(0, len(values[kind]), PIECE):
                parts.append(self._written(kind, values[kind][at : at + PIECE], start + at))
        hashes, counts, owned = (np.concatenate(column) for column in zip(*parts, strict=True))
        self._values = Sequences(hashes, counts, owned)
        self._others = {
            kind: _Recombined(hashes, counts)
            for kind in self.kinds
            if kind in RECOMBINE
            for hashes, counts in [RECOMBINE[kind](values[kind], np.random.default_rng(seed))]
            if len(hashes)
        }
        self._days = _all_days() if "date" in values else None
        self._found_days = np.zeros((LAST_DAY - FIRST_DAY).days + 1, bool)
        self._documents: list[np.ndarray] = []
        self._hit: list[np.ndarray] = []

    @staticmethod
    def _written(
        kind: str, listed: Values, start: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All ways to write some values. start: the number of the first of them."""
        written = [[text for text in WRITTEN[kind](value) if text] for value in listed]
        hashes, counts = sequences([text for texts in written for text in texts])
        owners = np.repeat(np.arange(start, start + len(listed)), [len(texts) for texts in written])
        return hashes, counts, owners

    def _dates(
        self, listed: list[tuple[str, ...]], start: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The ways to write the days of a roster, of those of all days."""
        hashes, counts, days = _day_variants()
        owner = np.full((LAST_DAY - FIRST_DAY).days + 1, -1, np.int64)
        for number, (day,) in enumerate(listed, start):
            at = (date.fromisoformat(day) - FIRST_DAY).days
            if 0 <= at < len(owner):
                owner[at] = number
        rows = owner[days] >= 0
        return hashes[rows], counts[rows], owner[days][rows]

    def look_at(self, documents: Documents) -> None:
        """Look through some released texts."""
        words = words_of(documents.texts)
        sizes = self._values.sizes() | (self._days.sizes() if self._days else set())
        for other in self._others.values():
            sizes |= set(other.finders)
        for size in sorted(sizes):
            hashes, whose = words.shingles(size)
            places, values = self._values.find(size, hashes)
            if len(places):
                self._documents.append(whose[places] + documents.first)
                self._hit.append(values)
            for other in self._others.values():
                other.look_at(size, hashes)
            if self._days:
                self._found_days[self._days.find(size, hashes)[1]] = True

    def hits(self) -> Hits:
        """Where the values stand."""
        if not self._documents:
            return Hits(np.zeros(0, np.int64), np.zeros(0, np.int64))
        documents, values = np.concatenate(self._documents), np.concatenate(self._hit)
        count = int(self.starts[-1])
        pairs = distinct(documents * count + values)  # each once
        return Hits(pairs // count, pairs % count)

    def by_chance(self, kind: str, values: list[tuple[str, ...]]) -> np.ndarray | None:
        """How likely each value of a kind is to stand in texts that know nothing of it.

        As often as recombined values do, or the days around a day; one more is counted, so that
        nothing is impossible. None for a kind of which nobody knows it.
        """
        if kind == "date":
            sums = np.concatenate([[0], np.cumsum(self._found_days)])
            at = np.array([(date.fromisoformat(day) - FIRST_DAY).days for (day,) in values])
            at = np.clip(at, 0, len(self._found_days) - 1)
            low, high = np.maximum(at - WINDOW, 0), np.minimum(at + WINDOW + 1, len(sums) - 1)
            others = sums[high] - sums[low] - self._found_days[at]
            return np.asarray((others + 1) / (high - low))
        if kind in self._others:
            return np.full(len(values), self._others[kind].share())
        return None


class _Recombined:
    """Values that nobody has, each in one or more ways; shares are of values in their first way."""

    def __init__(self, hashes: np.ndarray, counts: np.ndarray) -> None:
        self.finders = {
            int(size): Finder(int(size), hashes[counts == size]) for size in np.unique(counts)
        }
        self._found = {
            size: np.zeros(len(finder.hashes), bool) for size, finder in self.finders.items()
        }

    def look_at(self, size: int, hashes: np.ndarray) -> None:
        if size in self.finders:
            self._found[size][self.finders[size].find(hashes)[1]] = True

    def share(self) -> float:
        found = sum(int(marks.sum()) for marks in self._found.values())
        return (found + 1) / (sum(len(marks) for marks in self._found.values()) + 1)


def _pairs(first: int, second: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places in two lists: all pairs, or so many that are drawn."""
    if first * second <= RECOMBINED:
        return np.repeat(np.arange(first), second), np.tile(np.arange(second), first)
    return rng.integers(0, first, RECOMBINED), rng.integers(0, second, RECOMBINED)


def _without(hashes: np.ndarray, texts: Iterable[str]) -> np.ndarray:
    """The different hashes, without those of true values."""
    texts = iter(texts)
    pieces = [np.zeros(0, np.uint64)]
    while piece := list(islice(texts, PIECE)):
        pieces.append(sequences(piece)[0])
    return without(hashes, np.concatenate(pieces))


def _names(values: Values, rng: np.random.Generator, letters: bool = False) -> Made:
    first = [variants.plain_words(parts[0])[0] for parts in values]
    if letters:
        first = [word[0] for word in first]
    given = np.unique(word_hashes(sorted(set(first))))
    last = np.unique(word_hashes(sorted({variants.plain_words(parts[-1])[-1] for parts in values})))
    one, other = _pairs(len(given), len(last), rng)
    write = variants.initials if letters else variants.full_names
    true = (text for parts in values for text in write(list(parts))[:2])
    hashes = _without(joined([given[one], last[other]]), true)
    return hashes, np.full(len(hashes), 2)


def _numbers(values: Values, rng: np.random.Generator) -> Made:
    """The last four digits of one number behind the others of another one of its length."""
    digits = ["".join(variants.plain_words(value)) for (value,) in values]
    by_length: dict[int, list[str]] = {}
    for number in digits:
        if number.isdigit() and 5 <= len(number) <= 18:
            by_length.setdefault(len(number), []).append(number)
    made = []
    for length, listed in by_length.items():
        front = np.array([int(number[:-4]) for number in listed])
        back = np.array([int(number[-4:]) for number in listed])
        one, other = _pairs(len(listed), len(listed), rng)
        put_together = pa.array(distinct(front[one] * 10_000 + back[other])).cast(pa.string())
        made.append(word_hashes(pc.utf8_lpad(put_together, length, "0")))
    if not made:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    hashes = _without(np.concatenate(made), digits)
    return hashes, np.ones(len(hashes), np.int64)


def _phones(values: Values, rng: np.random.Generator) -> Made:
    """The area code of one number before the rest of another one."""
    plain = ["".join(sign for sign in value if sign.isdigit())[-10:] for (value,) in values]
    plain = sorted({one for one in plain if len(one) == 10})
    if not plain:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    rests = sorted({one[3:] for one in plain})
    areas = word_hashes(sorted({one[:3] for one in plain}))
    middle, last = word_hashes([one[:3] for one in rests]), word_hashes([one[3:] for one in rests])
    one, other = _pairs(len(areas), len(rests), rng)
    true = [f"{number[:3]} {number[3:6]} {number[6:]}" for number in plain]
    hashes = _without(joined([areas[one], middle[other], last[other]]), true)
    return hashes, np.full(len(hashes), 3)


def _addresses(values: Values, rng: np.random.Generator) -> Made:
    """The number of one house before the street of another one."""
    written = [text.split() for (value,) in values for text in variants.streets(value)[:1]]
    if not written:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    houses = np.unique(word_hashes(sorted({words[0] for words in written})))
    made, counts = [], []
    for size in sorted({len(words) for words in written}):
        streets = sorted({tuple(words[1:]) for words in written if len(words) == size})
        columns = [word_hashes([street[at] for street in streets]) for at in range(size - 1)]
        one, other = _pairs(len(houses), len(streets), rng)
        hashes = joined([houses[one], *(column[other] for column in columns)])
        hashes = _without(hashes, [" ".join(words) for words in written if len(words) == size])
        made.append(hashes)
        counts.append(np.full(len(hashes), size))
    return np.concatenate(made), np.concatenate(counts)


RECOMBINE: dict[str, Callable[..., Made]] = {
    "name": _names,
    "initials": lambda values, rng: _names(values, rng, letters=True),
    "id": _numbers,
    "phone": _phones,
    "address": _addresses,
}
