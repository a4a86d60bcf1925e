"""Inline markup for labelled mentions, and the renderer that turns it into text and spans.

A mention is written ``[phrase|code]``: the first letter of the code is the label (p problem,
t treatment, x test), an optional second sign is the assertion. Every sentence of the generator is
a plain string of this kind, so sentences can be joined, picked and capitalised freely, and the
character offsets are computed once, at the end, on the finished text.

A stretch of text that mentions may lie in is written ``⟨kind value⟩ ... ⟨/kind⟩``: a sentence with
its categories, or a premise with its claim. Stretches of different kinds may nest.
"""

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
# what a sentence about a patient with dementia can show; the order is that of the taxonomy
CATEGORIES = (
    "cognitive_impairment",
    "concern_by_others",
    "requires_assistance",
    "physiological_changes",
    "cognitive_assessment",
    "cognitive_intervention",
    "diagnostic_tests",
    "coping_strategy",
    "neuropsychiatric_symptoms",
)
_MENTION = re.compile(r"\[([^\[\]|]+)\|([ptx])([-?&>~]?)\]")
_STRETCH = re.compile(r"⟨(/?)(\w+) ?([^⟨⟩]*)⟩")
_BEFORE_TEXT = re.compile(r"(?:⟨[^⟨⟩]*⟩)*\[?")
_FIRST_WORD = re.compile(r"[\w'-]*")
_MARK = re.compile(f"{_MENTION.pattern}|{_STRETCH.pattern}")


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


@dataclass(frozen=True)
class Stretch:
    """A marked piece of text: its kind ("sentence" or "premise") and the value written with it.

    start, end: character offsets into the note's text, end exclusive.
    """

    start: int
    end: int
    kind: str
    value: str


@dataclass(frozen=True)
class Rendered:
    """The text of a marked-up string, and what the marks pointed at, in text order."""

    text: str
    spans: tuple[Span, ...]
    stretches: tuple[Stretch, ...]


def mark_problem(phrase: str, sign: str = "") -> str:
    """Markup of a problem; sign is one of the keys of ASSERTIONS."""
    return f"[{phrase}|p{sign}]"


def mark_treatment(phrase: str, sign: str = "") -> str:
    """Markup of a treatment."""
    return f"[{phrase}|t{sign}]"


def mark_test(phrase: str, sign: str = "") -> str:
    """Markup of a test."""
    return f"[{phrase}|x{sign}]"


def listing(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def numbered(lines: Iterable[str]) -> str:
    """A numbered list, one line each."""
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def bulleted(lines: Iterable[str]) -> str:
    """A list with dashes, one line each."""
    return "\n".join(f"- {line}" for line in lines)


def stretch(kind: str, value: str, markup: str) -> str:
    """The markup as one stretch."""
    return f"⟨{kind} {value}⟩{markup}⟨/{kind}⟩"


def capital(markup: str) -> str:
    """Capitalise the first word, unless it is a mixed-case name such as pH or proBNP."""
    start = _BEFORE_TEXT.match(markup).end()
    word = _FIRST_WORD.match(markup, start).group()
    if not word or word != word.lower():
        return markup
    return markup[:start] + markup[start].upper() + markup[start + 1 :]


def sentence(markup: str, *categories: str) -> str:
    """One finished sentence, with a capital, a full stop and the categories that it shows.

    categories: of CATEGORIES, none for most sentences.
    """
    markup = capital(markup)
    if not _STRETCH.sub("", markup).endswith((".", "?", "!")):
        markup += "."
    return stretch("sentence", ",".join(c for c in CATEGORIES if c in categories), markup)


def premise(key: str, markup: str) -> str:
    """A stretch that a pair may be about; see `propositions` for what each key states.

    A line of a list or a form is one too.
    """
    return stretch("premise", key, markup)


def sentences(parts: Iterable[str]) -> str:
    """Join sentences by one space; what is not a `sentence` yet becomes one, without category."""
    return " ".join(part if "⟨sentence" in part else sentence(part) for part in parts)


def render(markup: str) -> Rendered:
    """Text, spans and stretches of a marked-up string.

    The spans are sorted and disjoint, because mentions cannot nest in the markup.
    Raises ValueError if a mention or a stretch was written wrongly.
    """
    pieces: list[str] = []
    spans: list[Span] = []
    stretches: list[Stretch] = []
    opened: dict[str, tuple[int, str]] = {}
    length = done = 0
    for match in _MARK.finditer(markup):
        pieces.append(markup[done : match.start()])
        length += len(pieces[-1])
        done = match.end()
        phrase, label, sign, closing, kind, value = match.groups()
        if phrase:
            pieces.append(phrase)
            spans.append(Span(length, length + len(phrase), LABELS[label], ASSERTIONS[sign]))
            length += len(phrase)
        elif closing and kind in opened:
            start, value = opened.pop(kind)
            stretches.append(Stretch(start, length, kind, value))
        elif closing or kind in opened:
            raise ValueError(f"markup: stretch {kind!r} is not opened and closed in turn")
        else:
            opened[kind] = (length, value)
    text = "".join(pieces) + markup[done:]
    if opened:
        raise ValueError(f"markup: stretch {min(opened)!r} is not closed")
    if stray := re.search(r"[\[\]|{}⟨⟩]", text):
        raise ValueError(
            f"markup: stray {stray.group()!r} in {text[max(0, stray.start() - 30) :][:60]!r}; "
            "write a mention as [phrase|p], with p, t or x and an optional assertion sign"
        )
    stretches.sort(key=lambda s: (s.start, -s.end))
    return Rendered(text, tuple(spans), tuple(stretches))
