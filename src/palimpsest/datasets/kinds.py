"""Every kind of dataset, with its reader, and every maker of it.

A new kind is a file beside `spans` and `sentences`, with its declarations and its reader, and its
lines here.
"""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from palimpsest.datasets.config import CollectSpec, LlmLabels, LlmWrites
from palimpsest.datasets.entities import (
    AssertionReader,
    ExpertAssertions,
    ExpertRelations,
    GeneratedAssertions,
    RelationsReader,
)
from palimpsest.datasets.reader import Reader
from palimpsest.datasets.sentences import ExpertSentences, GeneratedSentences, SentencesReader
from palimpsest.datasets.spans import ExpertSpans, GeneratedSpans, SpansReader
from palimpsest.datasets.texts import ExpertDocuments, ExpertPairs, GeneratedPairs, TextsReader

OfSpans = Annotated[GeneratedSpans | ExpertSpans, Field(discriminator="made_by")]
OfSentences = Annotated[
    GeneratedSentences | ExpertSentences | LlmLabels | LlmWrites, Field(discriminator="made_by")
]
OfPairs = Annotated[GeneratedPairs | ExpertPairs, Field(discriminator="made_by")]
OfAssertions = Annotated[GeneratedAssertions | ExpertAssertions, Field(discriminator="made_by")]
Dataset = Annotated[
    OfSpans | OfSentences | ExpertDocuments | OfPairs | OfAssertions | ExpertRelations,
    Field(discriminator="kind"),
]
Task = Annotated[
    ExpertSpans
    | ExpertSentences
    | ExpertDocuments
    | ExpertPairs
    | ExpertAssertions
    | ExpertRelations,
    Field(discriminator="kind"),
]

READERS: dict[str, Callable[[CollectSpec], Reader]] = {
    "spans": SpansReader,
    "sentences": SentencesReader,
    "documents": TextsReader,
    "pairs": TextsReader,
    "assertion": AssertionReader,
    "relations": RelationsReader,
}
