"""What a corpus is mixed from: one class for each kind of part.

A class is the kind's part of the schema, and says which tables it reads. A new kind is a class here
and its place in `Part`; nothing else names the kinds.
"""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from palimpsest.runtime.origins import Names
from palimpsest.runtime.schema import Declared, Positive


class BasePart(Declared):
    """What all kinds have in common.

    study: a `study.catalogue.Catalogue`, which this room does not import.
    """

    original: ClassVar[bool]  # whether the documents are the notes' own words

    source: str = Field(description="A declared source.")

    @abstractmethod
    def folders(self, study: Any) -> list[str]:
        """The folders of its tables below the results, round by round; each has the source's
        shards."""

    @abstractmethod
    def is_of(self, names: Names) -> bool:
        """Whether a table of documents is of this part, by the wildcards in its manifest."""

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

    kind: Literal["notes"] = Field(description="Chooses this form.")
    tokens: Positive = Field(description="Budget; the last passage may exceed it.")

    def folders(self, study: Any) -> list[str]:
        return [f"passages/{self.source}"]

    def is_of(self, names: Names) -> bool:
        return "request_set" not in names and names.get("source") == self.source

    def named(self) -> tuple[str, ...]:
        return (self.source,)


class RephrasesPart(BasePart):
    """Rephrases of one source by one LLM under one prompt."""

    original = False

    kind: Literal["rephrases"] = Field(description="Chooses this form.")
    llm: str = Field(description="An LLM that rephrases the source.")
    prompt: str = Field(description="A prompt under which it does.")
    tokens: Positive = Field(
        description="Budget; the last rephrase may exceed it. Too few rephrases are an error."
    )

    def folders(self, study: Any) -> list[str]:
        rounds = study.rounds(self.source, self.llm, self.prompt)
        return [f"rephrases/{self.llm}/{request_set}" for request_set in rounds]

    def is_of(self, names: Names) -> bool:
        asked = names.get("request_set", "").split(".")[:2]
        return [names.get("llm"), *asked] == [self.llm, self.source, self.prompt]

    def named(self) -> tuple[str, ...]:
        return (self.source, self.llm, self.prompt)

    def check(self, references: Any, where: str) -> None:
        super().check(references, where)
        if not references.catalogue.rephrasing(self.source, self.llm, self.prompt):
            references.add(
                f"{where}: no rephrasing declares source '{self.source}', LLM '{self.llm}' and "
                f"prompt '{self.prompt}'"
            )


Part = Annotated[NotesPart | RephrasesPart, Field(discriminator="kind")]
