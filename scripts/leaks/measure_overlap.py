"""Look for the test texts of a dataset or an evaluation in a corpus or a training set."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.leaks.config import OverlapSpec
from palimpsest.leaks.overlap import Overlap, describe
from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.dataset_tables import EXAMPLES, dataset_manifest
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import read_batches, read_manifest, write_table
from palimpsest.runtime.origins import check_made_of, job_names

BATCH_ROWS = 512
# The ids, the texts and, of pairs, the second texts.
Texts = tuple[pa.Array, pa.Array, pa.Array | None]


def examples(path: Path, split: str) -> Iterator[Texts]:
    """The examples of one split of a dataset, in batches."""
    kind = dataset_manifest(path).kind
    seconds = ["second"] if "second" in EXAMPLES[kind].names else []
    for batch in read_batches(path, ["example_id", "split", "text", *seconds], BATCH_ROWS):
        rows = batch.filter(pc.equal(batch["split"], split))
        yield rows["example_id"], rows["text"], rows["second"] if seconds else None


def judged_texts(path: Path, spec: OverlapSpec) -> Texts:
    """What is judged: the notes of an evaluation, or the test examples of a dataset."""
    if spec.evaluation:
        notes, _ = evaluation_notes(path, spec.evaluation, spec.seed)
        ids, texts = ([note[name] for note in notes] for name in ("note_id", "text"))
        return pa.array(ids, pa.string()), pa.array(texts, pa.string()), None
    batches = list(examples(path, "test"))
    if not any(len(ids) for ids, _, _ in batches):
        raise UserError(f"{path}: has no test examples")
    ids, texts, seconds = zip(*batches, strict=True)
    paired = None if seconds[0] is None else pa.concat_arrays(seconds)
    return pa.concat_arrays(ids), pa.concat_arrays(texts), paired


def trained_texts(path: Path) -> Iterator[Texts]:
    """What was trained on: all documents of a corpus, or the train examples of a dataset."""
    if "dataset" in read_manifest(path, WILDCARDS)[WILDCARDS]:
        yield from examples(path, "train")
        return
    for batch in read_batches(path, ["note_id", "text"], BATCH_ROWS):
        yield batch["note_id"], batch["text"], None


def check_given(arguments: argparse.Namespace) -> None:
    """Raise UserError unless the tables are those that the job's wildcards name."""
    for option in ("judged", "trained"):
        kind, _, name = job_names().get(option, "").partition(".")
        if kind in ("corpus", "dataset"):  # the notes of an evaluation are checked as such
            path = getattr(arguments, option)
            check_made_of(path, read_manifest(path), kind, name)


def main(arguments: argparse.Namespace) -> None:
    check_given(arguments)
    overlap = Overlap(*judged_texts(arguments.judged, arguments.spec))
    for _, texts, seconds in trained_texts(arguments.trained):
        overlap.look_at(texts, seconds)
    table = overlap.table()
    write_table(arguments.out, table, **describe(table))


if __name__ == "__main__":
    run(main, parser(__doc__, "--judged", "--trained", "--out", spec=OverlapSpec))
