"""Score a decoder on held-out notes: perplexity and bits per byte, with intervals over notes."""

import argparse

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.perplexity.config import PerplexitySpec
from palimpsest.perplexity.score import perplexity_metrics, score_notes
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_table, write_table
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.identity import keyed_hash

SCHEMA = pa.schema(
    {"note_id": pa.string(), "nats": pa.float64(), "tokens": pa.int32(), "bytes": pa.int64()}
)


def main(arguments: argparse.Namespace) -> None:
    spec: PerplexitySpec = arguments.spec
    evaluation = spec.evaluation
    notes = read_table(arguments.notes, ["note_id", "category", "split", "text"])
    wanted = pc.equal(notes["split"], evaluation.split)
    if evaluation.category is not None:
        wanted = pc.and_(wanted, pc.equal(notes["category"], evaluation.category))
    found = notes.filter(wanted).to_pylist()
    if not found:
        known = sorted(set(notes["category"].to_pylist()))
        raise UserError(
            f"evaluation '{evaluation.name}': no {evaluation.split} note of category "
            f"{evaluation.category!r}; there are {known}"
        )
    found.sort(key=lambda note: keyed_hash(f"evaluation-{spec.seed}", note["note_id"]))
    chosen = found[: evaluation.notes]
    take_gpus(arguments.gpus)
    checkpoint, texts = arguments.checkpoint.with_suffix(""), [note["text"] for note in chosen]
    rows = score_notes(texts, checkpoint, f"perplexity {arguments.out}")
    scored = [{"note_id": note["note_id"], **row} for note, row in zip(chosen, rows, strict=True)]
    metrics = perplexity_metrics(rows, spec.seed)
    table = pa.Table.from_pylist(scored, schema=SCHEMA)
    write_table(arguments.out, table, available=len(found), metrics=metrics)


if __name__ == "__main__":
    options = parser(__doc__, "--checkpoint", "--notes", "--out", spec=PerplexitySpec)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
