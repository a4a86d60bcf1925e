"""What a request tells of the note besides its passage: the declared parts, within their room."""

from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

from tokenizers import Tokenizer

from palimpsest.requests.config import ContextPart, ContextSpec
from palimpsest.requests.note_facts import NoteFacts, Span
from palimpsest.runtime.rows import Row
from palimpsest.text.tokenizers import count_tokens

# How each part is called where an LLM reads it.
CALLED: dict[ContextPart, str] = {
    "note_type": "Note type",
    "section": "Section",
    "demographics": "Patient",
    "dates": "Dates",
    "problems": "Problems",
    "before": "Before this",
}
LONGEST_TOKEN = 20  # characters, on average over a context
CHARACTERS_A_TOKEN = 12  # of the text before a passage that is looked at for each token of room


class Told(NamedTuple):
    """A stretch of the note that is told; no offsets of what only the note's table says."""

    part: ContextPart
    start: int | None
    end: int | None


class Context(NamedTuple):
    """What is told with one passage. text: a line for each part, as the LLM reads it."""

    text: str
    spans: list[Told]


class ContextTeller:
    """Tells the declared parts of a note's context, as the note has them."""

    def __init__(self, spec: ContextSpec, tokenizer: Tokenizer) -> None:
        self.spec, self.tokenizer = spec, tokenizer

    def tell(self, facts: NoteFacts, category: str, passage: Row) -> Context:
        """The context of one passage.

        facts, category: of the note that the passage stands in. passage: its `start` and `end`.
        What stands in the passage is not told again. White space of a stretch becomes one space:
        nothing in a note can look like the prompt's next paragraph.
        """
        lines: list[str] = []
        told: list[Told] = []
        for part in self.spec.parts:
            if part == "note_type":
                line = f"{CALLED[part]}: {_one_line(category)}" if category.strip() else ""
                if line and self._fits([*lines, line], self.spec.max_tokens):
                    lines.append(line)
                    told.append(Told(part, None, None))
                continue
            spans = self._spans(part, facts, passage)

            def told_of(chosen: list[Span], part: ContextPart = part) -> str:
                words = (_one_line(facts.text[slice(*span)]) for span in chosen)
                apart = "; " if part in ("demographics", "dates") else " "
                return f"{CALLED[part]}: {apart.join(filter(None, words))}"

            def fits(chosen: list[Span], part: ContextPart = part) -> bool:
                return self._fits([*lines, told_of(chosen, part)], self.spec.max_tokens)

            if part == "before":
                spans = _most(spans, fits, last=True)
            elif part == "problems":
                spans = _most(spans, fits)
            elif spans and not fits(spans):
                spans = []
            if any(facts.text[slice(*span)].strip() for span in spans):
                lines.append(told_of(spans))
                told += [Told(part, *span) for span in spans]
        return Context("\n".join(lines), told)

    def _spans(self, part: ContextPart, facts: NoteFacts, passage: Row) -> list[Span]:
        """The stretches of a part that do not stand in the passage."""
        start, end = passage["start"], passage["end"]
        if part == "section":
            section = facts.section(end - len(facts.text[start:end].lstrip()))
            found = [section] if section else []
        elif part == "before":
            room = self.spec.before_tokens

            def fits(chosen: list[Span]) -> bool:
                return self._fits([_one_line(facts.text[chosen[0][0] : start])], room)

            found = _most(facts.before(start, CHARACTERS_A_TOKEN * room), fits, last=True)
        else:
            found = {
                "demographics": lambda: facts.demographics,
                "dates": lambda: facts.dates,
                "problems": lambda: facts.problems,
            }[part]()
        return [span for span in found if span[1] <= start or span[0] >= end]

    def _fits(self, lines: list[str], room: int) -> bool:
        text = "\n".join(lines)
        # Few tokens are longer: a text beyond that is not encoded to learn that it is too long.
        if len(text) > LONGEST_TOKEN * room:
            return False
        return count_tokens(self.tokenizer, [text])[0] <= room


def _most(spans: list[Span], fits: Callable[[list[Span]], bool], last: bool = False) -> list[Span]:
    """As many of some spans as fit, the first ones or the last ones."""

    def chosen(count: int) -> list[Span]:
        return spans[len(spans) - count :] if last else spans[:count]

    # More spans have more tokens, so that halving finds the most that fit.
    count = bisect_left(range(1, len(spans) + 1), True, key=lambda size: not fits(chosen(size)))
    return chosen(count)


def _one_line(text: str) -> str:
    return " ".join(text.split())
