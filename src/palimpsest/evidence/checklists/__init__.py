"""Checklists of reporting guidelines, prefilled with what the build knows; the rest stays open."""

import csv
import io
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from palimpsest.evidence.checklists.known_data import KNOWN as OF_DATA
from palimpsest.evidence.checklists.known_data import NotApplicable
from palimpsest.evidence.checklists.known_models import KNOWN as OF_MODELS
from palimpsest.evidence.facts import Facts
from palimpsest.runtime.rows import Row

HERE = Path(__file__).parent
CHECKLISTS = {"tripod-llm": "tripod_llm.yaml", "mi-claim-gen": "mi_claim_gen.yaml"}
KNOWN = {function.__name__: function for function in (*OF_DATA, *OF_MODELS)}
COLUMNS = ["item", "part", "asked", "state", "answer", "left"]
FILLED, DECLARED, NOT_APPLICABLE, OPEN = "filled", "declared", "not applicable", "open"


@cache
def checklist(name: str) -> dict[str, Any]:
    """One of CHECKLISTS: its name, its source, and items with what they ask."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / CHECKLISTS[name]).read_text(encoding="utf-8"))
    return loaded


def items() -> list[str]:
    """Every item that a study may answer, such as `tripod-llm.13`."""
    return [f"{name}.{item['id']}" for name in CHECKLISTS for item in checklist(name)["items"]]


def fill(name: str, facts: Facts) -> list[Row]:
    """The items of a checklist, each as a row of COLUMNS.

    state: `declared` where the study answers it, `filled` by the build, `not applicable` with the
    reason, else `open`. left: what of it only the authors can add.
    """
    rows = []
    for item in checklist(name)["items"]:
        answer, state, left = "", OPEN, ""
        known = KNOWN[item["known"]](facts) if "known" in item else None
        if said := facts.spec.pack.answers.get(f"{name}.{item['id']}"):
            answer, state = " ".join(filter(None, (said, known))), DECLARED
        elif known:
            state = NOT_APPLICABLE if isinstance(known, NotApplicable) else FILLED
            answer, left = str(known), "" if state == NOT_APPLICABLE else item.get("left", "")
        rows.append(
            {"item": item["id"], "part": item["part"], "asked": item["asked"], "state": state}
            | {"answer": answer, "left": left}
        )
    return rows


def as_markdown(name: str, rows: list[Row]) -> str:
    """A filled checklist for people; what is open comes first, by its numbers."""
    declared = checklist(name)
    counts = {state: sum(row["state"] == state for row in rows)
              for state in (FILLED, DECLARED, NOT_APPLICABLE, OPEN)}  # fmt: skip
    lines = [f"# {declared['name']}", "", f"After {declared['source']}; items in short words."]
    lines += ["", ", ".join(f"{count} {state}" for state, count in counts.items()) + "."]
    unanswered = [row["item"] for row in rows if row["state"] == OPEN]
    lines += ["", "Open, for the authors: " + (", ".join(unanswered) or "none") + "."]
    lines += ["Answers stand in the study, under `evidence: answers:`, such as "
              f"`{name}.{(unanswered or ['1'])[0]}: ...`."]  # fmt: skip
    for part in dict.fromkeys(row["part"] for row in rows):
        lines += ["", f"## {part}", "", "| item | asked | state | answer | left to the authors |"]
        lines.append("|---|---|---|---|---|")
        for row in rows:
            if row["part"] == part:
                cells = [row[key] for key in ("item", "asked", "state", "answer", "left")]
                shown = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
                lines.append("| " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def as_csv(rows: list[Row]) -> str:
    """A filled checklist for programs."""
    stream = io.StringIO(newline="")
    table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return stream.getvalue()
