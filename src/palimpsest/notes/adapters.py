"""What the declared kinds of sources have in their columns, brought to one shape."""

from dataclasses import dataclass, field
from typing import Any

FILE = "<file>"  # instead of a column: the file's name without its ending
MIMIC4_CATEGORIES = {
    "DS": "Discharge summary",
    "RR": "Radiology report",
    "AD": "Discharge summary addendum",
    "AR": "Radiology report addendum",
}


@dataclass(frozen=True)
class Shape:
    """How the rows of a source become notes.

    columns: field of a note (text, note_id, patient_id, category, date) -> column.
    category: of all notes, where no column has it.
    only: column -> values that a row must have one of; compared without spaces around them where
    `trimmed`.
    categories: value of the category's column -> category, where they differ.
    error_mark: a column that is `1` in rows that hold an error.
    underscore_masks: whether `[**...**]` becomes `___`.
    """

    columns: dict[str, str]
    category: str | None = None
    only: dict[str, list[str]] = field(default_factory=dict)
    trimmed: bool = False
    categories: dict[str, str] = field(default_factory=dict)
    error_mark: str | None = None
    underscore_masks: bool = False
    encoding: str = "utf-8"

    def wanted(self) -> list[str]:
        """The columns to read, each once."""
        marks = [self.error_mark] if self.error_mark else []
        named = [*self.columns.values(), *self.only, *marks]
        return [column for column in dict.fromkeys(named) if column != FILE]


def shape_of(source: dict[str, Any]) -> Shape:
    """The shape of a declared source, except a generated one."""
    return SHAPES[source["kind"]](source)


def _declared(source: dict[str, Any]) -> Shape:
    columns = {key: name for key, name in source["columns"].items() if name is not None}
    encoding = source.get("encoding", "utf-8")
    return Shape(columns, source["category"], only=source["only"], encoding=encoding)


def _folder(source: dict[str, Any]) -> Shape:
    columns = {name: name for name in ("text", "note_id", "patient_id")}
    return Shape(columns, source["category"], encoding=source["encoding"])


def _mimic3(source: dict[str, Any]) -> Shape:
    """https://mimic.mit.edu/docs/iii/tables/noteevents/; some categories end in a space."""
    return Shape(
        {
            "text": "TEXT",
            "note_id": "ROW_ID",
            "patient_id": "SUBJECT_ID",
            "category": "CATEGORY",
            "date": "CHARTDATE",
        },
        only={"CATEGORY": source["categories"]},
        trimmed=True,
        error_mark="ISERROR",
        underscore_masks=source["masks"] == "underscore",
    )


def _mimic4(source: dict[str, Any]) -> Shape:
    """https://mimic.mit.edu/docs/iv/modules/note/: two tables with the same columns."""
    codes = [code for code, name in MIMIC4_CATEGORIES.items() if name in source["categories"]]
    return Shape(
        {
            "text": "text",
            "note_id": "note_id",
            "patient_id": "subject_id",
            "category": "note_type",
            "date": "charttime",
        },
        only={"note_type": codes},
        categories=MIMIC4_CATEGORIES,
    )


def _asclepius(source: dict[str, Any]) -> Shape:
    """Columns patient_id, note, question, answer, task: a note may stand with several questions."""
    columns = {"text": "note", "note_id": "patient_id", "patient_id": "patient_id"}
    return Shape(columns, "Discharge summary")


def _case_reports(source: dict[str, Any]) -> Shape:
    """PMC-Patients. Patients of one article share sentences, so they must share a split."""
    columns = {"text": "patient", "note_id": "patient_uid", "patient_id": "PMID"}
    return Shape(columns, "Case report")


SHAPES = {
    "table": _declared,
    "dataset": _declared,
    "folder": _folder,
    "mimic3": _mimic3,
    "mimic4": _mimic4,
    "asclepius": _asclepius,
    "case-reports": _case_reports,
}
