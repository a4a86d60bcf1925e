"""Datasets and predictions, as their tables hold them: what fine-tuning and scoring share."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.labels import SENTENCE_EXAMPLES, SPAN_EXAMPLES
from palimpsest.runtime.rows import Row

PREDICTIONS = pa.schema(
    [
        ("example_id", pa.string()),
        ("split", pa.string()),  # valid or test
        ("start", pa.int32()),  # of a span, in characters of the example's text; else null
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float32()),  # a probability
    ]
)
"""What a run says. Spans: a row for each span that it finds. Sentences: for each label, and any."""

EXAMPLES: dict[str, pa.Schema] = {"sentences": SENTENCE_EXAMPLES, "spans": SPAN_EXAMPLES}


@dataclass(frozen=True)
class DatasetManifest:
    """What decides about a dataset's use, from its manifest. labels: in order."""

    name: str
    kind: str
    labels: list[str]
    sha256: str


@dataclass(frozen=True)
class DatasetTable(DatasetManifest):
    """A dataset with its examples: the columns of its kind in `runtime.labels`."""

    rows: list[Row]

    def of_split(self, split: str) -> list[Row]:
        """The examples of one split, in sampling order. Raises UserError when there are none."""
        found = [row for row in self.rows if row["split"] == split]
        if not found:
            raise UserError(f"the dataset '{self.name}' has no {split} examples")
        return found


def dataset_manifest(path: Path) -> DatasetManifest:
    """What the manifest beside a dataset's table says. Raises UserError when it is damaged."""
    manifest = read_manifest(path, "kind", "labels", "wildcards")
    if manifest["kind"] not in EXAMPLES or "dataset" not in manifest["wildcards"]:
        raise UserError(f"{path}: expected a dataset of one of the kinds {list(EXAMPLES)}")
    name = manifest["wildcards"]["dataset"]
    return DatasetManifest(name, manifest["kind"], manifest["labels"], manifest["sha256"])


def read_dataset(path: Path) -> DatasetTable:
    """A dataset. Raises UserError when it is damaged, or an example has a label that is none."""
    known = dataset_manifest(path)
    rows = read_table(path, EXAMPLES[known.kind].names).to_pylist()
    for row in rows:
        spans = known.kind == "spans"
        given = {span["label"] for span in row["spans"]} if spans else set(row["labels"])
        if unknown := sorted(given - set(known.labels)):
            raise UserError(
                f"{path}: example {row['example_id']!r} has the labels {unknown}, which are none "
                f"of {known.labels}"
            )
    return DatasetTable(**vars(known), rows=rows)
