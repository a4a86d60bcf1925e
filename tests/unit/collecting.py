"""Collects a dataset the way its job does: declared, read, written, and looked at."""

import runpy
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa

from palimpsest.graph import job_of
from palimpsest.runtime import origins
from palimpsest.runtime.cli import specification
from palimpsest.runtime.dataset_tables import PREDICTIONS, DatasetTable, read_dataset
from palimpsest.runtime.files import read_manifest
from palimpsest.scoring.judged import judge
from palimpsest.study.load import load_catalogue

ROOT = Path(__file__).resolve().parents[2]
STUDY = {
    "results": "results",
    "seed": 1,
    "splits": {"train": 0.6, "valid": 0.2, "test": 0.2},
    "sources": [{"name": "ward", "kind": "generated", "patients": 9}],
    "passages": {"tokenizer": "smollm2-135m-instruct"},
}


@dataclass
class Made:
    """A dataset with its manifest, and the rows of its file of rejects."""

    dataset: DatasetTable
    manifest: dict
    rejects: list[list[str]]

    def texts(self, split: str | None = None) -> list[str]:
        """Texts of the examples, by their place in their file."""
        rows = [row for row in self.dataset.rows if split in (None, row["split"])]
        return [row["text"] for row in sorted(rows, key=lambda row: (row["group"], row["start"]))]

    def labels(self) -> Counter:
        """How often each label is given."""
        rows = self.dataset.rows
        if self.dataset.kind == "spans":
            return Counter(span["label"] for row in rows for span in row["spans"])
        return Counter(label for row in rows for label in row["labels"])

    def mentions(self) -> Counter:
        """The texts of the spans or marks, with their labels."""
        column = "spans" if self.dataset.kind == "spans" else "marks"
        return Counter(
            (row["text"][one["start"] : one["end"]], one["label"])
            for row in self.dataset.rows
            for one in row[column]
        )


def write_files(folder: Path, contents: dict[str, str | bytes]) -> None:
    """Files below a folder; text is written as it stands, line ends included."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def collect(monkeypatch, folder: Path, **declared) -> Made:
    """The dataset of experts that is declared, whose files lie below the folder."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(origins, "_job", {})
    entry = {"name": "gold", "made_by": "experts", **declared}
    catalogue = load_catalogue({**STUDY, "datasets": [entry]}, "study.yaml", ROOT / "config")
    job = job_of("collect_examples", catalogue, {"dataset": "gold"}.items())
    program = runpy.run_path(str(ROOT / "scripts/datasets/collect_examples.py"))
    out, rejects = folder / "out" / "gold.parquet", folder / "out" / "gold.rejects.csv"
    paths = [Path(path) for path in job.reads()["files"]]
    spec = specification(program["CollectSpec"])(job.spec_json())
    arguments = {"notes": [], "files": paths, "out": out, "rejects": rejects}
    program["main"](SimpleNamespace(spec=spec, **arguments))
    lines = rejects.read_text().splitlines()[1:]
    made = Made(read_dataset(out), read_manifest(out), [line.split(",") for line in lines])
    account = made.manifest["account"]
    assert account["in"] == account["kept"] + sum(account["rejected"].values())
    assert account["kept"] == len(made.dataset.rows)
    return made


def gold_against_itself(dataset: DatasetTable) -> tuple[int, int, int]:
    """True positives, found and gold of valid and test spans, where all of gold is predicted."""
    said = [
        {"example_id": row["example_id"], "split": row["split"], "score": 1.0, **span}
        for row in dataset.rows
        for span in row["spans"]
    ]
    judged, _ = judge(dataset, pa.Table.from_pylist(said, schema=PREDICTIONS))
    counts = sum(split.counts.sum(axis=(0, 1)) for split in judged.values())
    return tuple(counts.tolist())


def same_in_each_split(contents: dict[str, str | bytes]) -> dict[str, str | bytes]:
    """The files below `train`, `valid` and `test`."""
    return dict(
        chain.from_iterable(
            ((f"{split}/{name}", content) for name, content in contents.items())
            for split in ("train", "valid", "test")
        )
    )
