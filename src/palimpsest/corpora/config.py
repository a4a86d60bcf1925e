"""Corpora as a study declares them: parts with token budgets."""

from itertools import accumulate
from typing import Any

from pydantic import Field, model_validator

from palimpsest.corpora.parts import Part
from palimpsest.runtime.schema import Declared, EvaluationNotes, Matching, Name, Positive


class Corpus(Declared):
    """A named list of parts with token budgets.

    An entry with `matrix` stands for several corpora.
    """

    name: Name
    tokens: Positive | None = Field(
        None, description="Budget of the whole, for parts with a `ratio` each."
    )
    parts: list[Part] = Field(min_length=1, description="What it is mixed from.")
    deduplicate: Matching | None = Field(
        None,
        description="Which documents are copies of others; of these the first is taken, in the "
        "order of the parts, then of the passages. Absent to take all.",
    )
    decontaminate: bool = Field(
        False,
        description="Whether documents are left out that have 13 words in a row of a note of an "
        "evaluation, or of a valid or test example of a dataset.",
    )

    @model_validator(mode="after")
    def _budgeted(self) -> "Corpus":
        by_ratio = [part.ratio is not None for part in self.parts]
        if self.tokens is None and any(by_ratio):
            raise ValueError("parts with 'ratio' need 'tokens' of the corpus")
        if self.tokens is not None and not all(by_ratio):
            raise ValueError("a corpus with 'tokens' needs parts with 'ratio', and no other")
        if not all(self.budgets()):
            raise ValueError(f"'tokens' are too few for {len(self.parts)} parts of these ratios")
        return self

    def budgets(self) -> list[int]:
        """Tokens of each part; those by ratio add up to the tokens of the corpus."""
        if self.tokens is None:
            return [part.tokens or 0 for part in self.parts]
        sums = [0.0, *accumulate(part.ratio or 0.0 for part in self.parts)]
        edges = [round(self.tokens * part / sums[-1]) for part in sums]
        return [end - begin for begin, end in zip(edges, edges[1:], strict=False)]

    def scaled(self, tokens: int) -> "Corpus":
        """The corpus NAME-TOKENS of another size, with the same parts in proportion."""
        parts = [
            part.model_copy(update={"tokens": None, "ratio": float(budget)})
            for part, budget in zip(self.parts, self.budgets(), strict=True)
        ]
        name = f"{self.name}-{tokens}"
        return Corpus(**{**dict(self), "name": name, "tokens": tokens, "parts": parts})


class Matrix(Declared):
    """An entry of `corpora` that stands for several: one for each combination of some values.

    `{KEY}` in any text of the entry stands for the value. Every key must stand in `name`, or two
    corpora would have one name.
    """

    name: str = Field(description="Their names, with each key in braces: `{llm}-{prompt}`.")
    matrix: dict[Name, list[str | int] | dict[Name, str | int]] = Field(
        min_length=1,
        description="Keys and their values. A list of values; or a map from what stands in `name` "
        "to the value that stands elsewhere.",
    )
    tokens: int | str | None = Field(None, description="As of a corpus.")
    parts: list[dict[str, Any]] = Field(min_length=1, description="As of a corpus.")
    deduplicate: dict[str, Any] | None = Field(None, description="As of a corpus.")
    decontaminate: bool | str = Field(False, description="As of a corpus.")


class CorpusSpec(Declared):
    """What a corpus depends on besides its tables. seed: of the sampling order.

    evaluations: of the study, where what is judged is left out.
    """

    corpus: Corpus
    evaluations: list[EvaluationNotes] = []
    seed: int
