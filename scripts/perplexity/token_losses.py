"""Compute the loss of each token of held-out notes under a decoder, or of some under an encoder."""

import argparse

import pyarrow as pa

from palimpsest.perplexity.config import LossesSpec
from palimpsest.perplexity.tables import LOSSES
from palimpsest.runtime.checkpoints import model_manifest
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import write_table
from palimpsest.runtime.gpus import take_gpus


def main(arguments: argparse.Namespace) -> None:
    spec: LossesSpec = arguments.spec
    model_manifest(arguments.checkpoint)
    chosen, available = evaluation_notes(arguments.notes, spec.evaluation, spec.seed)
    take_gpus(arguments.gpus)
    checkpoint, texts = arguments.checkpoint.with_suffix(""), [note["text"] for note in chosen]
    label = f"losses {arguments.out}"
    places = None
    if spec.stride is not None:
        from palimpsest.perplexity.losses import token_losses

        losses = token_losses(texts, checkpoint, spec.context, spec.stride, label)
    else:
        assert spec.masked_tokens is not None, "a model is a decoder or an encoder"
        from palimpsest.perplexity.masked import drawn_tokens, encodings, masked_losses

        places = [
            drawn_tokens(len(found.ids), spec.masked_tokens, spec.seed, note["note_id"])
            for note, found in zip(chosen, encodings(checkpoint, texts), strict=True)
        ]
        losses = masked_losses(texts, places, checkpoint, spec.context, label)
    columns = {name: [note[name] for note in chosen] for name in ("note_id", "patient_id")}
    columns |= {"places": places or [None] * len(chosen), "nats": losses}
    table = pa.Table.from_pydict(columns, schema=LOSSES)
    write_table(arguments.out, table, available=available, pseudo=places is not None)


if __name__ == "__main__":
    options = parser(__doc__, "--checkpoint", "--notes", "--out", spec=LossesSpec)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
