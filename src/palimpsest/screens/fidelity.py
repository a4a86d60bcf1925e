"""A screen of what an answer makes of the facts of its passage."""

from typing import Literal

from pydantic import Field

from palimpsest.facts.compare import findings
from palimpsest.screens.screen import NAME, Answer, Screen

FindingType = Literal[
    "number", "unit", "dose", "frequency", "date", "duration", "order", "laterality", "negation",
    "uncertainty", "experiencer", "medication", "allergy", "problem", "procedure", "passage",
]  # fmt: skip
Status = Literal["changed", "omitted", "added"]


class Fidelity(Screen):
    """Rejects an answer that changes, omits or adds more than `max` facts of some types.

    Facts are found by rules ([fidelity.md](fidelity.md)): what these cannot see passes.
    """

    name: Literal["fidelity"] = NAME
    types: list[FindingType] = Field(min_length=1, description="Types of findings that count.")
    statuses: list[Status] = Field(
        ["changed", "omitted", "added"],
        min_length=1,
        description="What became of a fact that counts. Without `omitted`, a summary passes.",
    )
    max: int = Field(ge=0, description="With more findings an answer is rejected.")

    def check(self, answer: Answer) -> str | None:
        counted = sum(
            one.type in self.types and one.status in self.statuses
            for one in findings(answer.passage, answer.text)
        )
        return self.name if counted > self.max else None
