"""A release of everything that can be given away: a corpus, written sentences and a checkpoint."""

from pathlib import Path

import pyarrow as pa
from tiny_release import CANARIES, Tiny

from palimpsest.release.canaries import canary_texts
from palimpsest.release.check import Given, Released, run_check
from palimpsest.release.config import CheckSpec
from palimpsest.release.inputs import named, what_was_read
from palimpsest.release.losses import LOSSES
from palimpsest.release.patients import read_patients
from palimpsest.release.verdict import read_results, release_digest, verdict
from palimpsest.runtime.files import write_manifest, write_table

CHECKPOINT = {"model": "small", "corpus": "all", "seed": 0, "reference": "none"}
COLUMNS = {"patient_id": "patient", "name": ["name"], "id": ["record"]}
WHOLE = {
    "datasets": ["written"],
    "checkpoints": [CHECKPOINT],
    "roster": {"by": "file", "paths": ["roster.csv"], "columns": COLUMNS},
}
SENTENCES = pa.schema([("note_id", pa.string()), ("text", pa.string())])


class Whole(Tiny):
    """All inputs as files, of which a test takes one away."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.write()
        self.notes_path = folder / "notes.parquet"
        self.corpora, self.datasets = [folder / "all.parquet"], [folder / "written.parquet"]
        self.checkpoints, self.roster = [folder / "model.json"], [folder / "roster.csv"]
        self.losses = [folder / "own.parquet", folder / "other.parquet"]
        rows = [{"note_id": None, "text": self.words(9)} for _ in range(40)]
        table = pa.Table.from_pylist(rows, schema=SENTENCES)
        write_table(self.datasets[0], table, wildcards={"dataset": "written"})
        names = {"model": "small", "corpus": "all", "seed": "0"}
        write_manifest(self.checkpoints[0], {"identity": "", "files": {}, "wildcards": names})
        self.write_roster(self.notes)
        for path, corpus in zip(self.losses, ("all", "none"), strict=True):
            self._write_losses(path, {**names, "corpus": corpus})

    def write_roster(self, notes: list[dict]) -> None:
        lines = ["patient,name,record"]
        for note in notes:
            name, record = (note["text"][one["start"] : one["end"]] for one in note["phi"])
            lines.append(f"{note['patient_id']},{name},{record}")
        self.roster[0].write_text("\n".join(lines) + "\n")

    def _write_losses(self, path: Path, names: dict[str, str]) -> None:
        kinds = [("patient", note["patient_id"]) for note in self.notes]
        texts = canary_texts("ward", 1, CANARIES, 40)
        kinds += zip(texts["kind"].to_pylist(), texts["id"].to_pylist(), strict=True)
        rows = [
            {"kind": kind, "id": name, "nats": 100 + self.draws.random(), "tokens": 50}
            for kind, name in kinds
        ]
        write_table(path, pa.Table.from_pylist(rows, schema=LOSSES), wildcards=names)

    def judged(self, checks: list[str] | None = None) -> dict:
        """The verdict on what is there, by the checks of these names or by all."""
        release = self.release(**WHOLE)
        released = Released(
            named(self.corpora, "corpus", release.corpora, "--corpora"),
            named(self.datasets, "dataset", release.datasets, "--datasets"),
        )
        spec = CheckSpec(
            release=release, audited=True, canaries=self.planted, seed=1, stage="given"
        )
        given = Given(
            spec, read_patients(self.notes_path, True), self.notes_path, released, self.roster,
            self.losses, self.folder,
        )  # fmt: skip
        read, paths = what_was_read(self.notes_path, released, self.checkpoints), []
        for name in checks or release.checks():
            result = run_check(name, given)
            paths.append(self.folder / f"{name}.parquet")
            write_table(
                paths[-1], result.table(), **result.fields(), check=name, stage="given",
                release=release_digest(release), read=read, code="same",
            )  # fmt: skip
        return verdict(release, {"given": (read_results(paths), read)}, None)
