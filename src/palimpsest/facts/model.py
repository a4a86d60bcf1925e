"""What the rules find in a text."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

TYPES = (
    "number", "unit", "dose", "frequency", "date", "duration", "order", "laterality", "negation",
    "uncertainty", "experiencer", "medication", "allergy", "problem", "procedure", "passage",
)  # fmt: skip
NOWHERE = (-1, -1)
STATUSES = ("kept", "changed", "omitted", "added", "unread")
# `unread`: what became of it cannot be told.
UNFAITHFUL = ("changed", "omitted", "added")
Concept = tuple[str, str]  # kind and what it is


class Quantity(NamedTuple):
    """A number, or the two ends of a range or pair, with its unit.

    kind: number, dose or duration. dimension: of the unit, or "". factor: of the unit, in bases of
    its dimension. sign: -1 of less than, 1 of more than. step: of the last printed digit. way: -1
    of a duration before, 1 of one after, else 0. anchor: what it is of. weak: a word that may be no
    number, such as "one" and "a".
    """

    kind: str
    values: tuple[float, ...]
    dimension: str
    factor: float
    start: int
    end: int
    anchor: Concept | None
    sign: int = 0
    step: float = 1.0
    way: int = 0
    weak: bool = False


class Frequency(NamedTuple):
    """How often. rate: times a day, 0 where only `timing` is said: prn, meals, night, morning."""

    rate: float
    timing: str
    start: int
    end: int
    anchor: Concept | None


class Day(NamedTuple):
    """A date, 0 for what is not said, or a time of day in minutes, -1 for none."""

    year: int
    month: int
    day: int
    minutes: int
    start: int
    end: int
    anchor: Concept | None


class Side(NamedTuple):
    """A side and of what, or ""."""

    side: str
    part: str
    start: int
    end: int


class Mention(NamedTuple):
    """A concept that is named. said: present, absent, possible or unread. family: of a relative.
    allergy: an allergen. Of both, None is that it cannot be told.

    name: its words, without case and plural. joined: it is one name with another beside it, as in
    "dementia of Alzheimer's disease". at: index of its first word in the words of the text.
    """

    concept: Concept
    start: int
    end: int
    said: str
    family: bool | None
    allergy: bool | None
    name: tuple[str, ...] = ()
    joined: bool = False
    at: int = -1


class Order(NamedTuple):
    """Of two concepts, which one was earlier."""

    earlier: Concept
    later: Concept
    start: int
    end: int


@dataclass
class Facts:
    """The facts of a text, each kind in the order of the text.

    words: all words of the text, without case and plural. tokens: the same as they stand, with
    what is between them. read: of each word whether it means something to the rules. no_allergy:
    where it says that there is no allergy. unnamed: the words that may be of names that no lexicon
    has. places: where a name must stand: the word, 1 or 2 of one
    that begins there, -1 or -2 of one that ends before it, and its kind.
    """

    quantities: list[Quantity] = field(default_factory=list)
    frequencies: list[Frequency] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    no_allergy: list[tuple[int, int]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    read: bytearray = field(default_factory=bytearray)
    unnamed: list[int] = field(default_factory=list)
    places: list[tuple[int, int, str]] = field(default_factory=list)


class Finding(NamedTuple):
    """What became of a fact. Offsets in characters, end exclusive; -1 where there is none."""

    type: str
    status: str
    passage_start: int
    passage_end: int
    start: int
    end: int


def finding(kind: str, status: str, one: Any, other: Any) -> Finding:
    """A finding of a fact of the passage and one of the rephrase, either of which may be None."""
    first = (one.start, one.end) if one is not None else NOWHERE
    second = (other.start, other.end) if other is not None else NOWHERE
    return Finding(kind, status, *first, *second)
