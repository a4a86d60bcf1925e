"""Screens of an answer's length."""

from typing import ClassVar, Literal

from pydantic import Field

from palimpsest.runtime.schema import PositiveFloat
from palimpsest.screens.screen import NAME, Answer, MeasuringScreen, Screen


class Truncated(Screen):
    """Rejects an answer that ended at its token limit.

    The limit is `max_output_ratio` of the prompt times the passage's tokens, at least 48. A written
    sentence is rejected only where the limit fell within it.
    """

    name: Literal["truncated"] = NAME

    def check(self, answer: Answer) -> str | None:
        return self.name if answer.truncated else None


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
