"""Systems: each one encoder fine-tuned on one mixture, with the scores of all its runs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from palimpsest.reports.config import SystemName
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.rows import Row
from palimpsest.runtime.schema import NO_CORPUS
from palimpsest.stats.intervals import FEW_UNITS, Runs

COLUMNS = [
    "seed", "run", "split", "label", "metric", "positives", "value", "without_overlap", "resampled",
]  # fmt: skip
FIELDS = (
    "dataset", "dataset_sha256", "n", "units", "unit", "metrics", "trained_on", "validated_on",
    "trivial", "overlapping",
)  # fmt: skip


@dataclass(frozen=True)
class System:
    """What was fine-tuned, and its scores: rows with `COLUMNS`, as scripts/scoring/score.py has it.

    dataset: that it is judged on, of the bytes `dataset_sha256`, with `n` test examples of `units`
    units, each a `unit`. metrics: of the dataset, the first of which figures show. trained_on:
    train examples by dataset. validated_on: valid examples that chose epoch and thresholds.
    trivial: whether it was not trained at all. overlapping: test examples that overlap with what
    it was trained on.
    """

    name: SystemName
    dataset: str
    dataset_sha256: str
    n: int
    units: int
    unit: str
    metrics: list[str]
    trained_on: dict[str, int]
    validated_on: int
    trivial: bool
    overlapping: int
    scores: list[Row]

    def tested(self) -> dict[tuple[str | None, str], list[Row]]:
        """The rows of the test split by label and metric, in order: in each a row for each run."""
        found: dict[tuple[str | None, str], list[Row]] = {}
        for row in self.scores:
            if row["split"] == "test":
                found.setdefault((row["label"], row["metric"]), []).append(row)
        return found

    def pretraining_seeds(self) -> int:
        """How many checkpoints the runs started from; 0 where nothing was pretrained."""
        if self.trivial or self.name.corpus == NO_CORPUS:
            return 0
        return len({row["seed"] for row in self.scores})

    def finetuning_seeds(self) -> int:
        """How many runs there are; 0 where nothing was trained."""
        return 0 if self.trivial else len({(row["seed"], row["run"]) for row in self.scores})

    def runs(self, rows: list[Row]) -> Runs | None:
        """Some of the scores, one of each run; None of a label that no test example has."""
        defined = [row for row in rows if row["value"] is not None]
        if not defined:
            return None
        return Runs(
            np.array([row["value"] for row in defined]),
            np.array([row["resampled"] for row in defined], float),
            self.units,
            seeded=self.pretraining_seeds() != 1,
            fixed=self.trivial,
        )

    def notes(self) -> list[str]:
        """What a reader must know of its intervals."""
        found = []
        if self.finetuning_seeds() == 1:
            found.append("1 seed: no interval")
        elif self.pretraining_seeds() == 1:
            found.append("1 pretraining seed: no interval")
        if self.units < FEW_UNITS:
            found.append(f"{self.units} test units: fewer than {FEW_UNITS}")
        return found


def read_systems(paths: list[Path], names: list[SystemName], by_label: bool) -> list[System]:
    """The systems with some names, in their order, from the tables of their scores.

    by_label: the scores of each label, or else those over all labels.
    Raises UserError when a table or its manifest is damaged, or a system is not among them.
    """
    systems = {system.name: system for path in paths for system in [_read(path, by_label)]}
    for name in names:
        if name not in systems:
            known = list(map(str, paths))
            raise UserError(f"the scores of {name.identity()} are not among {known}")
    return [systems[name] for name in names]


def _read(path: Path, by_label: bool) -> System:
    manifest = read_manifest(path, "wildcards", *FIELDS)
    names = {name: manifest["wildcards"].get(name, "") for name in SystemName.model_fields}
    scores = read_table(path, COLUMNS)
    overall = pc.is_null(scores["label"])
    kept = scores.filter(pc.invert(overall) if by_label else overall).to_pylist()
    return System(SystemName(**names), **{name: manifest[name] for name in FIELDS}, scores=kept)


def tidy_rows(system: System, metrics: list[str]) -> list[Row]:
    """Every run's metrics as tidy rows; those on valid examples are named `valid_...`."""
    named = {**system.name.identity(), "dataset": system.dataset}
    rows = []
    for row in system.scores:
        if row["metric"] in metrics:
            tested = row["split"] == "test"
            metric = row["metric"] if tested else f"{row['split']}_{row['metric']}"
            kept = {name: row[name] for name in ("seed", "run", "label", "value")}
            rows.append({**named, **kept, "metric": metric})
    return rows
