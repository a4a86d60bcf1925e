"""What LLMs are asked, as a study and prompt files declare it."""

import re

from pydantic import Field, field_validator, model_validator

from palimpsest.runtime.schema import Declared, Name, Positive, PositiveFloat, Wrapper
from palimpsest.runtime.taxonomy import AskedTaxonomy
from palimpsest.text.patterns import pattern

# Of a prompt about a category.
PLACEHOLDERS = ("guideline", "title", "definition", "include", "exclude", "examples")
PLACEHOLDERS += ("near_misses", "sentence", "conditions", "none")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


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


class RephraseSpec(Declared):
    """What the requests of a shard depend on. tokens: of passages, to ask about."""

    prompt: Prompt
    tokens: Positive
    seed: int


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


class Rephrasing(Rewriting):
    """Which passages are rephrased by which LLMs under which prompts."""


class Synthesis(Rewriting):
    """Which case reports are turned into notes, by which LLMs under which prompts.

    An LLM sees a whole report: it cannot write the course of a stay after a piece of it.
    """

    max_tokens: Positive = Field(
        1200, description="Longest report, in tokens; a longer one is rejected as `too_long`."
    )
