"""How often rephrases of each LLM, prompt and context have findings, type by type."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from palimpsest.facts.model import TYPES
from palimpsest.reports.figures.base import Drawn, Figure, FigureSpec, Located
from palimpsest.reports.figures.drawing import drawing, legend, legend_height, series_look
from palimpsest.runtime.files import read_table
from palimpsest.runtime.rows import Row

NAMED = ("llm", "prompt", "context")
COLUMNS = (
    "source", *NAMED, "type", "rephrases", "patients", "kept", "changed", "omitted", "added",
    "unread", "unread_rate", "wrong", "rate", "low", "high", "examples",
)  # fmt: skip
FOUND = ("kept", "changed", "omitted", "added")
SHOWN = "share of rephrases with a finding"
TITLE = "share of rephrases and its 95% interval over patients"
ROOM = 0.16  # inches of a type's lane, and of each series in it
OF_SERIES = 0.07


class FidelitySpec(FigureSpec):
    """source: whose passages are rephrased."""

    kind: Literal["fidelity"] = "fidelity"
    source: str

    def draw(self, scores: list[Path], out: Path) -> Drawn:
        rows = [row for path in scores for row in read_table(path, list(COLUMNS)).to_pylist()]
        caption = caption_of(self.source, rows)
        draw_fidelity(rows, caption, out)
        metrics = [
            {
                "model": row["llm"],
                "dataset": f"{row['source']}.{row['prompt']}.{row['context']}",
                "label": row["type"],
                "metric": "wrong_rephrases",
                **{name: row[name] for name in ("low", "high")},
                "value": row["rate"],
            }
            for row in rows
        ]
        return Drawn(rows, metrics, caption, COLUMNS)


class FidelityFigure(Figure):
    """What rephrases kept, changed, left out and added of the facts of their passages.

    Its CSV is the table of all LLMs, prompts and contexts that rephrase a source, type by type.
    """

    kind: Literal["fidelity"] = Field(description="Chooses this form.")
    source: str = Field(description="A declared source that is rephrased.")

    def reads(self, study: Any) -> list[Located]:
        return [("fidelity", {"source": self.source})]

    def specified(self, study: Any) -> FidelitySpec:
        return FidelitySpec(source=self.source)

    def check(self, references: Any) -> None:
        rephrased = {entry.source for entry in references.study.rephrasings}
        references.refers(f"figures.{self.name}.source", self.source, sorted(rephrased))


def series_of(row: Row) -> str:
    """What a rate is of, as the legend has it."""
    context = "" if row["context"] == "none" else f", {row['context']}"
    return f"{row['llm']}, {row['prompt']}{context}"


def caption_of(source: str, rows: list[Row]) -> str:
    """What is shown, how many there were, and what the interval is."""
    counts = {series_of(row): (row["rephrases"], row["patients"]) for row in rows}
    listed = "; ".join(f"{name}: {n:,} of {of:,}" for name, (n, of) in counts.items())
    return (
        f"Rephrases of {source} with a finding, by type: a fact of the passage that is changed or "
        "omitted, or one that is added, by deterministic rules over all kept rephrases. Bars are "
        "95% intervals over patients. What the rules have no word for they do not see. A "
        f"type of which no fact occurs has no mark. Rephrases and patients: {listed}."
    )


def draw_fidelity(rows: list[Row], caption: str, path: Path) -> None:
    """Rates by type, one lane each, a mark and colour for each LLM, prompt and context."""
    met = [row for row in rows if any(row[name] for name in FOUND)]
    kinds = {row["type"] for row in met}
    shown = [kind for kind in ("any", *TYPES) if kind in kinds] or ["any"]
    # A share of facts that are not there would look like none that is wrong.
    drawn = [{**row, "lane": row["type"]} for row in rows if row in met or row["type"] == "any"]
    draw_lanes(drawn, {kind: kind for kind in shown}, caption, path, SHOWN, TITLE)


def draw_lanes(
    rows: list[Row], lanes: dict[str, str], caption: str, path: Path, axis_label: str, title: str
) -> None:
    """Values with their intervals, one lane below the other, a look for each series.

    rows: `lane`, `rate`, `low`, `high` and what a series is named by; NaN where there is none.
    lanes: the labels of those that are shown, by name, in order.
    """
    series, names = list(dict.fromkeys(map(series_of, rows))), list(lanes)
    lane = ROOM + OF_SERIES * len(series)
    with drawing(path, caption, [lane * len(lanes) + 0.5], legend_height(series, title)) as (
        figure,
        (axis,),
    ):
        for index, name in enumerate(series):
            of_it = [row for row in rows if series_of(row) == name and row["lane"] in lanes]
            of_it = [row for row in of_it if row["rate"] == row["rate"]]
            apart = OF_SERIES / lane * (index - (len(series) - 1) / 2)
            ends = [
                [row["rate"] - row["low"] if row["low"] == row["low"] else 0 for row in of_it],
                [row["high"] - row["rate"] if row["high"] == row["high"] else 0 for row in of_it],
            ]
            axis.errorbar(
                [row["rate"] for row in of_it],
                [names.index(row["lane"]) + apart for row in of_it],
                xerr=[[max(0.0, end) for end in side] for side in ends],
                linestyle="none",
                capsize=1.5,
                markersize=3.2,
                elinewidth=0.7,
                capthick=0.7,
                label=name,
                **series_look(index),
            )
        axis.set_yticks(range(len(lanes)), list(lanes.values()))
        axis.set_ylim(len(lanes) - 0.5, -0.5)
        axis.set_xlim(left=0)
        axis.grid(axis="y", color="0.93", linewidth=0.5)
        axis.set_axisbelow(True)
        axis.set_xlabel(axis_label)
        legend(figure, [axis], series, title)
