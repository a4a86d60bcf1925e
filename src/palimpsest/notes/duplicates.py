"""Duplicates: notes of the same or nearly the same words, over all sources of a study.

A text that is in train and in test makes a test of memory, whatever it is called in either place
(Lee et al. 2022, arXiv 2107.06499). They are found before anything is made of the notes: one note
of a group may be kept, or the patients of a group be put into one split.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from palimpsest.notes.config import DuplicatesSpec, SourceOfDuplicates
from palimpsest.runtime.files import read_batches
from palimpsest.runtime.identity import keyed_hash
from palimpsest.runtime.labels import NOTE_SPLITS, SPLITS
from palimpsest.runtime.rows import Row
from palimpsest.runtime.sampling import sampling_key, split_at, split_share
from palimpsest.text.copies import Copies, find_copies, keep_distinct

DUPLICATES = pa.schema(
    [
        ("source", pa.string()),
        ("note_id", pa.string()),
        ("outcome", pa.string()),  # `rejected` or `moved`
        ("reason", pa.string()),  # why it was rejected: `duplicate` or `near_duplicate`
        ("split", pa.string()),  # of a moved note
        ("copy_of_source", pa.string()),  # the note that is kept instead
        ("copy_of", pa.string()),
    ]
)
COLUMNS = [
    "source", "split", "other_source", "other_split", "identical", "nearly_identical", "patients",
]  # fmt: skip
BATCH_ROWS = 1_024
Place = tuple[int, str]  # a source, by its number, and a split


@dataclass(frozen=True)
class Notes:
    """All notes of a study, in the order of the sources.

    sources: the number of each note's source in `declared`.
    """

    declared: list[SourceOfDuplicates]
    sources: list[int]
    note_ids: list[str]
    patients: list[str]
    splits: list[str]
    texts: Callable[[], Iterator[pa.Array]]


def read_all(tables: list[Path], declared: list[SourceOfDuplicates]) -> Notes:
    """The notes of some tables, one of each source, whose texts are read when they are wanted."""
    sources: list[int] = []
    note_ids: list[str] = []
    patients: list[str] = []
    splits: list[str] = []
    for number, table in enumerate(tables):
        for batch in read_batches(table, ["note_id", "patient_id", "split"], BATCH_ROWS):
            sources += [number] * batch.num_rows
            note_ids += batch["note_id"].to_pylist()
            patients += map(sys.intern, batch["patient_id"].to_pylist())
            splits += map(sys.intern, batch["split"].to_pylist())

    def texts() -> Iterator[pa.Array]:
        for table in tables:
            for batch in read_batches(table, ["text"], BATCH_ROWS):
                yield batch["text"]

    return Notes(declared, sources, note_ids, patients, splits, texts)


def find_duplicates(notes: Notes, spec: DuplicatesSpec) -> tuple[list[Row], list[Row], Row]:
    """What is decided of notes, how many are alike where, and fields of the manifest.

    Returns rows of DUPLICATES in the order of the notes, rows of COLUMNS, and `rejected` by source
    and reason, `moved` patients by source, `groups` of patients that are joined, and
    `alike_in_train`, as the notes of a source have it, of what is kept.
    """
    copies = find_copies(notes.texts, spec.similarity)
    groups = _Groups(notes, copies)
    decided: dict[int, Row] = {}
    fields: Row = {"groups": 0, "largest_group": 0}
    if spec.handling == "dropped":
        decided = _dropped(notes, copies, spec.seed)
    elif spec.handling == "one_split":
        decided, fields = _joined(notes, groups, spec.seed)
    kept: list[str | None] = list(notes.splits)
    for at, row in decided.items():
        kept[at] = row["split"]
    return (
        [decided[at] for at in sorted(decided)],
        groups.table(notes.splits),
        {**fields, **_counted(notes, decided), "alike_in_train": groups.alike_in_train(kept)},
    )


class _Groups:
    """Notes by their words, and which words are nearly those of others."""

    def __init__(self, notes: Notes, copies: Copies) -> None:
        self._notes, self._first = notes, copies.first.tolist()
        self.near: dict[int, list[int]] = defaultdict(list)  # of first notes
        for one, other in copies.pairs.tolist():
            self.near[one].append(other)
            self.near[other].append(one)
        same: dict[int, list[int]] = defaultdict(list)
        shared = np.unique(copies.first[copies.first != np.arange(len(copies.first))])
        alike = {*shared.tolist(), *self.near}
        for at in np.flatnonzero(np.isin(copies.first, sorted(alike))).tolist():
            same[self._first[at]].append(at)
        self.same = dict(same)

    def members(self) -> Iterator[int]:
        """The notes that are like any other, in their order."""
        yield from sorted(at for group in self.same.values() for at in group)

    def table(self, splits: list[str]) -> list[Row]:
        """Rows of COLUMNS: notes with copies that another patient has, by where both are."""
        counts: dict[tuple[Place, Place], list[int]] = defaultdict(lambda: [0, 0])
        patients: dict[tuple[Place, Place], set[str]] = defaultdict(set)
        places: dict[int, dict[Place, set[tuple[str, str | None]]]] = {}
        notes = self._notes
        for first, group in self.same.items():
            places[first] = defaultdict(set)
            for at in group:
                of = notes.declared[notes.sources[at]].patients_of
                places[first][notes.sources[at], splits[at]].add((notes.patients[at], of))
        for at in self.members():
            first = self._first[at]
            here = notes.sources[at], splits[at]
            seen: set[Place] = set()
            for number, texts in enumerate(([first], self.near[first])):
                for place in {place for text in texts for place in places[text]}:
                    others = set().union(*(places[text].get(place, set()) for text in texts))
                    if place not in seen and any(self._is_another(at, one) for one in others):
                        seen.add(place)
                        counts[here, place][number] += 1
                        patients[here, place].add(notes.patients[at])
        named = [source.name for source in notes.declared]

        def order(pair: tuple[Place, Place]) -> list[int]:
            return [
                number for source, split in pair for number in (source, NOTE_SPLITS.index(split))
            ]

        rows = []
        for pair in sorted(counts, key=order):
            (one, split), (other, beside) = pair
            values = (named[one], split, named[other], beside, *counts[pair], len(patients[pair]))
            rows.append(dict(zip(COLUMNS, values, strict=True)))
        return rows

    def alike_in_train(self, splits: list[str | None]) -> dict[str, Row]:
        """By source and held-out split: kept notes that train has, in whichever source.

        splits: of the notes; None for one that is rejected.
        """
        present = set(splits)
        trained = {
            first
            for first, group in self.same.items()
            if any(splits[at] == "train" for at in group)
        }
        found: dict[str, Row] = {
            source.name: {
                split: {"identical": 0, "nearly_identical": 0}
                for split in NOTE_SPLITS
                if split != "train" and (split in SPLITS or split in present)
            }
            for source in self._notes.declared
        }
        for at in self.members():
            split, first = splits[at], self._first[at]
            if split in (None, "train"):
                continue
            counts = found[self._notes.declared[self._notes.sources[at]].name][split]
            if first in trained:
                counts["identical"] += 1
            elif any(other in trained for other in self.near[first]):
                counts["nearly_identical"] += 1
        return found

    def _is_another(self, at: int, other: tuple[str, str | None]) -> bool:
        """Whether a note's patient is not the other one, given by id and who gave it."""
        patient, of = other
        own = self._notes.declared[self._notes.sources[at]].patients_of
        return patient != self._notes.patients[at] or None not in (own, of) and own != of


def _dropped(notes: Notes, copies: Copies, seed: int) -> dict[int, Row]:
    """The notes that are no longer kept: held-out ones stay, and the first source's.

    So no test set loses a note to what is trained on. The rest is by a keyed hash, as the order of
    rows says nothing.
    """
    order = sorted(
        range(len(notes.sources)),
        key=lambda at: (
            -NOTE_SPLITS.index(notes.splits[at]),
            notes.sources[at],
            sampling_key("duplicates", seed, notes.note_ids[at]),
            notes.note_ids[at],
        ),
    )
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    kept_for = keep_distinct(copies, ranks)
    first = copies.first
    return {
        at: _row(notes, at)
        | {
            "outcome": "rejected",
            "reason": "duplicate" if first[at] == first[kept_for[at]] else "near_duplicate",
            "copy_of_source": notes.declared[notes.sources[kept_for[at]]].name,
            "copy_of": notes.note_ids[kept_for[at]],
        }
        for at in np.flatnonzero(kept_for >= 0).tolist()
    }


def _joined(notes: Notes, groups: _Groups, seed: int) -> tuple[dict[int, Row], Row]:
    """The notes whose patients go to another split, so that all of a group are in one.

    A group goes where its patient with the lowest keyed hash is dealt: a note that is like no other
    moves nobody.
    """
    parents: dict[str, str] = {}

    def leader(patient: str) -> str:
        while parents.setdefault(patient, patient) != patient:
            parents[patient] = patient = parents[parents[patient]]
        return patient

    def join(found: Iterable[str]) -> None:
        leaders = {leader(patient) for patient in found}
        for one in leaders:
            parents[one] = min(leaders)

    joins = [source.joins for source in notes.declared]
    for first, group in groups.same.items():
        alike = [*group, *(at for other in groups.near[first] for at in groups.same[other])]
        join({notes.patients[at] for at in alike if joins[notes.sources[at]]})
    members: dict[str, list[str]] = defaultdict(list)
    for patient in sorted(parents):
        members[leader(patient)].append(patient)
    members = {one: group for one, group in members.items() if len(group) > 1}
    shares: dict[str, float] = {}
    for group in members.values():
        dealt = {patient: split_share(patient, seed) for patient in group}
        key = f"split-group-{seed}"
        chosen = min(group, key=lambda one: (keyed_hash(key, repr(dealt[one])), one))  # noqa: B023
        shares |= dict.fromkeys(group, dealt[chosen])
    decided = {}
    for at, (number, patient) in enumerate(zip(notes.sources, notes.patients, strict=True)):
        if patient in shares and joins[number]:
            split = split_at(shares[patient], notes.declared[number].splits)
            if split != notes.splits[at]:
                decided[at] = _row(notes, at) | {"outcome": "moved", "split": split}
    largest = max((len(group) for group in members.values()), default=0)
    return decided, {"groups": len(members), "largest_group": largest}


def _row(notes: Notes, at: int) -> Row:
    named = {"source": notes.declared[notes.sources[at]].name, "note_id": notes.note_ids[at]}
    return dict.fromkeys(DUPLICATES.names) | named


def _counted(notes: Notes, decided: dict[int, Row]) -> Row:
    rejected: dict[str, Row] = {source.name: {} for source in notes.declared}
    moved: dict[str, set[str]] = {source.name: set() for source in notes.declared}
    for at, row in decided.items():
        if row["outcome"] == "rejected":
            counts = rejected[row["source"]]
            counts[row["reason"]] = counts.get(row["reason"], 0) + 1
        else:
            moved[row["source"]].add(notes.patients[at])
    return {
        "rejected": {name: dict(sorted(counts.items())) for name, counts in rejected.items()},
        "moved": {name: len(patients) for name, patients in moved.items()},
    }
