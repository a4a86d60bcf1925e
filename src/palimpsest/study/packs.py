"""What evidence packs name must be declared, and be an item of a checklist."""

from typing import Any

from palimpsest.evidence.checklists import items


def check_evidence(references: Any) -> None:
    """Add what is wrong with a study's packs. references: a `study.references.References`."""
    packs = references.study.evidence
    references.unique("evidence", [entry.name for entry in packs])
    for entry in packs:
        where = f"evidence.{entry.name}"
        references.unique(f"{where}.corpora", entry.corpora)
        for name in entry.corpora:
            references.refers(f"{where}.corpora", name, references.corpora)
        for item in entry.answers:
            references.refers(f"{where}.answers", item, items())
