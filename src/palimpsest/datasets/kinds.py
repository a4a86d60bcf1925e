"""Every kind of dataset, with its reader, and every maker of it.

A new kind is a file beside `spans` and `sentences`, with its declaration and its reader, and its
lines here.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Protocol

import pyarrow as pa
from pydantic import Field

from palimpsest.datasets.config import CollectSpec, LlmLabels, LlmWrites
from palimpsest.datasets.sentences import ExpertSentences, GeneratedSentences, SentencesReader
from palimpsest.datasets.spans import ExpertSpans, GeneratedSpans, SpansReader
from palimpsest.formats.rejected import Rejected
from palimpsest.runtime.accounting import Account
from palimpsest.runtime.rows import Row

OfSpans = Annotated[GeneratedSpans | ExpertSpans, Field(discriminator="made_by")]
OfSentences = Annotated[
    GeneratedSentences | ExpertSentences | LlmLabels | LlmWrites, Field(discriminator="made_by")
]
Dataset = Annotated[OfSpans | OfSentences, Field(discriminator="kind")]


class Reader(Protocol):
    """Reads the examples of one kind from what carries them."""

    schema: pa.Schema  # of the examples: in `runtime.labels`
    carried_as: str  # the column of a table of notes that has the gold
    left_out: Counter[str]  # labels of notes that the dataset does not have

    def of_note(self, note: Row, account: Account) -> Iterator[Row]: ...
    def of_files(self, paths: list[Path], account: Account) -> Iterator[Row | Rejected]: ...
    def labels_of(self, example: Row) -> list[str]: ...


READERS: dict[str, Callable[[CollectSpec], Reader]] = {
    "spans": SpansReader,
    "sentences": SentencesReader,
}
