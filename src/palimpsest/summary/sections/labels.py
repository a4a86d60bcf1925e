"""How good labels of LLMs are, and what became of the sentences that they wrote."""

from collections.abc import Iterator
from typing import Any

from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Words, interval, percent, three


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    for entry in catalogue.llm_datasets():
        yield f"{entry.name}.quality.csv", entry.name


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        rows = file.rows()
        if rows and "kappa" in rows[0]:
            parts.append(_silver(file.title, rows))
            if all(row["gold"] == "none" for row in rows):
                parts.append(Words([f"{file.title}: nothing says how often its labels are right."]))
        elif rows:
            parts.append(_bronze(file.title, rows))
    return parts


def _silver(title: str, rows: list[dict[str, str]]) -> Table:
    head = ["stage", "category", "sentences", "compared", "units", "kappa (95% interval)"]
    head += ["precision (95% interval)", "recall (95% interval)"]
    measures = ("kappa", "precision", "recall")
    shown = [
        [
            row["stage"], row["category"], three(row["sentences"]), three(row["compared"]),
            three(row["units"]),
            *(interval(row[one], row[f"{one}_low"], row[f"{one}_high"]) for one in measures),
        ]
        for row in rows
    ]  # fmt: skip
    return Table(
        f"{title}: labels of an LLM against gold", head, shown, {2, 3, 4, 5, 6, 7}
    ).trimmed()


def _bronze(title: str, rows: list[dict[str, str]]) -> Table:
    head = ["category", "asked", "kept", "failed", "confirmed by the check", "distinct pairs"]
    shown = [
        [
            row["category"], three(row["asked"]), three(row["kept"]), three(row["failed"]),
            percent(row["confirmed_share"]), percent(row["distinct_2"]),
        ]
        for row in rows
    ]  # fmt: skip
    return Table(f"{title}: sentences that an LLM wrote", head, shown, {1, 2, 3, 4, 5}).trimmed()


SECTION = Section("labels", "Labels and sentences by LLMs", inputs, draw)
