"""Score a decoder on held-out notes: perplexity and bits per byte, beside its corpus's unigram."""

import argparse

import pyarrow as pa

from palimpsest.perplexity.config import PerplexitySpec
from palimpsest.perplexity.score import perplexity_metrics, score_notes, unigram_nats
from palimpsest.runtime.checkpoints import model_manifest
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import read_rows, write_table
from palimpsest.runtime.gpus import take_gpus

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
    model_manifest(arguments.checkpoint)
    chosen, available = evaluation_notes(arguments.notes, spec.evaluation, spec.seed)
    take_gpus(arguments.gpus)
    checkpoint, texts = arguments.checkpoint.with_suffix(""), [note["text"] for note in chosen]
    rows = score_notes(texts, checkpoint, f"perplexity {arguments.out}")
    corpus = (document["text"] for document in read_rows(arguments.corpus, ["text"]))
    unigram = unigram_nats(texts, corpus, checkpoint)
    for note, row, nats in zip(chosen, rows, unigram, strict=True):
        row |= {"unigram_nats": nats, **{name: note[name] for name in NAMES}}
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    write_table(arguments.out, table, available=available, metrics=perplexity_metrics(rows))


if __name__ == "__main__":
    options = parser(__doc__, "--checkpoint", "--corpus", "--notes", "--out", spec=PerplexitySpec)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
