"""What datasets of experts declare, whatever their kind: a study's entry, or a task file.

A task file, `config/tasks/NAME.yaml`, is such a declaration without its name, which several studies
share: `{name: ncbi, task: ncbi-disease}` in a study stands for all of it.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from palimpsest.datasets.config import Reading
from palimpsest.formats.schema import Encoding
from palimpsest.runtime.schema import (
    DataUse,
    Declared,
    ExampleBudget,
    Name,
    PathPattern,
    Paths,
    PatientsOf,
)
from palimpsest.text.patterns import check_pattern

OneOrMore = Annotated[
    list[PathPattern] | PathPattern,
    Field(
        description="Files or folders, relative to the working folder; `*` stands for any "
        "characters, `**` for any folders."
    ),
]


class SplitFiles(Declared):
    """The files of each split: an official split is kept."""

    train: OneOrMore
    valid: OneOrMore | None = Field(
        None, description="Files or folders; absent where `valid_share` is given."
    )
    test: OneOrMore
    valid_share: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None,
        description="Without `valid`: so many patients, else documents, of `train` are valid.",
    )

    @model_validator(mode="after")
    def _apart(self) -> "SplitFiles":
        if (self.valid is None) == (self.valid_share is None):
            raise ValueError("expected 'valid', or 'valid_share' where no files are valid")
        named = [path for group in self.groups() for path in group]
        if len(set(named)) < len(named):
            raise ValueError("expected different files in each split: what trains is no evidence")
        return self

    def groups(self) -> list[list[str]]:
        """Paths of train, valid and test."""
        return [listed(self.train), listed(self.valid or []), listed(self.test)]


class ListedFiles(Declared):
    """Files, and lists that say which of their documents each split has."""

    all: OneOrMore
    listed: dict[Literal["train", "valid", "test"], str] = Field(
        min_length=3, description="Files with the name of a document on each line, for each split."
    )

    def groups(self) -> list[list[str]]:
        """Paths of the documents, and of the lists of train, valid and test."""
        lists = [self.listed["train"], self.listed["valid"], self.listed["test"]]
        return [listed(self.all), *([path] for path in lists)]


def listed(paths: list[str] | str) -> list[str]:
    """Several paths, or one."""
    return [paths] if isinstance(paths, str) else list(paths)


def _form(value: Any) -> str:
    if isinstance(value, list):
        return "Paths"
    given = value if isinstance(value, dict) else vars(value) if hasattr(value, "groups") else {}
    return "Listed" if "all" in given or "listed" in given else "Split"


Files = Annotated[
    Annotated[SplitFiles, Tag("Split")]
    | Annotated[ListedFiles, Tag("Listed")]
    | Annotated[Paths, Tag("Paths")],
    Discriminator(_form),
]


class Experts(Declared):
    """What every dataset of experts has."""

    made_by: Literal["experts"] = Field(description="Chooses this form.")
    encoding: Encoding = "utf-8"
    patients_of: PatientsOf = None
    metric: str | None = Field(
        None, description="The first in tables; absent: the first of the kind's metrics."
    )
    licence: str | None = Field(None, description="Of the files.")
    data_use: DataUse = None
    examples: ExampleBudget | None = Field(
        None, description="How many examples are used; absent: all."
    )

    def reading(self) -> Reading:
        """How the files are read."""
        declared = {
            name: getattr(self, name) for name in Reading.model_fields if hasattr(self, name)
        }
        return Reading(**declared)

    def groups(self) -> list[list[str]]:
        """Paths of the files: see `CollectSpec.files`."""
        files = self.files
        return [files] if isinstance(files, list) else files.groups()


class ExpertFiles(Experts):
    """What every dataset has that is read by one of `datasets.formats`."""

    name: Name
    format: str
    files: Files = Field(
        description="Those of each split; or all, and which documents each split has; or only all: "
        "a column says the split, or patients, else documents, are dealt to the study's shares."
    )
    patient: str | None = Field(
        None,
        description="A regular expression (RE2) with one group, which finds the patient's id in "
        "the name of a document. Absent: documents stand for themselves.",
    )
    rename: dict[str, str] = Field({}, description="A label of the files -> its name here.")
    leave_out: list[str] = Field(
        [], description="Labels of the files that are counted and not used. Any other is an error."
    )

    @model_validator(mode="after")
    def _fits(self) -> "ExpertFiles":
        if self.patient is not None:
            check_pattern(self.patient, "patient")
        if both := sorted({*self.rename} & {*self.leave_out}):
            raise ValueError(f"{both} are renamed and left out, expected one of the two")
        columns = getattr(self, "columns", None)
        if columns and columns.split and not isinstance(self.files, list):
            raise ValueError("'columns.split' goes with a list of 'files', which say no split")
        known: list[str] = getattr(self, "labels", [])
        if unknown := sorted({*self.rename.values()} - {*known}):
            raise ValueError(f"'rename' leads to {unknown}, expected some of {known}")
        return self

    @model_validator(mode="after")
    def _knows_options(self) -> "ExpertFiles":
        from palimpsest.datasets.formats import FORMATS, OPTIONS

        known = FORMATS[self.format]
        given = {
            name for name in OPTIONS & self.model_fields_set if getattr(self, name) is not None
        }
        if unused := sorted(given - known.options):
            raise ValueError(f"format '{self.format}' has no use for {unused}")
        if lacking := sorted(known.needs - given):
            raise ValueError(f"format '{self.format}' needs {lacking}")
        return self


class EntityPolicies(Declared):
    """What is done with entities that are not as they should be; all are counted."""

    discontinuous: Literal["error", "hull", "first", "reject"] = Field(
        "error",
        description="Entities with gaps: `hull` takes all from the first character to the last, "
        "`first` the first part, `reject` none.",
    )
    mismatches: Literal["error", "reject"] = Field(
        "error",
        description="Entities that end past the text, or whose text is not what the file says.",
    )


class Overlaps(Declared):
    """What is done with entities that overlap: a tagger gives a word one label."""

    overlaps: Literal["error", "longest", "first", "reject"] = Field(
        "error",
        description="Of entities that overlap `longest` keeps the longest, `first` the one that "
        "starts first, `reject` none.",
    )


class OfTask(Declared):
    """A dataset that a task file declares."""

    name: Name
    task: Name = Field(description="A file under `config/tasks/`.")
    files: Files | None = Field(None, description="Instead of the task file's.")
    examples: ExampleBudget | None = Field(None, description="How many examples are used.")
