"""What a corpus is mixed from: one class for each kind of part.

A class is the kind's part of the schema, and says which tables it reads. A new kind is a class here
and its place in `Part`; nothing else names the kinds.
"""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.origins import Names
from palimpsest.runtime.schema import Declared, Positive, PositiveFloat


class BasePart(Declared):
    """What all kinds have in common.

    study: a `study.catalogue.Catalogue`, which this room does not import.
    """

    original: ClassVar[bool]  # whether the documents are the notes' own words
    told: ClassVar[str]  # what the kind is, in the card of an export
    more: ClassVar[str]  # how it comes by more documents, as a sentence begins

    source: str = Field(description="A declared source.")
    tokens: Positive | None = Field(
        None,
        description="Budget by the study's tokenizer. The last document is cut at the end of the "
        "sentence that comes nearest to it. Too few documents are an error.",
    )
    ratio: PositiveFloat | None = Field(
        None, description="In the place of `tokens`: its share in the `tokens` of the corpus."
    )
    repeat: Positive = Field(
        1, description="How often a document may stand in the part, where there are too few."
    )

    @model_validator(mode="after")
    def _one_size(self) -> "BasePart":
        if (self.tokens is None) == (self.ratio is None):
            raise ValueError("expected either 'tokens', or 'ratio' where the corpus has 'tokens'")
        return self

    @abstractmethod
    def folders(self, study: Any) -> list[str]:
        """The folders of its tables below the results, round by round; each has the source's
        shards."""

    @abstractmethod
    def is_of(self, names: Names) -> bool:
        """Whether a table of documents is of this part, by the wildcards in its manifest."""

    def holds_passages(self, names: Names) -> bool:
        """Whether a table has the passages that stand for the documents of this part."""
        return False

    @abstractmethod
    def named(self) -> tuple[str, ...]:
        """What it is made of, for messages: source, LLM and prompt."""

    def check(self, references: Any, where: str) -> None:
        """Add to a `study.references.References` what is not declared.

        where: the part, for messages.
        """
        references.refers(f"{where}.source", self.source, references.sources)


class NotesPart(BasePart):
    """Original training notes, by passages."""

    original = True
    told = "Original training notes, by passages."
    more = "Give its source more training notes"

    kind: Literal["notes"] = Field(description="Chooses this form.")

    def folders(self, study: Any) -> list[str]:
        return [f"passages/{self.source}"]

    def is_of(self, names: Names) -> bool:
        asked = {"request_set", "prompt"} & names.keys()
        return not asked and names.get("source") == self.source

    def named(self) -> tuple[str, ...]:
        return (self.source,)


class _OfAnswers(BasePart):
    """Documents of the answers of one LLM about one source under one prompt.

    Of those answers that the screens kept. They are rephrases, unless a kind says otherwise.
    """

    folder: ClassVar[str] = "rephrases"  # below the results
    use: ClassVar[str] = "rephrase"  # of `study.catalogue.REWRITINGS`
    declared_as: ClassVar[str] = "rephrasing"
    more = (
        "Raise the `tokens` of its rephrasing (only what is new is asked about), `retry` what was "
        "rejected, loosen a screen"
    )

    llm: str = Field(description="An LLM that is asked about the source.")
    prompt: str = Field(description="A prompt under which it is.")

    def folders(self, study: Any) -> list[str]:
        return [f"{self.folder}/{self.llm}/{request_set}" for request_set in self._rounds(study)]

    def _rounds(self, study: Any) -> list[str]:
        rounds: list[str] = study.rounds(self.source, self.llm, self.prompt)
        return rounds

    def is_of(self, names: Names) -> bool:
        asked = names.get("request_set", "").split(".")[:2]
        return [names.get("llm"), *asked] == [self.llm, self.source, self.prompt]

    def named(self) -> tuple[str, ...]:
        return (self.source, self.llm, self.prompt)

    def check(self, references: Any, where: str) -> None:
        super().check(references, where)
        found = references.catalogue.rewriting(self.source, self.llm, self.prompt)
        if not found or found[0] != self.use:
            references.add(
                f"{where}: no {self.declared_as} declares source '{self.source}', LLM "
                f"'{self.llm}' and prompt '{self.prompt}'"
            )


class RephrasesPart(_OfAnswers):
    """Rephrases of one source by one LLM under one prompt."""

    original = False
    told = "Rephrases of one source by one LLM under one prompt."

    kind: Literal["rephrases"] = Field(description="Chooses this form.")


class MatchedNotesPart(_OfAnswers):
    """The passages of rephrases by one LLM under one prompt, in their original wording.

    The same budget takes the same documents as a part of kind `rephrases`: two corpora then differ
    in wording alone. It counts the tokens of the rephrases: the passages have more or fewer.
    """

    original = True
    told = "The passages of rephrases by one LLM under one prompt, in their original wording."

    kind: Literal["matched_notes"] = Field(description="Chooses this form.")

    def folders(self, study: Any) -> list[str]:
        first, *further = self._rounds(study)  # the first round is the same for every LLM
        asked = [f"requests/{first}", *(f"requests/{self.llm}/{name}" for name in further)]
        return [*super().folders(study), *asked]

    def holds_passages(self, names: Names) -> bool:
        asked = [names.get("llm", self.llm), names.get("source"), names.get("prompt")]
        return asked == [self.llm, self.source, self.prompt]


class SyntheticNotesPart(_OfAnswers):
    """Notes that one LLM wrote under one prompt after the case reports of one source."""

    original = False
    told = "Notes that one LLM wrote under one prompt after the case reports of one source."
    folder, use, declared_as = "synthetic-notes", "synthesize", "synthesis"
    more = _OfAnswers.more.replace("rephrasing", declared_as)

    kind: Literal["synthetic_notes"] = Field(description="Chooses this form.")


Part = Annotated[
    NotesPart | RephrasesPart | MatchedNotesPart | SyntheticNotesPart, Field(discriminator="kind")
]
