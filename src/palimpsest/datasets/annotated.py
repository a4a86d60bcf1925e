"""What formats read: texts with what experts said of them."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from palimpsest.runtime.rows import Row
from palimpsest.text.iob2 import Offsets

SHOWN = 10  # labels that an error names
MOST_KINDS = 20  # labels, beyond which most of them must stand there more than once
LABEL = re.compile(r"(?=.{1,40}\Z)[^\W\d][\w./:+-]*(?: [\w./:+-]+){0,4}|-?\d{1,2}(?:\.0)?")
HIDDEN = "[text]"  # no label: it is never shown
LETTERS = 4  # of a word by which a text is known
WORD = re.compile(r"[^\W_]+")
NAME = re.compile(r"[\w.:/+-]{1,64}")  # what an id looks like
Stretch = tuple[int, int]  # characters of a text, end exclusive


@dataclass(frozen=True)
class Entity:
    """A labelled stretch of a text.

    place: `file:line`, for messages. name: what relations call it, unique in its document.
    mention: the text that the file says is there. parts: its stretches, if it has gaps.
    attributes: what else is said of it, by name.
    """

    start: int
    end: int
    label: str
    place: str
    name: str = ""
    mention: str | None = None
    parts: tuple[Stretch, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Relation:
    """What holds between two entities, which are given by their names."""

    label: str
    first: str
    second: str
    place: str


@dataclass
class Document:
    """A text of a file: a note, an abstract, a sentence, or the first of a pair.

    name: of the document, from the file; nothing where it has none. path, place: the file, and
    `file:line` or `file:row`, for messages. labels: of the text. second, value: of a pair. patient,
    note, split: as a column says. sentences: where the format says what they are; paragraphs: which
    are cut into sentences. tokens: where the format says what they are. unit: what the document is.
    """

    path: Path
    place: str
    text: str
    name: str = ""
    entities: list[Entity] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    second: str | None = None
    value: float | None = None
    patient: str | None = None
    note: str | None = None
    split: str | None = None
    sentences: list[Stretch] | None = None
    paragraphs: list[Stretch] | None = None
    tokens: list[Offsets] | None = None
    unit: str = "document"


@dataclass
class Findings:
    """What a reader says of files besides their examples.

    ignored: lines or elements that no dataset has, by their kind. facts: fields of the manifest.
    """

    ignored: Counter[str] = field(default_factory=Counter)
    facts: Row = field(default_factory=dict)


def same_text(found: str, said: str) -> bool:
    """Whether two mentions are the same but for case and blanks, which tools change."""
    return found.casefold().split() == said.casefold().split()


def tellable(value: str, *texts: str) -> str:
    """A value as it is counted: itself, or HIDDEN where words of it stand in its own row's texts.

    Then its column may have been mistaken for that of labels or splits, and hold text of notes. A
    single word hides nothing but a name, which has a capital: labels such as `mood` are words of
    their texts.
    """
    whole = " ".join(texts)
    words = {word for word in WORD.findall(value) if len(word) >= LETTERS}
    if len(WORD.findall(value)) > 1:
        words, whole = {word.casefold() for word in words}, whole.casefold()
    else:
        words = {word for word in words if not word.islower()}
    return value if words.isdisjoint(WORD.findall(whole)) else HIDDEN


def named(labels: Counter[str]) -> dict[str, int]:
    """Labels with their counts, as far as they are labels.

    A column that was mistaken for the labels may hold text of notes, which nobody may see: a word
    is shown, several only if they stand there repeatedly, and none where most of all differ.
    """
    if len(labels) > MOST_KINDS and len(labels) * 2 > labels.total():
        return {}
    return {
        label: count
        for label, count in labels.most_common()
        if LABEL.fullmatch(label) and (count > 1 or " " not in label)
    }


def called(name: object) -> str:
    """What a message calls a part of a file: its name, if that is one and no text."""
    return str(name) if NAME.fullmatch(str(name)) else "[no plain name]"


def shown(labels: Counter[str]) -> str:
    """Labels with their counts, for messages."""
    listed = dict(list(named(labels).items())[:SHOWN])
    others = labels.total() - sum(listed.values())
    if not listed:
        return f"of {len(labels)} kinds in {others} places, which read like text and are not shown"
    return f"{listed}" + (f" and {others} more" if others else "")


def hull(bounds: Sequence[Stretch], start: int, end: int) -> Stretch:
    """The stretches that overlap another, as one. bounds: in order, all of a text."""
    first = bisect_right(bounds, start, key=lambda stretch: stretch[1])
    behind = bisect_left(bounds, end, key=lambda stretch: stretch[0])
    return (bounds[first][0], bounds[behind - 1][1]) if first < behind else (start, end)
