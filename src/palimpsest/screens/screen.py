"""What a screen is: one check on an answer, with a reason code where it rejects."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, get_args

from pydantic import ConfigDict, Field

from palimpsest.runtime.schema import Declared
from palimpsest.text.ngrams import words

EMPTY = "empty"  # the reason for an answer without a word, whatever screens are declared
NAME: Any = Field(description="Chooses the screen.")
SCREENS: dict[str, type["Screen"]] = {}  # by name; importing palimpsest.screens.config fills it


@dataclass(frozen=True)
class Answer:
    """An answer under screening, with the messages that it answers."""

    system: str
    user: str
    passage: str  # that it rewrites; empty for a written sentence
    said: str  # the whole answer, without the lead-in that its prompt declares
    text: str  # what would be kept of it: all of it, or its first sentence
    truncated: bool  # whether the text ended at the token limit
    context: str = ""  # what the messages tell of the note besides the passage

    @property
    def given(self) -> str:
        """What its marks are held against: the passage, or the messages where there is none."""
        return self.passage or f"{self.system}\n{self.user}"

    @cached_property
    def words(self) -> list[str]:
        """The words of the text."""
        return words(self.text)

    @cached_property
    def passage_words(self) -> list[str]:
        """The words of the passage."""
        return words(self.passage)

    @cached_property
    def measured(self) -> dict[str, float]:
        """What measuring screens hold their thresholds against, by column."""
        return {screen.column: screen.measure(self) for screen in measuring_screens()}


class Screen(Declared):
    """One check on an answer: its fields are its parameters, as a study declares them.

    A subclass with a `name` is registered under it. Its docstring stands in docs/screens.md.
    """

    name: str
    reasons: ClassVar[tuple[str, ...]] = ()  # its reason codes; where none are named, its name

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        super().__pydantic_init_subclass__(**options)
        for name in get_args(cls.model_fields["name"].annotation):
            cls.reasons = cls.reasons or (name,)
            SCREENS[name] = cls

    @abstractmethod
    def check(self, answer: Answer) -> str | None:
        """The reason code where the screen rejects an answer, else None."""


class MeasuringScreen(Screen):
    """A screen that holds a number against thresholds; tables have the number as a column."""

    column: ClassVar[str]

    @staticmethod
    @abstractmethod
    def measure(answer: Answer) -> float:
        """The number; it depends on no threshold."""


class SentenceScreen(Screen):
    """A screen for written sentences alone: a study does not list it.

    Its fields may be objects that it holds a sentence against, such as the set so far.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)


def measuring_screens() -> list[type[MeasuringScreen]]:
    """The registered screens that have a column, in its order."""
    return [screen for screen in SCREENS.values() if issubclass(screen, MeasuringScreen)]


def first_reason(answer: Answer, screens: Iterable[Screen]) -> str | None:
    """The reason code of the first screen that rejects an answer, or None."""
    if not answer.words and not words(answer.said):
        return EMPTY
    for screen in screens:
        if reason := screen.check(answer):
            return reason
    return None
