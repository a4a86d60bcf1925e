"""What a request tells of the note besides its passage: the declared parts, within their room."""

from collections.abc import Callable, Iterator
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
        spans: list[Told] = []
        for part in self.spec.parts:
            for line, told in self._choices(part, facts, category, passage):
                if self._tokens("\n".join([*lines, line])) <= self.spec.max_tokens:
                    lines.append(line)
                    spans += told
                    break
        return Context("\n".join(lines), spans)

    def _choices(
        self, part: ContextPart, facts: NoteFacts, category: str, passage: Row
    ) -> Iterator[tuple[str, list[Told]]]:
        """The lines that a part may be told as, each shorter than the one before it."""
        if part == "note_type":
            if category := _one_line(category):
                yield f"{CALLED[part]}: {category}", [Told(part, None, None)]
            return
        start, end = passage["start"], passage["end"]
        body = end - len(facts.text[start:end].lstrip())
        find: dict[str, Callable[[], list[Span]]] = {
            "section": lambda: [span for span in [facts.section(body)] if span],
            "demographics": lambda: facts.demographics,
            "dates": lambda: facts.dates,
            "problems": lambda: facts.problems,
            "before": lambda: self._before(facts, start),
        }
        found = [span for span in find[part]() if span[1] <= start or span[0] >= end]
        while found:
            words = [_one_line(facts.text[slice(*span)]) for span in found]
            apart = "; " if part in ("demographics", "dates") else " "
            if told := apart.join(filter(None, words)):
                yield f"{CALLED[part]}: {told}", [Told(part, *span) for span in found]
            if part == "problems":
                found = found[:-1]
            elif part == "before":
                found = found[1:]
            else:
                return

    def _before(self, facts: NoteFacts, start: int) -> list[Span]:
        """As many sentences before a passage as fit into their own room."""
        room = self.spec.before_tokens
        found: list[Span] = []
        for span in reversed(facts.before(start, CHARACTERS_A_TOKEN * room)):
            if self._tokens(_one_line(facts.text[span[0] : start])) > room:
                break
            found.insert(0, span)
        return found

    def _tokens(self, text: str) -> int:
        return count_tokens(self.tokenizer, [text])[0]


def _one_line(text: str) -> str:
    return " ".join(text.split())
