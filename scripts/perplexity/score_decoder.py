"""Score a decoder on held-out notes: perplexity and bits per byte, beside its corpus's unigram."""

import argparse

import pyarrow as pa
import pyarrow.compute as pc

from palimpsest.perplexity.config import PerplexitySpec
from palimpsest.perplexity.score import perplexity_metrics, score_notes, unigram_nats
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_rows, read_table, write_table
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.identity import keyed_hash

NAMES = ("note_id", "patient_id")
SCHEMA = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("nats", pa.float64()),  # of the note's tokens, under the decoder
        ("unigram_nats", pa.float64()),  # and under the frequencies of tokens in its corpus
        ("tokens", pa.int32()),
        ("bytes", pa.int64()),
    ]
)


def main(arguments: argparse.Namespace) -> None:
    spec: PerplexitySpec = arguments.spec
    evaluation = spec.evaluation
    notes = read_table(arguments.notes, [*NAMES, "category", "split", "text"])
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
    corpus = (document["text"] for document in read_rows(arguments.corpus, ["text"]))
    unigram = unigram_nats(texts, corpus, checkpoint)
    for note, row, nats in zip(chosen, rows, unigram, strict=True):
        row |= {"unigram_nats": nats, **{name: note[name] for name in NAMES}}
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    write_table(arguments.out, table, available=len(found), metrics=perplexity_metrics(rows))


if __name__ == "__main__":
    options = parser(__doc__, "--checkpoint", "--corpus", "--notes", "--out", spec=PerplexitySpec)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
