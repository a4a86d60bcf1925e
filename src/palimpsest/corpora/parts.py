"""What a corpus is mixed from: one class for each kind of part.

A class is the kind's part of the schema, and says which tables it reads. A new kind is a class here
and its place in `Part`; nothing else names the kinds.
"""

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.origins import Names
from palimpsest.runtime.request_sets import NO_CONTEXT, RequestSet
from palimpsest.runtime.schema import Declared, Name, Positive, PositiveFloat


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
        return not RequestSet.of_wildcards(names) and names.get("source") == self.source

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

    def asked(self) -> RequestSet:
        """What the LLM is asked; a case report as a whole, so in no context."""
        return RequestSet(self.source, self.prompt, getattr(self, "context", NO_CONTEXT))

    def folders(self, study: Any) -> list[str]:
        return [f"{self.folder}/{self.llm}/{request_set}" for request_set in self.rounds(study)]

    def rounds(self, study: Any) -> list[str]:
        """The request sets of its answers, round by round."""
        rounds: list[str] = study.rounds(self.source, self.llm, *self.asked()[1:3])
        return rounds

    def is_of(self, names: Names) -> bool:
        return "request_set" in names and self._is_asked(names)

    def _is_asked(self, names: Names) -> bool:
        found = RequestSet.of_wildcards(names)
        of_llm = names.get("llm", self.llm) == self.llm
        return found is not None and of_llm and found._replace(round=0) == self.asked()

    def named(self) -> tuple[str, ...]:
        context = self.asked().context
        told = () if context == NO_CONTEXT else (context,)
        return (self.source, self.llm, self.prompt, *told)

    def check(self, references: Any, where: str) -> None:
        super().check(references, where)
        context = self.asked().context
        found = references.catalogue.rewriting(self.source, self.llm, self.prompt, context)
        if not found or found[0] != self.use:
            context = "" if context == NO_CONTEXT else f", in context '{context}'"
            references.add(
                f"{where}: no {self.declared_as} declares source '{self.source}', LLM "
                f"'{self.llm}' and prompt '{self.prompt}'{context}"
            )


class _OfPassages(_OfAnswers):
    """Of answers about passages, in one context."""

    context: Name = Field(
        NO_CONTEXT, description="A context in which it is asked; absent: that of nothing besides."
    )

    def identity(self) -> dict[str, Any]:
        """`context` counts where there is one: other parts are what they were before there was."""
        values = super().identity()
        return {
            key: values[key] for key in values if key != "context" or self.context != NO_CONTEXT
        }


class RephrasesPart(_OfPassages):
    """Rephrases of one source by one LLM under one prompt, in one context."""

    original = False
    told = "Rephrases of one source by one LLM under one prompt."

    kind: Literal["rephrases"] = Field(description="Chooses this form.")


class MatchedNotesPart(_OfPassages):
    """The passages of rephrases by one LLM under one prompt, in their original wording.

    The same budget takes the same documents as a part of kind `rephrases`: two corpora then differ
    in wording alone. It counts the tokens of the rephrases: the passages have more or fewer.
    """

    original = True
    told = "The passages of rephrases by one LLM under one prompt, in their original wording."

    kind: Literal["matched_notes"] = Field(description="Chooses this form.")

    def folders(self, study: Any) -> list[str]:
        first, *further = self.rounds(study)  # the first round is the same for every LLM
        asked = [f"requests/{first}", *(f"requests/{self.llm}/{name}" for name in further)]
        return [*super().folders(study), *asked]

    def holds_passages(self, names: Names) -> bool:
        return "request_set" not in names and self._is_asked(names)


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
