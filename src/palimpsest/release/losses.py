"""What checkpoints say of the notes of some patients and of canaries: tables of losses."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.release.patients import Patients, note_batches
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.sampling import sampling_key

LOSSES = pa.schema(
    [
        ("kind", pa.string()),  # patient, canary or unplanted
        ("id", pa.string()),  # of the patient
        ("nats", pa.float64()),  # negative log-likelihood of the scored tokens of all texts
        ("tokens", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Losses:
    """The losses of one checkpoint. name: model, corpus and seed, for messages."""

    model: str
    corpus: str
    seed: int
    table: pa.Table

    @property
    def name(self) -> str:
        return f"{self.model} on {self.corpus}, seed {self.seed}"


def read_losses(path: Path) -> Losses:
    """A table of losses, by what its manifest says that it is of."""
    names = read_manifest(path, "wildcards")["wildcards"]
    table = read_table(path, LOSSES.names)
    return Losses(names["model"], names["corpus"], int(names["seed"]), table)


def drawn_patients(patients: Patients, most: int, seed: int) -> list[int]:
    """At most so many patients of each group, in the study's sampling order: places in `ids`."""
    drawn = []
    for members in (patients.exposed, patients.control):
        listed = [at for at in range(len(patients.ids)) if members[at]]
        listed.sort(key=lambda at: sampling_key("release", seed, patients.ids[at]))
        drawn += sorted(listed[:most])
    return drawn


def texts_of(notes: Path, patients: Patients, drawn: list[int]) -> pa.Table:
    """The notes of some patients: columns kind, id and text."""
    wanted, held = pa.array(drawn), []
    for batch in note_batches(notes, "text"):
        owners = pa.array(patients.of_notes(batch["note_id"]))
        kept = pc.is_in(owners, value_set=wanted)
        held.append(pa.table({"id": batch["patient_id"], "text": batch["text"]}).filter(kept))
    table = pa.concat_tables(held)
    return table.add_column(0, "kind", pa.array(["patient"] * table.num_rows, pa.string()))
