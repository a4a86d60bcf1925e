"""Every kind of dataset that a study may declare, and every maker of it."""

from typing import Annotated

from pydantic import Field

from palimpsest.datasets.config import LlmLabels, LlmWrites
from palimpsest.datasets.sentences import ExpertSentences, GeneratedSentences
from palimpsest.datasets.spans import ExpertSpans, GeneratedSpans

Spans = Annotated[GeneratedSpans | ExpertSpans, Field(discriminator="made_by")]
Sentences = Annotated[
    GeneratedSentences | ExpertSentences | LlmLabels | LlmWrites, Field(discriminator="made_by")
]
Dataset = Annotated[Spans | Sentences, Field(discriminator="kind")]
