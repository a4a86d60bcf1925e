"""Inline markup for labelled mentions, and the renderer that turns it into text and spans.

A mention is written ``[phrase|code]``: the first letter of the code is the label (p problem,
t treatment, x test), an optional second sign is the assertion. Every sentence of the generator is
a plain string of this kind, so sentences can be joined, picked and capitalised freely, and the
character offsets are computed once, at the end, on the finished text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LABELS = {"p": "problem", "t": "treatment", "x": "test"}
ASSERTIONS = {
    "": "present",
    "-": "absent",
    "?": "possible",
    "&": "conditional",
    ">": "hypothetical",
    "~": "family",
}
_MENTION = re.compile(r"\[([^\[\]|]+)\|([ptx])([-?&>~]?)\]")


@dataclass(frozen=True)
class Span:
    """One labelled mention.

    start, end: character offsets into the note's text, end exclusive.
    label: "problem", "treatment" or "test".
    assertion: "present", "absent", "possible", "conditional", "hypothetical" or "family".
    """

    start: int
    end: int
    label: str
    assertion: str


def mark_problem(phrase: str, sign: str = "") -> str:
    """Markup of a problem; sign is one of the keys of ASSERTIONS."""
    return f"[{phrase}|p{sign}]"


def mark_treatment(phrase: str, sign: str = "") -> str:
    """Markup of a treatment."""
    return f"[{phrase}|t{sign}]"


def mark_test(phrase: str, sign: str = "") -> str:
    """Markup of a test."""
    return f"[{phrase}|x{sign}]"


def with_sign(markup: str, sign: str) -> str:
    """The same markup with every problem's assertion replaced by that of `sign`."""
    return re.sub(r"\|p[-?&>~]?\]", f"|p{sign}]", markup)


def listing(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def capital(markup: str) -> str:
    """Capitalise the first word, unless it is a mixed-case name such as pH or proBNP."""
    at = 1 if markup.startswith("[") else 0
    word = re.match(r"[\w'-]*", markup[at:])
    if word is None or not word.group() or word.group() != word.group().lower():
        return markup
    return markup[:at] + markup[at].upper() + markup[at + 1 :]


def sentences(parts: Iterable[str]) -> str:
    """Join sentences by one space, each with a capital and a full stop."""
    finished = []
    for part in parts:
        part = capital(part)
        finished.append(part if part.endswith((".", "?", "!")) else part + ".")
    return " ".join(finished)


def render(markup: str) -> tuple[str, tuple[Span, ...]]:
    """Text and spans of a marked-up string.

    The spans are sorted and disjoint, because mentions cannot nest in the markup.
    Raises ValueError if a bracket remains, that is, if a mention was written wrongly.
    """
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    at = 0
    for match in _MENTION.finditer(markup):
        before = markup[at : match.start()]
        phrase, label, sign = match.groups()
        start = length + len(before)
        length = start + len(phrase)
        spans.append(Span(start, length, LABELS[label], ASSERTIONS[sign]))
        pieces += (before, phrase)
        at = match.end()
    text = "".join(pieces) + markup[at:]
    if stray := re.search(r"[\[\]|{}]", text):
        raise ValueError(
            f"markup: stray {stray.group()!r} in {text[max(0, stray.start() - 30) :][:60]!r}; "
            "write a mention as [phrase|p], with p, t or x and an optional assertion sign"
        )
    return text, tuple(spans)
