"""Rosters: what identifies each patient, from files, from labelled notes or from rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from palimpsest.formats.tables import read_blocks
from palimpsest.release.config import FileRoster, RosterColumns
from palimpsest.release.identifiers.rules import found_by_rules
from palimpsest.release.identifiers.variants import plain_words, read_date
from palimpsest.release.patients import Patients, note_batches
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.rows import Row

# What is labelled or found -> the kind that it is looked for as; names and ages are taken apart.
KINDS = {"ID": "id", "PHONE": "phone", "ADDRESS": "address", "DATE": "date", "LOCATION": "place"}


@dataclass
class Roster:
    """values: by kind, whose each value is: value -> places of patients in `Patients.ids`.

    A value is a tuple of texts: the parts of a name, or one. unread: values that are none of their
    kind, counted by kind.
    """

    values: dict[str, dict[tuple[str, ...], set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    unread: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def known(self, patients: int) -> np.ndarray:
        """Of which of so many patients there is anything that is looked for: bool, (patients,)."""
        found = np.zeros(patients, bool)
        for values in self.values.values():
            for owners in values.values():
                found[list(owners)] = True
        return found

    def add(self, kind: str, value: Iterable[str], patient: int) -> None:
        """Add a value, as it is written."""
        parts = tuple(part.strip() for part in value if part and part.strip())
        if not parts or not all(plain_words(part) for part in parts):
            return
        if kind == "name":
            self._add_name(parts, patient)
        elif kind == "date":
            day = read_date(parts[0])
            if day is None:
                self.unread[kind] += 1
            else:
                self.values["date"][(day.isoformat(),)].add(patient)
        elif kind == "age":
            digits = "".join(sign for sign in parts[0] if sign.isdigit())
            if digits and int(digits) >= 90:
                self.values["age"][(digits,)].add(patient)
        else:
            self.values[kind][parts].add(patient)

    def _add_name(self, parts: tuple[str, ...], patient: int) -> None:
        """A name in parts, or in one as `Given Surname` or `Surname, Given`."""
        if len(parts) == 1:
            last, comma, first = parts[0].partition(",")
            parts = (*first.split(), last.strip()) if comma else tuple(parts[0].split())
        parts = tuple(part for part in parts if plain_words(part))
        if len(parts) > 1:
            self.values["name"][parts].add(patient)
            self.values["initials"][parts].add(patient)
        for part in (parts[0], parts[-1]) if parts else ():
            words = plain_words(part)
            if len("".join(words)) > 2:
                self.values["name part"][(part,)].add(patient)


def roster_of_file(roster: FileRoster, paths: list[Path], patients: Patients) -> Roster:
    """The roster of files.

    Raises UserError where a file lacks a column, or none of its patients is the source's.
    """
    found, columns = Roster(), roster.columns
    place = {name: at for at, name in enumerate(patients.ids)}
    asked, named = _columns(columns), False
    for path in paths:
        for block in read_blocks(path, path.name, asked, "utf-8", lambda _: None):
            rows = {name: pc.fill_null(block.columns[name], "").to_pylist() for name in asked}
            for number, patient_id in enumerate(rows[columns.patient_id]):
                at = place.get(patient_id.strip())
                if at is None:
                    continue
                named = True
                if columns.name:
                    found.add("name", [rows[name][number] for name in columns.name], at)
                for kind in ("id", "phone", "address", "date"):
                    for name in getattr(columns, kind):
                        found.add(kind, [rows[name][number]], at)
    if not named:
        raise UserError(
            f"roster: column '{columns.patient_id}' names no patient of the source; expected the "
            "same ids"
        )
    return found


def _columns(columns: RosterColumns) -> list[str]:
    listed = [columns.patient_id, *columns.name, *columns.id, *columns.phone, *columns.address]
    return list(dict.fromkeys([*listed, *columns.date]))


def roster_of_notes(notes: Path, patients: Patients, by: str) -> Roster:
    """The roster of what notes are labelled with, or of what rules find.

    by: `gold` or `rules`.
    """
    found = Roster()
    for batch in note_batches(notes, "text", *(["phi"] if by == "gold" else [])):
        owners = patients.of_notes(batch["note_id"]).tolist()
        texts = batch["text"].to_pylist()
        spans = batch["phi"].to_pylist() if by == "gold" else [None] * len(texts)
        for owner, text, labelled in zip(owners, texts, spans, strict=True):
            for label, start, end in _labelled(text, labelled):
                value = text[start:end]
                if label == "NAME":
                    found.add("name", [value], owner)
                elif label == "AGE":
                    found.add("age", [value], owner)
                else:
                    found.add(KINDS[label], [value], owner)
    return found


def _labelled(text: str, spans: list[Row] | None) -> Iterator[tuple[str, int, int]]:
    if spans is None:
        yield from found_by_rules(text)
        return
    for span in spans:
        yield span["label"], span["start"], span["end"]
