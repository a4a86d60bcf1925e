"""Screens of an answer's length."""

from typing import ClassVar, Literal

from pydantic import Field

from palimpsest.runtime.schema import PositiveFloat
from palimpsest.screens.screen import NAME, Answer, MeasuringScreen, Screen
from palimpsest.text.patterns import pattern

# No English sentence ends with these.
OPEN_END = pattern(
    r"([,;/]|[a-z][:-]|\s[-–]|\n\s*(\d{1,2}[.)]|[-*•])"
    r"|\s(and|or|but|if|when|as|the|an|a|every|of|with|from|for|to|by|at|into|after|before|during|"
    r"until|his|her|their|that|which|who|whose|than|because|including|not|is|are|be|been))\s*\z",
    captures=False,
)
# A told sentence that has no end; notes in telegraphic style have few of these words.
UNFINISHED = pattern(
    r"(?m)(^|[.!?:;]\s)[^.!?:;\n]*\b(was|were|had|he|she|underwent|received|presented|reported|denied|"
    r"showed|revealed)(\s[^.!?:;\n]*\w)?\s*\z",
    ignore_case=True,
    captures=False,
)
BULLET = pattern(r"\s*([-*•#>]|\d{1,2}[.)])")  # items of lists end without a full stop
TAIL = 400  # characters that are looked at


class Truncated(Screen):
    """Rejects an answer that ended at its token limit.

    The limit is `max_output_ratio` of the prompt times the passage's tokens, at least 48. A written
    sentence is rejected only where the limit fell within it.
    """

    name: Literal["truncated"] = NAME

    def check(self, answer: Answer) -> str | None:
        return self.name if answer.truncated else None


class Unfinished(Screen):
    """Rejects an answer that ends in the middle of a phrase, whatever the server says of its end.

    That is at a comma, a word such as "and", "the" or "which", an open bracket, or within a told
    sentence, where the passage does not end so.
    """

    name: Literal["unfinished"] = NAME

    def check(self, answer: Answer) -> str | None:
        torn = ends_open(answer.text) and not ends_open(answer.passage)
        return self.name if torn else None


def ends_open(text: str) -> bool:
    """Whether a text ends in the middle of a phrase."""
    tail = text[-TAIL:]
    item = BULLET.match(tail.rstrip().rpartition("\n")[2])
    unfinished = UNFINISHED.search(tail) and not item
    return bool(unfinished or OPEN_END.search(tail)) or tail.rfind("(") > tail.rfind(")")


class Length(MeasuringScreen):
    """Rejects an answer whose words, divided by the passage's words, are too few or too many.

    Below `min_ratio` it is `too_short`, above `max_ratio` it is `too_long`.
    """

    name: Literal["length"] = NAME
    min_ratio: PositiveFloat = Field(description="Below it an answer is `too_short`.")
    max_ratio: PositiveFloat = Field(description="Above it an answer is `too_long`.")
    reasons: ClassVar = ("too_short", "too_long")
    column: ClassVar = "length_ratio"

    @staticmethod
    def measure(answer: Answer) -> float:
        return len(answer.words) / max(1, len(answer.passage_words))

    def check(self, answer: Answer) -> str | None:
        ratio = answer.measured[self.column]
        if ratio < self.min_ratio:
            return "too_short"
        return "too_long" if ratio > self.max_ratio else None
