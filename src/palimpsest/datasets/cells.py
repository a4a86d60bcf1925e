"""Labels as people write them into the cells of tables."""

import ast
import json
import re

from palimpsest.runtime.labels import NONE

NO_LABEL = frozenset({NONE, "null"})  # what stands for no label at all
EMPTY = frozenset({"()", "{}", "set()", "frozenset()"})  # as Python spells them; [] is a list
BRACKETS = {"[": "]", "(": ")", "{": "}"}
# Texts without escapes, with commas between them, or with blanks as in a NumPy array.
QUOTED = re.compile(r"""'[^'\\]*+'|"[^"\\]*+\"""")
LIST = re.compile(rf"[\[({{](\s*+(?:(?:{QUOTED.pattern})(?:\s*+,\s*+|\s++|(?=[\])}}])))*+)[\])}}]")
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

    A list of JSON, of Python or of NumPy, as pandas writes them; or names separated by `;` or `|`;
    an empty cell or `none` says that there is none.
    """
    if cell is None:
        return "missing_labels"
    cell = cell.strip()
    if cell in EMPTY:
        return []
    if cell[:1] == "[" or (cell[:1] in BRACKETS and cell[1:].lstrip()[:1] in ("'", '"')):
        labels = _listed(cell)
        if labels is None:
            return "invalid_labels"
    else:
        labels = cell.replace("|", ";").split(";")
    labels = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    if NONE in map(str.casefold, labels):
        return "invalid_labels" if len(labels) > 1 else []
    return labels


def _listed(cell: str) -> list[str] | None:
    """A list, tuple or set of texts, as a program spells it; None where it is none."""
    found = LIST.fullmatch(cell)
    if found and BRACKETS[cell[0]] == cell[-1]:
        return [one[1:-1] for one in QUOTED.findall(found[1])]
    for read in (json.loads, ast.literal_eval):  # with escapes
        try:
            listed = read(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            continue
        known = isinstance(listed, list) and all(isinstance(label, str) for label in listed)
        return listed if known else None
    return None


def split_named(name: str) -> str | None:
    """The split that a cell names, such as valid by `dev`; None where it names none."""
    return SPLIT_NAMES.get(name.strip().casefold())
