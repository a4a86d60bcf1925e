"""How notes are cut into passages, as a study declares it."""

from typing import Literal

from pydantic import Field, model_validator

from palimpsest.runtime.schema import Declared, Positive


class PassagesSpec(Declared):
    """How notes are cut, whatever counts the tokens."""

    max_tokens: Positive = Field(300, description="Longest passage.")
    min_tokens: Positive = Field(
        8, description="A shorter one is merged with a neighbour, or skipped as `near_empty`."
    )
    tables: Literal["keep", "skip"] = Field(
        "keep", description="Tables of results: kept whole or cut between rows, or left out."
    )
    medication_lists: Literal["keep", "skip"] = Field(
        "keep", description="Lists of drugs and doses: as tables."
    )

    @model_validator(mode="after")
    def _room(self) -> "PassagesSpec":
        if self.min_tokens > self.max_tokens:
            raise ValueError(
                f"min_tokens {self.min_tokens} is more than max_tokens {self.max_tokens}; "
                "expected at most as many"
            )
        return self


class Passages(PassagesSpec):
    """How notes are cut."""

    tokenizer: str = Field(
        description="An LLM or encoder whose tokenizer counts the tokens of passages and budgets."
    )
