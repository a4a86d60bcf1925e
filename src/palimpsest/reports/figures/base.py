"""What kinds of figures have in common: how one is declared, and what drawing it gives."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import Declared, Name

Located = tuple[str, dict[str, str | int]]  # a room below the results, and wildcards
COLUMNS = [
    "panel",  # an evaluation, or what an experiment is judged on
    "metric",
    "series",  # what has one look in the legend
    "role",  # what the row is: see docs/outputs.md
    "x",  # where it is drawn
    "corpus",
    "seed",  # of a single run: that of the training on the corpus, else of the fine-tuning
    "value",
    "low",
    "high",
    "seeds",  # runs that the value is a mean of
    "units",  # patients, or what else was resampled
    "p_holm",  # of what compares: the p-value, corrected for how many there are in the panel
]


@dataclass(frozen=True)
class Drawn:
    """A drawn figure.

    rows: all that is drawn, by `columns`. metrics: the numbers behind it (`reports.tidy.COLUMNS`).
    caption: what it shows, what varied, how many there were, what the interval is.
    """

    rows: list[Row]
    metrics: list[Row]
    caption: str
    columns: Sequence[str] = tuple(COLUMNS)

    def csv(self) -> str:
        """The rows as CSV; what a row does not have stays empty."""
        import pandas as pd  # only here: it is slow to load, and planning draws nothing

        table = pd.DataFrame(self.rows).reindex(columns=list(self.columns))
        for counted in {"seed", "seeds", "units"}.intersection(self.columns):
            table[counted] = table[counted].astype("Int64")
        return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


class FigureSpec(Declared):
    """What a figure depends on besides the scores that it reads. `kind` chooses who draws it."""

    @abstractmethod
    def draw(self, scores: list[Path], out: Path) -> Drawn:
        """Draw to `out`, an SVG file, and to the PNG file beside it.

        scores: tables of scores; the `wildcards` of its manifest say of what each is. The files are
        the same bytes for the same numbers. Raises UserError when scores are missing or damaged.
        """


class Figure(Declared):
    """A kind of figure as a study declares it.

    study: a `study.catalogue.Catalogue`, which this room does not import.
    """

    name: Name

    @abstractmethod
    def reads(self, study: Any) -> list[Located]:
        """The tables that it reads: their room below the results, and their wildcards."""

    @abstractmethod
    def specified(self, study: Any) -> FigureSpec:
        """What it depends on besides these."""

    @abstractmethod
    def check(self, references: Any) -> None:
        """Add to a `study.references.References` what is not declared, or does not fit."""

    def models(self) -> set[str]:
        """The model files that it names."""
        return set()

    def expanded(self, study: Any) -> dict[str, list[Any]]:
        """Entries of a `study.schema.Study` that it stands for besides itself, by their lists."""
        return {}
