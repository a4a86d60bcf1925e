"""IOB2: spans as one tag for each token (Ramshaw & Marcus 1995; Tjong Kim Sang & Veenstra 1999).

Tags are read strictly: a span begins with a `B-` tag, and an `I-` tag that continues no span of its
label is none.
"""

import re
from collections.abc import Sequence
from typing import TypedDict

OUTSIDE = "O"
TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")  # a word of letters and digits, or one mark


class Offsets(TypedDict):
    """Characters of a text, end exclusive."""

    start: int
    end: int


class Span(Offsets):
    """A labelled stretch of a text."""

    label: str


def tag_names(labels: Sequence[str]) -> list[str]:
    """The tags of some labels; a tag's place is its id."""
    return [OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in "BI")]


def tags_of(tokens: Sequence[Offsets], spans: Sequence[Span]) -> list[str]:
    """The tag of each token. One that overlaps several spans has that of the first."""
    ordered = sorted(spans, key=lambda span: span["start"])
    tags, previous = [], None
    for token in tokens:
        inside = next(
            (
                span
                for span in ordered
                if span["start"] < token["end"] and token["start"] < span["end"]
            ),
            None,
        )
        prefix = "I" if inside is previous else "B"
        tags.append(f"{prefix}-{inside['label']}" if inside else OUTSIDE)
        previous = inside
    return tags


def spans_of(tokens: Sequence[Offsets], tags: Sequence[str]) -> list[Span]:
    """The spans that tags say, from where their first token starts to where their last ends."""
    return [
        {"start": tokens[first]["start"], "end": tokens[behind - 1]["end"], "label": label}
        for first, behind, label in tagged_ranges(tags)
    ]


def tagged_ranges(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """The first token, the one behind the last, and the label of each span."""
    found: list[tuple[int, int, str]] = []
    open_end = None  # where a span that may go on ends so far
    for index, tag in enumerate(tags):
        prefix, _, label = tag.partition("-")
        if prefix == "B":
            found.append((index, index + 1, label))
        elif prefix == "I" and open_end == index and found[-1][2] == label:
            found[-1] = (found[-1][0], index + 1, label)
        else:
            continue
        open_end = index + 1
    return found
