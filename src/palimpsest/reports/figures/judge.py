"""What a judge says of rephrases, corrected for what it misses and for its false alarms."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from palimpsest.reports.figures.base import Drawn, Figure, FigureSpec, Located
from palimpsest.reports.figures.fidelity import draw_lanes, series_of
from palimpsest.runtime.files import read_table
from palimpsest.runtime.rows import Row

NAMED = ("source", "llm", "prompt", "context")
COLUMNS = (
    *NAMED, "claim", "rephrases", "patients", "judged", "rate", "rate_low", "rate_high",
    "planted", "found", "recall", "noticed", "faithful", "alarms", "false_alarms",
    "corrected", "corrected_low", "corrected_high", "rules", "kappa", "kappa_low", "kappa_high",
)  # fmt: skip
SHOWN = "share of rephrases, corrected"
TITLE = "corrected share of rephrases with such a claim, and its 95% interval"


class JudgeFigureSpec(FigureSpec):
    """judge: whose table is drawn."""

    kind: Literal["judge"] = "judge"
    judge: str

    def draw(self, scores: list[Path], out: Path) -> Drawn:
        rows = [row for path in scores for row in read_table(path, list(COLUMNS)).to_pylist()]
        caption = caption_of(self.judge, rows)
        draw_judge(rows, caption, out)
        metrics = [
            {
                "model": row["llm"],
                "dataset": f"{row['source']}.{row['prompt']}.{row['context']}",
                "label": row["claim"],
                "metric": f"judged_{name}" if name == "rate" else name,
                "value": row[name],
                **{end: row[f"{name}_{end}"] for end in ("low", "high")},
            }
            for row in rows
            for name in ("rate", "corrected")
        ]
        return Drawn(rows, metrics, caption, COLUMNS)


class JudgeFigure(Figure):
    """What a judge says of rephrases, beside its recall and false alarms on planted errors.

    Its CSV is the table of all LLMs, prompts and contexts that rephrase the judge's source.
    """

    kind: Literal["judge"] = Field(description="Chooses this form.")
    judge: str = Field(description="A declared judge.")

    def reads(self, study: Any) -> list[Located]:
        return [("judge", {"judge": self.judge})]

    def specified(self, study: Any) -> JudgeFigureSpec:
        return JudgeFigureSpec(judge=self.judge)

    def check(self, references: Any) -> None:
        judges = [entry.name for entry in references.study.judges]
        references.refers(f"figures.{self.name}.judge", self.judge, judges)


def caption_of(judge: str, rows: list[Row]) -> str:
    """What is shown, how many there were, and how well the judge did where the truth is known."""
    counts = {series_of(row): (row["rephrases"], row["patients"]) for row in rows}
    listed = "; ".join(f"{name}: {n:,} of {of:,}" for name, (n, of) in counts.items())
    known = {row["claim"]: row for row in rows}
    did = "; ".join(
        f"{claim}: {row['found']} of {row['planted']} found, {row['alarms']} of {row['faithful']}"
        for claim, row in known.items()
        if row["planted"]
    )
    return (
        f"Rephrases of which the judge {judge} claims an error, by type, corrected for its recall "
        "and its false alarms on known pairs (Rogan & Gladen 1978), with Lang & Reiczigel's 95% "
        "interval over patients. Known pairs are passages that rules reworded and into which they "
        "planted errors; an LLM's own errors may be harder to find. Planted errors found, and "
        f"faithful pairs with such a claim: {did or 'none'}. Types without planted errors have no "
        f"corrected rate. Rephrases and patients: {listed or 'none'}."
    )


def draw_judge(rows: list[Row], caption: str, path: Path) -> None:
    """Corrected rates by claim, each with the judge's recall."""
    lanes = {
        row["claim"]: f"{row['claim']} ({row['found']}/{row['planted']})"
        for row in rows
        if row["planted"]
    } or {"any": "any"}
    drawn = [
        {
            **row,
            "lane": row["claim"],
            "rate": max(0.0, row["corrected"]),  # one below 0 is drawn there; the CSV has it
            **{end: row[f"corrected_{end}"] for end in ("low", "high")},
        }
        for row in rows
    ]
    draw_lanes(drawn, lanes, caption, path, SHOWN, TITLE)
