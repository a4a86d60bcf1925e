"""The screens that answers must pass, as a study declares them."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from palimpsest.runtime.schema import Declared, Positive, Share, Wrapper
from palimpsest.screens.screen import EMPTY, SCREENS, Screen, SentenceScreen

if TYPE_CHECKING:
    RephraseScreen = Screen
else:  # any of the registered ones, chosen by its name
    kinds = [kind for kind in SCREENS.values() if not issubclass(kind, SentenceScreen)]
    RephraseScreen = Annotated[reduce(or_, kinds), Field(discriminator="name")]


def reasons_of(screens: Iterable[Screen]) -> list[str]:
    """The reason codes that some screens can give, sorted; `empty` needs no screen."""
    return sorted({EMPTY}.union(*(screen.reasons for screen in screens)))


class ScreeningSpec(Declared):
    """What rephrases depend on. lead_in, unwrap: of the prompt; they are cut off an answer."""

    screens: list[RephraseScreen]
    lead_in: list[str]
    unwrap: list[Wrapper] = []


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
