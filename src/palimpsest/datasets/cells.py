"""Labels as people write them into the cells of tables."""

import ast
import json

from palimpsest.runtime.labels import NONE

NO_LABEL = frozenset({NONE, "null"})  # what stands for no label at all
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "devel": "valid",
    "development": "valid",
    "test": "test",
    "testing": "test",
}


def labels_in(cell: str | None) -> list[str] | str:
    """The labels in a cell, each once, or the reason why they cannot be read.

    A list of JSON or of Python, as pandas writes it, or names separated by `;` or `|`; an empty
    cell or `none` says that there is none.
    """
    if cell is None:
        return "missing_labels"
    cell = cell.strip()
    if cell.startswith("["):
        labels = _listed(cell)
        if labels is None:
            return "invalid_labels"
    else:
        labels = cell.replace("|", ";").split(";")
    labels = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    if NONE in labels:
        return "invalid_labels" if len(labels) > 1 else []
    return labels


def _listed(cell: str) -> list[str] | None:
    """A list of texts, as JSON or Python spells it; None where it is none."""
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        known = isinstance(found, list) and all(isinstance(label, str) for label in found)
        return found if known else None
    return None


def split_named(name: str) -> str | None:
    """The split that a cell names, such as valid by `dev`; None where it names none."""
    return SPLIT_NAMES.get(name.strip().casefold())
