"""Score a decoder on held-out notes: perplexity and bits per byte, with intervals over notes."""

import argparse

import pyarrow as pa

from palimpsest.perplexity.config import PerplexitySpec
from palimpsest.perplexity.score import perplexity_metrics, score_notes
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import write_table
from palimpsest.runtime.gpus import take_gpus

SCHEMA = pa.schema(
    {"note_id": pa.string(), "nats": pa.float64(), "tokens": pa.int32(), "bytes": pa.int64()}
)


def main(arguments: argparse.Namespace) -> None:
    spec: PerplexitySpec = arguments.spec
    chosen, available = evaluation_notes(arguments.notes, spec.evaluation, spec.seed)
    take_gpus(arguments.gpus)
    checkpoint, texts = arguments.checkpoint.with_suffix(""), [note["text"] for note in chosen]
    rows = score_notes(texts, checkpoint, f"perplexity {arguments.out}")
    scored = [{"note_id": note["note_id"], **row} for note, row in zip(chosen, rows, strict=True)]
    metrics = perplexity_metrics(rows, spec.seed)
    table = pa.Table.from_pylist(scored, schema=SCHEMA)
    write_table(arguments.out, table, available=available, metrics=metrics)


if __name__ == "__main__":
    options = parser(__doc__, "--checkpoint", "--notes", "--out", spec=PerplexitySpec)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
