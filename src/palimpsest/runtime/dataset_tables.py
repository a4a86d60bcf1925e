"""Datasets and predictions, as their tables hold them: what fine-tuning and scoring share."""

from dataclasses import KW_ONLY, dataclass
from math import isfinite
from pathlib import Path

import pyarrow as pa

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_manifest, read_table
from palimpsest.runtime.labels import SENTENCE_EXAMPLES, SPAN_EXAMPLES, TEXT_EXAMPLES
from palimpsest.runtime.rows import Row

PREDICTIONS = pa.schema(
    [
        ("example_id", pa.string()),
        ("split", pa.string()),  # valid or test
        ("start", pa.int32()),  # of a span, in characters of the example's text; else null
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float32()),  # a probability, or the number that was asked for
    ]
)
"""What a run says of its valid and test examples.

Spans: a row for each span that it finds. One label: a row for each label, whose scores add up to 1.
Several labels: a row for each label, and one for any. A number: one row without a label, whose
score is the number.
"""

# What an example is answered with, by kind.
SPANS, ONE_LABEL, SEVERAL_LABELS, NUMBER = "spans", "one_label", "several_labels", "number"
ANSWERS: dict[str, tuple[str, ...]] = {
    "spans": (SPANS,),
    "sentences": (SEVERAL_LABELS,),
    "documents": (ONE_LABEL, SEVERAL_LABELS),
    "pairs": (ONE_LABEL, NUMBER),
    "assertion": (ONE_LABEL,),
    "relations": (ONE_LABEL,),
}
UNITS = ("patient", "note", "document", "sentence", "text", "example")

EXAMPLES: dict[str, pa.Schema] = dict.fromkeys(ANSWERS, TEXT_EXAMPLES) | {
    "sentences": SENTENCE_EXAMPLES,
    "spans": SPAN_EXAMPLES,
}


@dataclass(frozen=True)
class DatasetManifest:
    """What decides about a dataset's use, from its manifest.

    labels: in order. answer: what an example is answered with, one of the kind's ANSWERS. unit:
    what a group of examples is, one of UNITS. none_label: one that is no finding, such as "no
    relation", or None.
    """

    name: str
    kind: str
    labels: list[str]
    sha256: str
    _: KW_ONLY
    answer: str
    unit: str
    none_label: str | None = None


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

    def findings(self) -> list[str]:
        """The labels that are something found, in order."""
        return [label for label in self.labels if label != self.none_label]

    def check_findings(self) -> None:
        """Raises UserError when the test examples have nothing to find: no F1 is defined then."""
        if self.answer == NUMBER:
            return
        wanted = set(self.findings())
        if not any(wanted.intersection(_given(row, self)) for row in self.of_split("test")):
            raise UserError(
                f"the test examples of the dataset '{self.name}' have none of the labels "
                f"{self.findings()}, so that nothing can be found and no F1 is defined; expected "
                "some: check the files, and how they mark what is labelled"
            )


def dataset_manifest(path: Path) -> DatasetManifest:
    """What the manifest beside a dataset's table says. Raises UserError when it is damaged."""
    asked = ("answer", "unit", "none_label")
    manifest = read_manifest(path, "kind", "labels", *asked, "wildcards")
    if manifest["kind"] not in EXAMPLES or "dataset" not in manifest["wildcards"]:
        raise UserError(f"{path}: expected a dataset of one of the kinds {list(EXAMPLES)}")
    for field, known in (("answer", ANSWERS[manifest["kind"]]), ("unit", UNITS)):
        if manifest[field] not in known:
            raise UserError(
                f"{path}: the {field} of its {manifest['kind']} is {manifest[field]!r}, expected "
                f"one of {list(known)}"
            )
    if manifest["none_label"] not in (None, *manifest["labels"]):
        raise UserError(
            f"{path}: none_label is {manifest['none_label']!r}, expected one of "
            f"{manifest['labels']} or null"
        )
    return DatasetManifest(
        manifest["wildcards"]["dataset"],
        manifest["kind"],
        manifest["labels"],
        manifest["sha256"],
        **{field: manifest[field] for field in asked},
    )


def read_dataset(path: Path) -> DatasetTable:
    """A dataset.

    Raises UserError when it is damaged, or an example has a label that is none, or is not answered
    as the dataset says.
    """
    known = dataset_manifest(path)
    rows = read_table(path, EXAMPLES[known.kind].names).to_pylist()
    for row in rows:
        if problem := _problem(row, known):
            raise UserError(f"{path}: example {row['example_id']!r} {problem}")
    return DatasetTable(**vars(known), rows=rows)


def _given(row: Row, known: DatasetManifest) -> list[str]:
    """The labels of an example, or of its spans."""
    return [span["label"] for span in row["spans"]] if known.answer == SPANS else row["labels"]


def _problem(row: Row, known: DatasetManifest) -> str | None:
    """What is wrong with how an example is answered, or None."""
    if known.answer == NUMBER:
        wrong = row["value"] is None or not isfinite(row["value"])
        return f"has the value {row['value']}, expected a number" if wrong else None
    given = _given(row, known)
    if unknown := sorted(set(given) - set(known.labels)):
        return f"has the labels {unknown}, which are none of {known.labels}"
    if known.answer == ONE_LABEL and len(given) != 1:
        return f"has {len(given)} labels, expected one"
    marks = {"assertion": 1, "relations": 2}.get(known.kind, 0)
    if marks and len(row["marks"]) != marks:
        return f"has {len(row['marks'])} marked entities, expected {marks}"
    if known.kind == "pairs" and row["second"] is None:
        return "has no second text"
    return None
