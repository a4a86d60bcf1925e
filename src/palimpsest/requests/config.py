"""What LLMs are asked, as a study and prompt files declare it."""

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from palimpsest.runtime.request_sets import NO_CONTEXT, reserved
from palimpsest.runtime.schema import Declared, Name, Positive, PositiveFloat, Wrapper
from palimpsest.runtime.taxonomy import AskedTaxonomy
from palimpsest.text.patterns import pattern

# Of a prompt about a category.
PLACEHOLDERS = ("guideline", "title", "definition", "include", "exclude", "examples")
PLACEHOLDERS += ("near_misses", "sentence", "conditions", "none")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
CONTEXT = "{context}"
# Where a prompt tells the context: a line of its own. Without one, the line goes with the blank
# lines behind it, or, at the end, with those before it.
_CONTEXT_LINE = re.compile(r"(?m)^\{context\}$")
_LAST_LINE = re.compile(r"\n*^\{context\}(\n*)\Z", re.M)
_OTHER_LINE = re.compile(r"(?m)^\{context\}\n+")
ContextPart = Literal["note_type", "section", "demographics", "dates", "problems", "before"]


class Prompt(Declared):
    """One prompt that asks for a text after another: `config/prompts/<name>.yaml`.

    For a rephrase of a passage, or for a note after a case report.
    """

    # How answers are cleaned is the screens' business: it changes no request.
    outside_identity = frozenset({"lead_in", "unwrap"})

    system: str = Field("", description="The system message; may be empty.")
    user: str = Field(
        description="The user message. `{passage}` stands for the passage, or for the whole case "
        "report; `{section}`, where it is used, for the header under which the passage starts "
        "(nothing where there is none)."
    )
    lead_in: list[str] = Field(
        default_factory=list,
        description="Regular expressions; a match at an answer's start is cut off before screens.",
    )
    unwrap: list[Wrapper] = Field(
        default_factory=list,
        description="What is removed where it is around a whole answer, in this order: a code "
        "fence, quotation marks, or JSON that holds one text. Absent: such answers are rejected by "
        "`chat_residue`.",
    )
    max_output_ratio: PositiveFloat = Field(
        1.5, description="Room for the answer: tokens per token of the passage."
    )
    context: str | None = Field(
        None,
        description="How a context is told, where a rephrasing declares one: `{context}` stands "
        "here for what is told, and on a line of its own in `user` for all of this text. Without a "
        "context that line is left out. Absent: the prompt cannot be used with a context.",
    )

    def identity(self) -> dict[str, Any]:
        """`context` counts where it is declared: others are what they were before there was it."""
        values = super().identity()
        return {key: values[key] for key in values if key != "context" or self.context is not None}

    def without_context(self) -> "Prompt":
        """The prompt where there is nothing to tell besides the passage."""
        if self.context is None:
            return self
        last = _LAST_LINE.search(self.user)
        user = _LAST_LINE.sub(r"\1", self.user) if last else _OTHER_LINE.sub("", self.user)
        return self.model_copy(update={"user": user, "context": None})

    @model_validator(mode="after")
    def _context_stands_somewhere(self) -> "Prompt":
        if self.context is None:
            return self
        if self.context.count(CONTEXT) != 1:
            raise ValueError(f"'context': expected '{CONTEXT}' exactly once")
        if self.user.count(CONTEXT) != 1 or not _CONTEXT_LINE.search(self.user):
            raise ValueError(
                f"'user': expected '{CONTEXT}' once, on a line of its own, as there is 'context'"
            )
        return self

    @field_validator("user")
    @classmethod
    def _has_passage(cls, value: str) -> str:
        if value.count("{passage}") != 1:
            raise ValueError("expected '{passage}' exactly once")
        return value

    @field_validator("lead_in")
    @classmethod
    def _compiles(cls, value: list[str]) -> list[str]:
        for expression in value:
            pattern(expression)
        return value


class ContextSpec(Declared):
    """What a request tells of the note besides the passage."""

    parts: list[ContextPart] = Field(
        min_length=1,
        description="What is told, in this order, each as the note has it: `note_type`, its "
        "category; `section`, the header under which the passage starts; `demographics`, age and "
        "sex; `dates` of admission, discharge and operation; `problems`, the problem list, "
        "diagnosis or assessment; `before`, the sentences before the passage.",
    )
    max_tokens: Positive = Field(
        100,
        description="Room of the whole context. Of `problems` and `before` as many whole sentences "
        "are told as fit; another part that does not fit is left out.",
    )
    before_tokens: Positive = Field(60, description="Room of `before` within it.")

    @field_validator("parts")
    @classmethod
    def _once(cls, value: list[ContextPart]) -> list[ContextPart]:
        if len(set(value)) < len(value):
            raise ValueError(f"expected each part once, found {value}")
        return value

    def identity(self) -> dict[str, Any]:
        """`before_tokens` counts only where there is that part."""
        values = super().identity()
        if "before" not in self.parts:
            del values["before_tokens"]
        return values


class Context(ContextSpec):
    """A named context."""

    name: Name = Field(description="It becomes part of paths; not `none`, and not `retryN`.")

    @field_validator("name")
    @classmethod
    def _free(cls, value: str) -> str:
        if reserved(value):
            raise ValueError(f"the name '{value}' is reserved; expected another")
        return value


class RephraseSpec(Declared):
    """What the requests of a shard depend on. tokens: of passages, to ask about."""

    prompt: Prompt
    tokens: Positive
    seed: int


class RephraseInContextSpec(RephraseSpec):
    """What requests depend on that tell more of the note than the passage."""

    context: ContextSpec


class SynthesisSpec(RephraseSpec):
    """What requests for synthetic notes depend on. max_tokens: of a case report."""

    max_tokens: Positive


class RetrySpec(Declared):
    """What the requests of a further round depend on. reasons: that are asked again."""

    prompt: Prompt
    reasons: list[str]


class CategoryPrompt(Declared):
    """A prompt about a category of a taxonomy, to label, check or write a sentence.

    It lies in `config/prompts/<name>.yaml`, too. In both texts `{guideline}` and `{none}` stand for
    what the taxonomy says of all categories and of having none; `{title}`, `{definition}`,
    `{include}`, `{exclude}`, `{examples}` and `{near_misses}` for what it says of the category.
    """

    system: str = Field("", description="The system message; may be empty.")
    user: str = Field(
        description="The user message. `{sentence}` stands for the sentence to label or check, "
        "best at the end, so that what comes before is shared; `{conditions}` for what a sentence "
        "to be written must be like."
    )

    @model_validator(mode="after")
    def _placeholders(self) -> "CategoryPrompt":
        found = _PLACEHOLDER.findall(f"{self.system} {self.user}")
        for name in sorted(set(found)):
            if name not in PLACEHOLDERS:
                known = " ".join(f"{{{placeholder}}}" for placeholder in PLACEHOLDERS)
                raise ValueError(f"'{{{name}}}' stands for nothing; expected of {known}")
            if found.count(name) > 1:
                raise ValueError(f"'{{{name}}}' stands {found.count(name)} times, expected once")
        return self

    def lacks(self, use: str) -> str | None:
        """What keeps the prompt from a use (label, check or write), or None.

        A placeholder that has no value there, or the lack of one without which all requests of a
        category, or of a sentence, would be the same.
        """
        needed, foreign = "sentence", "conditions"
        if use == "write":
            needed, foreign = foreign, needed
        named = set(_PLACEHOLDER.findall(f"{self.system} {self.user}"))
        if needed not in _PLACEHOLDER.findall(self.user):
            return f"expected '{{{needed}}}' in 'user'"
        if foreign in named:
            return f"'{{{foreign}}}' stands for nothing there"
        if not named & {"title", "definition"}:
            return "expected '{title}' or '{definition}', as it asks about one category at a time"
        return None


class LabelSpec(Declared):
    """What requests for labels, and for checks of labels, depend on besides the sentences.

    shots: examples and near misses of a category in a prompt.
    """

    prompt: CategoryPrompt
    taxonomy: AskedTaxonomy
    shots: int
    calibration: bool
    rationale: bool


class GenerateSpec(Declared):
    """What requests for sentences depend on. requests: for each category and for none."""

    prompt: CategoryPrompt
    taxonomy: AskedTaxonomy
    shots: int
    requests: Positive
    max_tokens: Positive
    seed: int


class JudgePrompt(Declared):
    """A prompt that asks what a rephrase invented and left out of its passage.

    It lies in `config/prompts/<name>.yaml`, too.
    """

    system: str = Field("", description="The system message; may be empty.")
    user: str = Field(
        description="The user message. `{passage}` stands for the passage, `{rephrase}` for what "
        "an LLM made of it, and `{context}` for what that was told besides (`none` where nothing). "
        "The answer is JSON by a schema; the prompt says what its lists `unsupported` and "
        "`missing` are to hold."
    )

    @field_validator("user")
    @classmethod
    def _placeholders(cls, value: str) -> str:
        for name in ("{passage}", "{rephrase}"):
            if value.count(name) != 1:
                raise ValueError(f"expected '{name}' exactly once")
        if value.count(CONTEXT) > 1:
            raise ValueError(f"'{CONTEXT}' stands {value.count(CONTEXT)} times, expected once")
        return value


class JudgeSpec(Declared):
    """What requests to a judge depend on besides what it judges.

    pairs: of each LLM, prompt and context. faithful, planted: pairs whose truth is known, without
    and with an error, of each type.
    """

    prompt: JudgePrompt
    pairs: Positive
    faithful: Positive
    planted: Positive
    max_tokens: Positive
    seed: int


class Retry(Declared):
    """Further rounds: what was rejected is asked again with another seed."""

    times: int = Field(ge=1, le=9, description="Rounds after the first.")
    reasons: list[str] = Field(
        description="Reason codes of screens; answers rejected for one of them are asked again. "
        "A passage that failed as `too_long` is cut into smaller ones and asked about in any case."
    )


class Rewriting(Declared):
    """Which texts are rewritten by which LLMs under which prompts."""

    source: str = Field(description="A declared source.")
    llms: list[Name] = Field(min_length=1, description="Files under `config/llms/`.")
    prompts: list[Name] = Field(min_length=1, description="Files under `config/prompts/`.")
    tokens: Positive = Field(
        description="Tokens of the source asked about per LLM and prompt. A larger budget asks "
        "about the same texts first: nothing is generated twice."
    )
    retry: Retry | None = Field(None, description="Absent: every text is asked about once.")

    def asked_contexts(self) -> list[str]:
        """The contexts in which every LLM is asked with every prompt."""
        return [NO_CONTEXT]

    def asks(self, source: str, prompt: str, context: str) -> bool:
        """Whether its LLMs are asked about a source with a prompt in a context."""
        asked = prompt in self.prompts and context in self.asked_contexts()
        return self.source == source and asked


class Rephrasing(Rewriting):
    """Which passages are rephrased by which LLMs under which prompts, in which contexts."""

    contexts: list[Name] = Field(
        [NO_CONTEXT],
        min_length=1,
        description="What the LLMs are told besides the passage: names of `contexts`, each a "
        "comparison of its own; `none` for nothing.",
    )

    def asked_contexts(self) -> list[str]:
        return self.contexts


class Synthesis(Rewriting):
    """Which case reports are turned into notes, by which LLMs under which prompts.

    An LLM sees a whole report: it cannot write the course of a stay after a piece of it.
    """

    max_tokens: Positive = Field(
        1200, description="Longest report, in tokens; a longer one is rejected as `too_long`."
    )
