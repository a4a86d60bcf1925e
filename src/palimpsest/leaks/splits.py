"""Patients on both sides: who trains anything and is valid or test anywhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.leaks.config import SplitsSpec
from palimpsest.runtime.dataset_tables import dataset_manifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.evaluation_notes import fitting_notes
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.labels import SPLITS
from palimpsest.runtime.rows import Row

COLUMNS = [
    "place", "name", "split", "unit", "units", "examples", "identical_in_train",
    "nearly_identical_in_train",
]  # fmt: skip
PATIENT = "patient"


@dataclass(frozen=True)
class Place:
    """Where patients are.

    kind: source, evaluation or dataset. patients_of: who gave them their ids, or None.
    unit: what the groups are. groups: by split, the different ids. examples: by split, how many
    notes or examples. alike: of a source, by split, its notes that are alike to others in train.
    moved: of a source, patients that identical notes put into another split.
    """

    kind: str
    name: str
    patients_of: str | None
    unit: str
    groups: dict[str, pa.Array]
    examples: dict[str, int]
    alike: dict[str, Row]
    moved: int = 0

    def __str__(self) -> str:
        return f"{self.kind} '{self.name}'"

    def shares_ids(self, other: "Place") -> bool:
        """Whether the same id in both is the same patient."""
        named = {self.patients_of, other.patients_of}
        return self.unit == other.unit == PATIENT and (None in named or len(named) == 1)

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
        table = read_table(path, ["patient_id", "split", "category"])
        of = spec.sources[name]
        moved = manifest["identical_notes"]["moved"]
        counted = _counted(table, "patient_id")
        places.append(
            Place("source", name, of, PATIENT, *counted, manifest["alike_in_train"], moved)
        )
        for evaluation in spec.evaluations:
            if evaluation.source == name:
                counted = _counted(table.filter(fitting_notes(table, evaluation)), "patient_id")
                places.append(Place("evaluation", evaluation.name, of, PATIENT, *counted, {}))
    for path in datasets:
        known = dataset_manifest(path)
        name = _named(path, known.name, spec.datasets)
        counted = _counted(read_table(path, ["group", "split"]), "group")
        places.append(Place("dataset", name, spec.datasets[name], known.unit, *counted, {}))
    return places


def refuse_leaks(places: list[Place]) -> None:
    """Raise UserError when a patient who is train in a place is valid or test in another.

    What is held out in a source and in no evaluation and no dataset is judged by nobody.
    """
    found = []
    for train in places:
        for held in places:
            if train.kind == "evaluation" or held.kind == "source" or not train.shares_ids(held):
                continue
            for split in SPLITS[1:]:
                if split in held.groups and "train" in train.groups:
                    both = pc.is_in(held.groups[split], value_set=train.groups["train"])
                    if count := pc.sum(both).as_py():
                        total = len(held.groups[split])
                        leak = f"{count:,} of the {total:,} {split} patients of {held} "
                        found.append((count, f"{leak}are train in {train}", train, held))
    if not found:
        return
    found.sort(key=lambda leak: -leak[0])
    message = "patients on both sides: " + "; ".join(line for _, line, _, _ in found)
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


def _counted(table: pa.Table, column: str) -> tuple[dict[str, pa.Array], dict[str, int]]:
    """The different values of a column, and the number of rows, by split."""
    groups, examples = {}, {}
    for split in SPLITS:
        ids = table.filter(pc.equal(table["split"], split))[column]
        if len(ids):
            groups[split], examples[split] = pc.unique(ids), len(ids)
    return groups, examples
