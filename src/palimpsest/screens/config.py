"""The screens that answers must pass, as a study declares them."""

from typing import Annotated, Literal

from pydantic import Field

from palimpsest.runtime.schema import Declared, Positive, PositiveFloat, Share


class PlainScreen(Declared):
    """A screen without a threshold; docs/screens.md says what each looks for."""

    name: Literal[
        "truncated", "thinking", "refusal", "chat_residue", "prompt_echo", "injection"
    ] = Field(description="Chooses the screen.")


class LengthScreen(Declared):
    """Length of the answer against the passage, in words."""

    name: Literal["length"] = Field(description="Chooses the screen.")
    min_ratio: PositiveFloat = Field(description="Below it an answer is `too_short`.")
    max_ratio: PositiveFloat = Field(description="Above it an answer is `too_long`.")


class RepetitionScreen(Declared):
    """Share of the answer's 4-grams of words that repeat an earlier one."""

    name: Literal["repetition"] = Field(description="Chooses the screen.")
    max_share: Share = Field(description="Above it an answer is turned down.")


class CopyScreen(Declared):
    """Share of the answer's 5-grams of words that stand in the passage."""

    name: Literal["copy"] = Field(description="Chooses the screen.")
    max_share: Share = Field(description="Above it an answer is turned down.")


class OffTopicScreen(Declared):
    """Share of the passage's content words and numbers that the answer has too."""

    name: Literal["off_topic"] = Field(description="Chooses the screen.")
    min_share: Share = Field(description="Below it an answer is turned down.")


Screen = Annotated[
    PlainScreen | LengthScreen | RepetitionScreen | CopyScreen | OffTopicScreen,
    Field(discriminator="name"),
]


def reasons_of(screens: list[Screen]) -> list[str]:
    """The reason codes that some screens can give, sorted; `empty` needs no screen."""
    reasons = {"empty"}
    for screen in screens:
        reasons |= {"too_short", "too_long"} if screen.name == "length" else {screen.name}
    return sorted(reasons)


class ScreeningSpec(Declared):
    """What rephrases depend on. lead_in: of the prompt; a match at an answer's start is cut off."""

    screens: list[Screen]
    lead_in: list[str]


class EchoedCategory(Declared):
    """What a prompt tells of a category. near_misses: their texts."""

    name: str
    definition: str
    examples: list[str]
    near_misses: list[str]


class EchoedTaxonomy(Declared):
    """What a prompt tells of a taxonomy, which a written sentence must not repeat."""

    guideline: str
    categories: list[EchoedCategory]


class SentenceScreeningSpec(Declared):
    """What written sentences depend on.

    near_duplicate: Jaccard index of 3-grams with a kept sentence, above which one is rejected.
    generic_patients: eight words in a row that notes of so many patients have are generic.
    """

    taxonomy: EchoedTaxonomy
    near_duplicate: Share
    generic_patients: Positive
