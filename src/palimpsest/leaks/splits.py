"""Patients on both sides: who trains anything and is valid or test anywhere; and their notes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.leaks.config import SplitsSpec
from palimpsest.runtime.dataset_tables import dataset_manifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.evaluation_notes import fitting_notes
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.labels import AUDIT, NOTE_SPLITS
from palimpsest.runtime.rows import Row

COLUMNS = [
    "place", "name", "split", "unit", "units", "examples", "identical_in_train",
    "nearly_identical_in_train",
]  # fmt: skip
PATIENT, NOTE = "patient", "note"
Ids = dict[str, pa.Array]  # the different ids, by split


@dataclass(frozen=True)
class Place:
    """Where patients are.

    kind: source, evaluation or dataset. patients_of: who gave them their ids, or None.
    unit: what the groups are. groups: by split, the different ids. examples: by split, how many
    notes or examples. alike: of a source, by split, its notes that are alike to others in train.
    moved: of a source, patients that identical notes put into another split. notes: the ids of
    notes, by which a place is compared with one that names no patients.
    """

    kind: str
    name: str
    patients_of: str | None
    unit: str
    groups: Ids
    examples: dict[str, int]
    alike: dict[str, Row]
    moved: int = 0
    notes: Ids = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} '{self.name}'"

    def compared_by(self, other: "Place") -> str | None:
        """What has the same id in both where it is the same: patients, else notes, else nothing."""
        named = {self.patients_of, other.patients_of}
        if None not in named and len(named) > 1:
            return None
        if self.unit == other.unit == PATIENT:
            return PATIENT
        return NOTE if {self.unit, other.unit} in ({NOTE}, {NOTE, PATIENT}) else None

    def ids(self, unit: str) -> Ids:
        """The ids of patients or of notes, by split."""
        return self.groups if unit == self.unit else self.notes

    def rows(self) -> Iterator[Row]:
        """A row of the table for each split."""
        for split, groups in self.groups.items():
            alike = self.alike.get(split, {})
            yield dict(
                zip(
                    COLUMNS,
                    (self.kind, self.name, split, self.unit, len(groups), self.examples[split])
                    + (alike.get("identical"), alike.get("nearly_identical")),
                    strict=True,
                )
            )


def places_of(notes: Iterable[Path], datasets: Iterable[Path], spec: SplitsSpec) -> list[Place]:
    """The sources, the evaluations on them, and the datasets, of some tables.

    Raises UserError when a table is damaged, or is none of those that the specification names.
    """
    places: list[Place] = []
    for path in notes:
        manifest = read_manifest(path, "wildcards", "alike_in_train", "identical_notes")
        name = _named(path, manifest["wildcards"].get("source"), spec.sources)
        table = read_table(path, ["note_id", "patient_id", "split", "category"])
        of = spec.sources[name]
        moved = manifest["identical_notes"]["moved"]
        counted = _counted(table, "patient_id")
        places.append(
            Place(
                "source", name, of, PATIENT, *counted, manifest["alike_in_train"], moved,
                _ids(table, "note_id"),
            )
        )  # fmt: skip
        for evaluation in spec.evaluations:
            if evaluation.source == name:
                fitting = table.filter(fitting_notes(table, evaluation))
                counted, ids = _counted(fitting, "patient_id"), _ids(fitting, "note_id")
                places.append(
                    Place("evaluation", evaluation.name, of, PATIENT, *counted, {}, notes=ids)
                )
    for path in datasets:
        known = dataset_manifest(path)
        name = _named(path, known.name, spec.datasets)
        table = read_table(path, ["group", "split", "note_id"])
        counted, ids = _counted(table, "group"), _ids(table, "note_id")
        of = spec.datasets[name]
        places.append(Place("dataset", name, of, known.unit, *counted, {}, notes=ids))
    return places


def refuse_leaks(places: list[Place]) -> None:
    """Raise UserError when a patient who is train in a place is valid or test in another.

    Or a note is, where one of the two names no patients but notes. What is valid or test in a
    source and in no evaluation and no dataset is judged by nobody; what is audit is so itself.
    """
    found, units = [], set()
    for train in places:
        for held in places:
            unit = train.compared_by(held)
            if train.kind == "evaluation" or unit is None:
                continue
            trained, judged = train.ids(unit), held.ids(unit)
            for split in NOTE_SPLITS[1:]:
                # What is held out in a source is judged elsewhere or nowhere; its audit is its own.
                if held.kind == "source" and split != AUDIT:
                    continue
                if split in judged and "train" in trained:
                    both = pc.is_in(judged[split], value_set=trained["train"])
                    if count := pc.sum(both).as_py():
                        total = len(judged[split])
                        leak = f"{count:,} of the {total:,} {split} {unit}s of {held} "
                        found.append((count, f"{leak}are train in {train}", train, held))
                        units.add(f"{unit}s")
    if not found:
        return
    found.sort(key=lambda leak: -leak[0])
    message = f"{' and '.join(sorted(units, reverse=True))} on both sides: " + "; ".join(
        line for _, line, _, _ in found
    )
    message += (
        ". Give both the same `splits`, leave out a file's column `split` so that patients are "
        "dealt alike, or take these patients out of one. If equal ids are different people, say "
        "so by `patients_of`"
    )
    joined = {str(place): place for _, _, *both in found for place in both if place.moved}
    for place in joined.values():
        message += (
            f". In {place}, identical notes put {place.moved:,} patients into another split: see "
            "`identical_notes`"
        )
    raise UserError(f"{message} (docs/sources.md)")


def _named(path: Path, name: str | None, known: Iterable[str]) -> str:
    if name is None or name not in known:
        raise UserError(f"{path}: is of {name!r}, expected one of {sorted(known)}")
    return name


def _ids(table: pa.Table, column: str) -> Ids:
    """The different values of a column, by split."""
    return {
        split: pc.unique(pc.drop_null(ids))
        for split in NOTE_SPLITS
        if len(ids := table.filter(pc.equal(table["split"], split))[column])
    }


def _counted(table: pa.Table, column: str) -> tuple[dict[str, pa.Array], dict[str, int]]:
    """The different values of a column, and the number of rows, by split."""
    groups, examples = {}, {}
    for split in NOTE_SPLITS:
        ids = table.filter(pc.equal(table["split"], split))[column]
        if len(ids):
            groups[split], examples[split] = pc.unique(ids), len(ids)
    return groups, examples
