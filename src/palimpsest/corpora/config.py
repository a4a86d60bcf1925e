"""Corpora as a study declares them: parts with token budgets."""

from typing import Annotated, Literal

from pydantic import Field

from palimpsest.runtime.schema import Declared, Name, Positive


class NotesPart(Declared):
    """Original training notes, by passages."""

    kind: Literal["notes"] = Field(description="Chooses this form.")
    source: str = Field(description="A declared source.")
    tokens: Positive = Field(description="Budget; the last passage may exceed it.")


class RephrasesPart(Declared):
    """Rephrases of one source by one LLM under one prompt."""

    kind: Literal["rephrases"] = Field(description="Chooses this form.")
    source: str = Field(description="A declared source.")
    llm: str = Field(description="An LLM that rephrases the source.")
    prompt: str = Field(description="A prompt under which it does.")
    tokens: Positive = Field(
        description="Budget; the last rephrase may exceed it. Too few rephrases are an error."
    )


Part = Annotated[NotesPart | RephrasesPart, Field(discriminator="kind")]


class Corpus(Declared):
    """A named list of parts with token budgets."""

    name: Name
    parts: list[Part] = Field(min_length=1, description="What it is mixed from.")


class CorpusSpec(Declared):
    """What a corpus depends on besides its tables. seed: of the sampling order."""

    corpus: Corpus
    seed: int
