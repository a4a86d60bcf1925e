"""A release of made-up notes: random words, so that nothing is in common by chance."""

import random
from pathlib import Path

import pyarrow as pa

from palimpsest.release import attributes, canaries, linkage, membership, rare_text
from palimpsest.release.check import CHECKS, Given, Released, Result, run_check
from palimpsest.release.config import CheckSpec, Release
from palimpsest.release.identifiers import check as identifiers
from palimpsest.release.inputs import what_was_read
from palimpsest.release.patients import read_patients
from palimpsest.release.verdict import release_digest
from palimpsest.runtime.canaries import canary
from palimpsest.runtime.files import write_table

MODULES = (attributes, canaries, identifiers, linkage, membership, rare_text)
SYLLABLES = ("ba", "ko", "mi", "ru", "te", "zo", "la", "ne", "vi", "su", "do", "ga")
CANARIES = 12
PHI = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())]))
NOTES = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("split", pa.string()),
        ("text", pa.string()),
        ("phi", PHI),
    ]
)
CORPUS = pa.schema([("note_id", pa.string()), ("text", pa.string()), ("tokens", pa.int32())])
FIELDS = {
    "name": "shared",
    "source": "ward",
    "corpora": ["all"],
    "roster": {"by": "gold"},
    "attributes": [{"name": "secret", "words": ["syphilis"]}],
}


def word(draws: random.Random, length: int = 3) -> str:
    return "".join(draws.choice(SYLLABLES) for _ in range(length))


class Tiny:
    """Notes of so many patients, every second one of them audit, and documents of nobody."""

    def __init__(self, folder: Path, patients: int = 160, documents: int = 160) -> None:
        self.folder, self.draws = folder, random.Random(7)
        self.notes = [self._note(number) for number in range(patients)]
        self.trained = [note for note in self.notes if note["split"] == "train"]
        self.canaries = [canary("ward", 1, number) for number in range(CANARIES)]
        self.documents = [
            {"note_id": self.trained[at % len(self.trained)]["note_id"], "text": self.words(60),
             "tokens": 60}
            for at in range(documents)
        ]  # fmt: skip
        self.planted = CANARIES

    def words(self, count: int) -> str:
        return " ".join(word(self.draws) for _ in range(count))

    def _note(self, number: int) -> dict:
        first, last = word(self.draws, 2).capitalize(), word(self.draws, 4).capitalize()
        record = str(self.draws.randrange(10**7, 10**8))
        text = f"{first} {last}, record {record}, seen 20{10 + number % 14}-03-0{1 + number % 9}. "
        text += ("Treated for syphilis. " if number % 4 < 2 else "") + self.words(80)
        spans = [("NAME", f"{first} {last}"), ("ID", record)]
        return {
            "note_id": f"n{number:03}",
            "patient_id": f"p{number:03}",
            "split": "train" if number % 2 else "audit",
            "text": text,
            "phi": [
                {"start": text.index(value), "end": text.index(value) + len(value), "label": label}
                for label, value in spans
            ],
        }

    def write(self) -> None:
        rows = self.notes + [
            {"note_id": one.note_id, "patient_id": one.patient_id, "split": "train",
             "text": one.text, "phi": []}
            for one in self.canaries
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=NOTES)
        write_table(self.folder / "notes.parquet", table, wildcards={"source": "ward"})
        table = pa.Table.from_pylist(self.documents, schema=CORPUS)
        fields = {"corpus": "all", "parts": [], "all": {"documents": table.num_rows}}
        path = self.folder / "all.parquet"
        write_table(path, table, **fields, wildcards={"corpus": "all"})

    def release(self, **more: object) -> Release:
        return Release.model_validate(FIELDS | more)

    def given(self, stage: str = "given", **more: object) -> Given:
        self.write()
        spec = CheckSpec(
            release=self.release(**more), audited=True, canaries=self.planted, seed=1, stage=stage
        )
        notes = self.folder / "notes.parquet"
        released = Released({"all": self.folder / "all.parquet"}, {})
        return Given(spec, read_patients(notes, True), notes, released, [], [], self.folder)

    def run(self, name: str, **more: object) -> Result:
        return run_check(name, self.given(**more))

    def results(self, **more: object) -> tuple[dict[str, Path], dict]:
        """The results of all checks as files, and the hashes of what they read."""
        given = self.given(**more)
        release = given.spec.release
        read, paths = what_was_read(given.notes, given.released, []), {}
        for name in release.checks():
            result = run_check(name, given)
            paths[name] = self.folder / f"{name}.parquet"
            write_table(
                paths[name], result.table(), **result.fields(), check=name, stage="given",
                release=release_digest(release), read=read, code="same",
            )  # fmt: skip
        return paths, read


__all__ = ["CHECKS", "Tiny"]
