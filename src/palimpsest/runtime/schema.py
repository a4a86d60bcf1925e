"""What the schemas that stand beside the stages share: field types, the base class, weights."""

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from palimpsest.runtime.paths import check_stars

# Names become parts of paths and of shell commands.
NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}"
Name = Annotated[
    str,
    Field(
        pattern=f"^{NAME}$",
        description="Letters, digits, `_` and `-`; it becomes part of paths.",
    ),
]
Wrapper = Literal["code_fence", "json", "quotes"]  # around an answer
NO_CORPUS = "none"  # the corpus of an encoder that was not adapted
ALL = "all"  # the size that takes every train example


def _distinct(seeds: list[int]) -> list[int]:
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"expected each seed once, found {seeds}")
    return seeds


Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]
PositiveFloat = Annotated[float, Field(gt=0)]
SEEDS = 2**32  # as many as numpy takes; torch and vLLM take more
Seed = Annotated[int, Field(ge=0, lt=SEEDS)]
# Of random numbers, each once: a seed twice would be counted as two draws.
Seeds = Annotated[list[Seed], Field(min_length=1), AfterValidator(_distinct)]


D = TypeVar("D", bound="Declared")


class Declared(BaseModel):
    """A declared object: unknown keys are refused, values are not changed after loading."""

    # Infinity and NaN have no JSON, so an object that held one could have no identity.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)

    # The fields that never change an output: tuning, and places, which are a job's inputs.
    outside_identity: ClassVar[frozenset[str]] = frozenset()

    def identity(self) -> dict[str, Any]:
        """What the object is, as JSON values: every field but those `outside_identity`.

        A job whose object has another identity runs again.
        """
        return {
            name: _identity(getattr(self, name))
            for name in type(self).model_fields
            if name not in self.outside_identity
        }

    def narrowed(self, kind: type[D]) -> D:
        """The object as one of its base classes, without what a subclass adds."""
        values = {name: getattr(self, name) for name in kind.model_fields}
        return cast(D, kind.model_construct(**values))


def _identity(value: Any) -> Any:
    if isinstance(value, Declared):
        return value.identity()
    if isinstance(value, dict):
        return {key: _identity(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_identity(entry) for entry in value]
    return value


# Of data or weights, for the card of an export: nobody can tell it from the files.
Licence = Annotated[
    str | None,
    Field(
        description="The licence or terms, best by the identifier of the Hugging Face hub, such as "
        "`apache-2.0`; cards of exports say it. Absent: they say that it is unknown."
    ),
]
DataUse = Annotated[
    str | None,
    Field(
        description="What one must sign or observe who has it, or what was made of it, such as "
        "whom it may be shown; nobody checks it. Cards and evidence packs repeat it."
    ),
]
PatientsOf = Annotated[
    Name | None,
    Field(
        description="Who gave the patients their ids, such as a hospital. The same id in two "
        "sources or datasets is the same patient, unless both name different ones."
    ),
]


def _day(value: Any) -> Any:
    """YAML reads a day as a date; anything that is none is refused."""
    if type(value) is date:
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueError("expected a day such as 2026-01-31") from None


Day = Annotated[str, BeforeValidator(_day)]
PathPattern = Annotated[str, AfterValidator(check_stars)]
Paths = Annotated[
    list[PathPattern],
    Field(
        min_length=1,
        description="Files, relative to the working folder; `*` stands for any characters, `**` "
        "for any folders.",
    ),
]


class Splits(Declared):
    """Shares of patients. A patient's notes are all in one split."""

    train: Share = Field(description="Patients whose notes reach LLMs and training.")
    valid: Share = Field(description="Patients for choosing, such as the best epoch.")
    test: Share = Field(description="Patients for the tables and figures.")
    audit: Share = Field(
        0.0,
        description="Patients whom nothing trains on and nothing is judged by: the control of the "
        "release check. They are taken from `train`; valid and test patients stay who they are.",
    )

    @model_validator(mode="after")
    def _add_up(self) -> "Splits":
        total = self.train + self.valid + self.test + self.audit
        if abs(total - 1) > 1e-9:
            raise ValueError(f"shares must add up to 1, not {total}")
        return self

    def identity(self) -> dict[str, Any]:
        """Without `audit` where there is none, as before there were any."""
        return {
            name: value for name, value in super().identity().items() if name != "audit" or value
        }


class EvaluationNotes(Declared):
    """Held-out notes: which ones."""

    name: Name
    source: str = Field(description="A declared source.")
    category: str | None = Field(None, description="Absent for notes of every category.")
    split: Literal["valid", "test"] = Field("test", description="Whose notes are scored.")
    notes: Positive = Field(description="At most so many notes, in the study's sampling order.")


class Evaluation(EvaluationNotes):
    """Held-out notes on which models are scored, and how."""

    stride: Positive | None = Field(
        None,
        description="A note that is longer than a decoder's context is scored in windows: so many "
        "tokens each after the first, with those before them as context. Absent: half the context.",
    )
    masked_tokens: Positive = Field(
        16,
        description="Of encoders: so many tokens of each note, drawn by the study's seed, are "
        "masked one at a time and predicted.",
    )


class Matching(Declared):
    """Which texts are copies of one another."""

    match: Literal["exact", "near"] = Field(
        "near",
        description="`exact`: the same words in the same order, whatever their case, punctuation "
        "and white space. `near`: also nearly the same words.",
    )
    similarity: float = Field(
        0.8,
        ge=0.6,
        le=1,
        description="With `near`: from which Jaccard index of their sets of words on two texts are "
        "copies.",
    )

    def least(self) -> float | None:
        """The similarity from which on texts are copies; None where the same words are asked."""
        return self.similarity if self.match == "near" else None


class Weights(Declared):
    """Where weights come from: exactly one of `package`, `hub` and `path`."""

    package: str | None = Field(None, description="An installed Python package with the weights.")
    file: str | None = Field(
        None, description="With `package`: the GGUF file or the folder inside it."
    )
    hub: str | None = Field(None, description="A hub id such as `mistralai/Mistral-7B-v0.3`.")
    revision: str | None = Field(None, description="With `hub`: the pinned commit, 40 hex digits.")
    path: str | None = Field(None, description="A local folder with safetensors and a tokenizer.")

    @model_validator(mode="after")
    def _one_origin(self) -> "Weights":
        if sum(value is not None for value in (self.package, self.hub, self.path)) != 1:
            raise ValueError("expected exactly one of 'package', 'hub' and 'path'")
        if self.package and not self.file:
            raise ValueError("'package' needs 'file', the GGUF file or folder inside the package")
        if self.hub and not re.fullmatch(r"[0-9a-f]{40}", self.revision or ""):
            raise ValueError("'hub' needs 'revision', the full commit (40 hex digits)")
        return self


class Thresholds(Declared):
    """From which probability on an example has a label, where it may have several."""

    policy: Literal["fixed", "pooled", "per_label"] = Field(
        "fixed",
        description="`fixed`: 0.5. `pooled`: one for all labels, with the best F1 on the valid "
        "examples. `per_label`: one for each label that has enough of them, the pooled one for the "
        "others.",
    )
    min_positives: Positive = Field(
        10, description="Valid examples that a label needs for a threshold of its own."
    )


class ExampleBudget(Declared):
    """At most so many examples of each split, in the study's sampling order."""

    train: Positive = Field(description="Examples to train on.")
    valid: Positive = Field(description="Examples to choose the best epoch on.")
    test: Positive = Field(description="Examples that the tables report.")
