"""The sources of notes that a study may declare: kind, files, columns and filters."""

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationError, model_validator

from palimpsest.formats.schema import Encoding
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.schema import (
    DataUse,
    Declared,
    Licence,
    Matching,
    Name,
    PathPattern,
    Paths,
    PatientsOf,
    Positive,
    Splits,
)
from palimpsest.text.patterns import check_pattern

FOLDER_PATIENTS = ("file", "folder")  # what else stands there is a regular expression


Only = Annotated[
    dict[str, Annotated[list[str], Field(min_length=1)]],
    Field(
        description='Column -> values: other rows are rejected as `filtered`. `""` is an empty '
        "cell."
    ),
]


class AnySource(Declared):
    """What every source has."""

    # Files are a job's inputs, and the splits of a job may be the study's.
    outside_identity: ClassVar[frozenset[str]] = frozenset(
        {"paths", "path", "splits", "patients_of", "licence", "data_use"}
    )

    name: Name
    shards: Positive = Field(1, le=10_000, description="Pieces that are worked on in parallel.")
    splits: Splits | None = Field(None, description="Instead of the study's.")
    licence: Licence = None
    data_use: DataUse = None
    canaries: int = Field(
        0,
        ge=0,
        le=100_000,
        description="So many synthetic patients are planted among the training patients, for the "
        "release check. 0 takes them out again.",
    )

    def identity(self) -> dict[str, Any]:
        """Without `canaries` where there are none, as before there were any."""
        return {
            name: value for name, value in super().identity().items() if name != "canaries" or value
        }


class GeneratedSource(AnySource):
    """Notes that the project writes itself, with gold labels."""

    kind: Literal["generated"] = Field(description="Chooses this form.")
    patients: Positive = Field(description="Patients to write notes of.")
    noise: float = Field(
        0.02, ge=0, le=0.4, description="Share of words that a slip of the writer touches."
    )


class GeneratedCaseReports(AnySource):
    """Case reports that the project writes itself, of patients whom no other source has."""

    kind: Literal["generated-case-reports"] = Field(description="Chooses this form.")
    patients: Positive = Field(description="Patients to write a report of.")


class AnyReadSource(AnySource):
    """What every source has that is read, and not generated."""

    identical_notes: Literal["one_split", "counted"] = Field(
        "one_split",
        description="`one_split`: patients who have a note of the same words, 20 or more, are in "
        "one split. `counted`: each is where the hash of the id says; for notes written from "
        "templates.",
    )
    patients_of: PatientsOf = None


class Columns(Declared):
    """Which column of a table holds what."""

    text: str = Field(description="The note itself.")
    note_id: str = Field(
        description="Unique over all files of the source. `<file>` is the file's name without its "
        "ending, where each file holds one note."
    )
    patient_id: str = Field(description="What the split goes by; `<file>` as for `note_id`.")
    category: str | None = Field(None, description="Absent when all notes are of one category.")
    date: str | None = Field(None, description="Kept as it stands.")


class Tabular(AnyReadSource):
    """Rows whose columns the study names."""

    columns: Columns = Field(description="Which column holds what.")
    category: str | None = Field(None, description="The category of all notes, without a column.")
    only: Only = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_category(self) -> "Tabular":
        if (self.columns.category is None) == (self.category is None):
            raise ValueError("expected either 'columns.category' or 'category'")
        return self


class TableSource(Tabular):
    """Notes in CSV, TSV, JSON Lines, JSON or Parquet files, plain, .gz or .zst."""

    kind: Literal["table"] = Field(description="Chooses this form.")
    paths: Paths
    encoding: Encoding = "utf-8"


class FolderSource(AnyReadSource):
    """Text files, one note each; a note's id is the file's path below the folder, without .txt."""

    kind: Literal["folder"] = Field(description="Chooses this form.")
    paths: list[PathPattern] = Field(
        min_length=1, description="Folders; all .txt files below them count."
    )
    patient_id: str = Field(
        description="`file`: each file has a patient of its own. `folder`: the first folder below "
        "the path. Otherwise a regular expression (RE2) with one group, which finds the patient's "
        "id in the file's path below the folder."
    )
    category: str = Field(description="The category of all notes.")
    encoding: Encoding = "utf-8"

    @model_validator(mode="after")
    def _finds_patients(self) -> "FolderSource":
        if self.patient_id not in FOLDER_PATIENTS:
            check_pattern(self.patient_id, "patient_id")
        return self


class Mimic3Source(AnyReadSource):
    """NOTEEVENTS of MIMIC-III, as PhysioNet distributes it."""

    kind: Literal["mimic3"] = Field(description="Chooses this form.")
    paths: Paths
    patients_of: PatientsOf = "mimic-iii"
    categories: list[str] = Field(
        ["Discharge summary"],
        min_length=1,
        description="Values of CATEGORY, without the spaces around some of them; other rows are "
        "rejected as `filtered`.",
    )
    masks: Literal["keep", "underscore"] = Field(
        "keep",
        description="What becomes of `[**...**]`, which stands for what was removed: `underscore` "
        "writes `___`, as MIMIC-IV does.",
    )


class Mimic4Source(AnyReadSource):
    """The discharge and radiology tables of MIMIC-IV-Note, as PhysioNet distributes them."""

    kind: Literal["mimic4"] = Field(description="Chooses this form.")
    paths: Paths
    patients_of: PatientsOf = "mimic-iv"
    categories: list[
        Literal[
            "Discharge summary",
            "Radiology report",
            "Discharge summary addendum",
            "Radiology report addendum",
        ]
    ] = Field(
        ["Discharge summary", "Radiology report"],
        min_length=1,
        description="By note_type; other rows are rejected as `filtered`.",
    )


class AsclepiusSource(AnyReadSource):
    """Asclepius-Synthetic-Clinical-Notes, as its authors distribute it."""

    kind: Literal["asclepius"] = Field(description="Chooses this form.")
    paths: Paths
    patients_of: PatientsOf = "asclepius"


class CaseReportSource(AnyReadSource):
    """PMC-Patients, as its authors distribute it. All patients of an article are in one split."""

    kind: Literal["case-reports"] = Field(description="Chooses this form.")
    paths: Paths
    patients_of: PatientsOf = "pubmed"


class DatasetSource(Tabular):
    """A data set of the `datasets` library: a saved folder, or a hub id at a pinned revision."""

    kind: Literal["dataset"] = Field(description="Chooses this form.")
    path: str | None = Field(None, description="A folder that `save_to_disk` wrote.")
    hub: str | None = Field(
        None, description="Or a hub id. Without `network: true` it must be in the local hub cache."
    )
    revision: str | None = Field(None, description="With `hub`: the pinned commit, 40 hex digits.")
    config: str | None = Field(None, description="With `hub`: one of several configurations.")
    parts: list[str] | None = Field(
        None, min_length=1, description="Such as `train`; absent for all."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> "DatasetSource":
        if (self.path is None) == (self.hub is None):
            raise ValueError("expected either 'path' or 'hub'")
        if self.hub and not re.fullmatch(r"[0-9a-f]{40}", self.revision or ""):
            raise ValueError("'hub' needs 'revision', the full commit (40 hex digits)")
        if self.path and (self.revision or self.config):
            raise ValueError("'revision' and 'config' go with 'hub', not with 'path'")
        return self

    @property
    def origin(self) -> str:
        """The folder or the hub id."""
        return self.path or self.hub or ""


PublishedSource = Mimic3Source | Mimic4Source | AsclepiusSource | CaseReportSource
PathsSource = TableSource | FolderSource | PublishedSource
ReadSource = PathsSource | DatasetSource
WrittenSource = GeneratedSource | GeneratedCaseReports  # by the generator
Source = Annotated[WrittenSource | ReadSource, Field(discriminator="kind")]


class NotesSpec(Declared):
    """What a table of notes is made from, besides the source's files."""

    source: Source
    splits: Splits
    seed: int
    vocabularies: dict[str, str] = {}  # packages that generated notes take words from: versions
    files_digest: str = ""  # of the source's files, which are outside the results

    @classmethod
    def with_files(cls, identity: dict[str, Any], files: list[str]) -> "NotesSpec":
        """The specification that has an identity, with the files that a job was given.

        files: in the order of the study; the folders of a `folder` source; the folder of a saved
        data set; none for one of the hub. Raises UserError when the two do not go together.
        """
        source = dict(identity["source"])
        if source.get("kind") == "dataset":
            source["path"] = files[0] if files else None
        else:
            source["paths"] = files
        try:
            return cls.model_validate({**identity, "source": source})
        except ValidationError as error:
            found = error.errors()[0]
            raise UserError(f"{'.'.join(map(str, found['loc']))}: {found['msg']}") from error


class Duplicates(Matching):
    """Notes of the same or nearly the same words, over all sources, and what becomes of them."""

    handling: Literal["dropped", "one_split"] = Field(
        description="`dropped`: of notes that are copies of one another one is kept, in test "
        "before valid before train, then in the first source. `one_split`: patients whose notes "
        "are copies are in one split; sources whose `identical_notes` are `counted`, and generated "
        "ones, join nobody."
    )


class SourceOfDuplicates(Declared):
    """What is asked of a source. joins: whether its patients may be put into another split."""

    name: str
    patients_of: str | None
    splits: Splits
    joins: bool


class DuplicatesSpec(Declared):
    """What is decided of duplicates depends on, besides the notes.

    similarity: None for the same words alone. handling: None to count them only.
    """

    sources: list[SourceOfDuplicates]
    similarity: float | None
    handling: Literal["dropped", "one_split"] | None
    seed: int
