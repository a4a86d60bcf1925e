"""What an export says of its corpus that no table of it holds."""

from typing import Any

from palimpsest.runtime.schema import Declared, Splits


class ExportedSource(Declared):
    """A source of notes. licence, data_use: as declared; None where nobody said it."""

    name: str
    kind: str
    licence: str | None
    data_use: str | None = None
    splits: Splits


class ExportedLlm(Declared):
    """An LLM. origin: where its weights come from, without a path; dtype, sampling: of its file."""

    name: str
    origin: str
    licence: str | None
    data_use: str | None = None
    dtype: str
    sampling: dict[str, Any]


class ExportedPrompt(Declared):
    """A prompt, word by word. context: how it tells one; None where no part has any."""

    name: str
    system: str
    user: str
    context: str | None


class ExportedPart(Declared):
    """A part of the corpus, in its place.

    told: what its kind is, in a sentence. use, llm, prompt, context: None where it is notes' own
    words.
    """

    kind: str
    told: str
    use: str | None
    source: str
    llm: str | None
    prompt: str | None
    context: str | None
    screens: list[dict[str, Any]]


class ExportSpec(Declared):
    """What an export depends on besides its tables. tokenizer: that counts, by its name.

    contexts: name and parts of each that a part was asked in.
    """

    corpus: str
    seed: int
    tokenizer: str
    parts: list[ExportedPart]
    sources: list[ExportedSource]
    llms: list[ExportedLlm]
    prompts: list[ExportedPrompt]
    contexts: list[dict[str, Any]]
