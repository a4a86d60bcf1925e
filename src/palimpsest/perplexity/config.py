"""Held-out notes on which decoders are scored, as a study declares them."""

from typing import Literal

from pydantic import Field

from palimpsest.runtime.schema import Declared, Name, Positive


class Evaluation(Declared):
    """Held-out notes on which decoders are scored."""

    name: Name
    source: str = Field(description="A declared source.")
    category: str | None = Field(None, description="Absent for notes of every category.")
    split: Literal["valid", "test"] = Field("test", description="Whose notes are scored.")
    notes: Positive = Field(description="At most so many notes, in the study's sampling order.")


class PerplexitySpec(Declared):
    """What the scores of a decoder depend on. seed: of the order of notes."""

    evaluation: Evaluation
    seed: int
