"""Patients by split."""

from collections.abc import Iterator
from typing import Any

from palimpsest.pages.wording import listed
from palimpsest.runtime.rows import Row
from palimpsest.summary.content import File, Part, Section, Table, Words, three


def inputs(catalogue: Any) -> Iterator[tuple[str, str]]:
    yield "splits.csv", "splits"


def draw(files: list[File], facts: Row) -> list[Part]:
    parts: list[Part] = []
    for file in files:
        rows = file.rows()
        shown = [
            [row["name"], row["split"], f"{three(row['units'])} {row['unit']}s",
             three(row["examples"]), row["place"]] for row in rows
        ]  # fmt: skip
        head = ["name", "split", "units", "notes or examples", "what"]
        parts.append(Table("Who is in which split", head, shown, {2, 3}).trimmed())
        told = ["No patient who trains anything is in a valid or test set: this is checked."]
        used = facts.get("used", [row["name"] for row in rows])
        idle = [row["name"] for row in rows if row["place"] != "evaluation"]
        idle = [name for name in dict.fromkeys(idle) if name not in used]
        if idle:
            verb = "is" if len(idle) == 1 else "are"
            told.append(
                f"Nothing else on this page is of {listed(idle)}, which {verb} of the study, for "
                "what is not shown here."
            )
        parts.append(Words(told))
    return parts


SECTION = Section("data", "Patients in each split", inputs, draw)
