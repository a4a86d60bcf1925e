"""Corpora as a study declares them: parts with token budgets."""

from pydantic import Field

from palimpsest.corpora.parts import Part
from palimpsest.runtime.schema import Declared, Name


class Corpus(Declared):
    """A named list of parts with token budgets."""

    name: Name
    parts: list[Part] = Field(min_length=1, description="What it is mixed from.")


class CorpusSpec(Declared):
    """What a corpus depends on besides its tables. seed: of the sampling order."""

    corpus: Corpus
    seed: int
