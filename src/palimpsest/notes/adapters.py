"""Which columns of each kind of source become which fields of a note."""

from dataclasses import dataclass, field
from functools import singledispatch

from palimpsest.notes import config

FILE = "<file>"  # instead of a column: the file's name without its ending
MIMIC4_CATEGORIES = {
    "DS": "Discharge summary",
    "RR": "Radiology report",
    "AD": "Discharge summary addendum",
    "AR": "Radiology report addendum",
}


@dataclass(frozen=True)
class NoteMapping:
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

    def source_columns(self) -> list[str]:
        """The columns to read, each once."""
        marks = [self.error_mark] if self.error_mark else []
        named = [*self.columns.values(), *self.only, *marks]
        return [column for column in dict.fromkeys(named) if column != FILE]


@singledispatch
def mapping_of(source: config.AnySource) -> NoteMapping:
    """How the rows of a source, except a generated one, become notes."""
    raise TypeError(f"no columns are known of {type(source).__name__}")


@mapping_of.register
def _(source: config.TableSource | config.DatasetSource) -> NoteMapping:
    columns = source.columns.model_dump(exclude_none=True)
    encoding = getattr(source, "encoding", "utf-8")
    return NoteMapping(columns, source.category, only=source.only, encoding=encoding)


@mapping_of.register
def _(source: config.FolderSource) -> NoteMapping:
    columns = {name: name for name in ("text", "note_id", "patient_id")}
    return NoteMapping(columns, source.category, encoding=source.encoding)


@mapping_of.register
def _(source: config.Mimic3Source) -> NoteMapping:
    """https://mimic.mit.edu/docs/iii/tables/noteevents/; some categories end in a space."""
    columns = {"text": "TEXT", "note_id": "ROW_ID", "patient_id": "SUBJECT_ID"}
    columns |= {"category": "CATEGORY", "date": "CHARTDATE"}
    return NoteMapping(
        columns,
        only={"CATEGORY": source.categories},
        trimmed=True,
        error_mark="ISERROR",
        underscore_masks=source.masks == "underscore",
    )


@mapping_of.register
def _(source: config.Mimic4Source) -> NoteMapping:
    """https://mimic.mit.edu/docs/iv/modules/note/: two tables with the same columns."""
    codes = [code for code, name in MIMIC4_CATEGORIES.items() if name in source.categories]
    columns = {"text": "text", "note_id": "note_id", "patient_id": "subject_id"}
    columns |= {"category": "note_type", "date": "charttime"}
    return NoteMapping(columns, only={"note_type": codes}, categories=MIMIC4_CATEGORIES)


@mapping_of.register
def _(_: config.AsclepiusSource) -> NoteMapping:
    """Columns patient_id, note, question, answer, task: a note may stand with several questions."""
    columns = {"text": "note", "note_id": "patient_id", "patient_id": "patient_id"}
    return NoteMapping(columns, "Discharge summary")


@mapping_of.register
def _(_: config.CaseReportSource) -> NoteMapping:
    """PMC-Patients. Patients of one article share sentences, so they must share a split."""
    columns = {"text": "patient", "note_id": "patient_uid", "patient_id": "PMID"}
    return NoteMapping(columns, "Case report")
