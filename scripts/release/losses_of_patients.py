"""Compute what a checkpoint makes of the notes of some patients, and of canaries."""

import argparse

import pyarrow as pa

from palimpsest.perplexity.losses import token_losses
from palimpsest.release.canaries import canary_texts
from palimpsest.release.config import LossesOfPatientsSpec
from palimpsest.release.losses import LOSSES, drawn_patients, texts_of
from palimpsest.release.patients import read_patients
from palimpsest.runtime.checkpoints import model_manifest
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_table
from palimpsest.runtime.gpus import take_gpus

UNPLANTED = 200  # canaries that were never planted, beside which the planted ones stand


def main(arguments: argparse.Namespace) -> None:
    spec: LossesOfPatientsSpec = arguments.spec
    model_manifest(arguments.checkpoint)
    patients = read_patients(arguments.notes, spec.audited)
    drawn = drawn_patients(patients, spec.patients, spec.seed)
    notes = texts_of(arguments.notes, patients, drawn)
    planted = canary_texts(spec.source, spec.seed, spec.canaries, UNPLANTED)
    texts = pa.concat_tables([notes, planted])
    take_gpus(arguments.gpus)
    losses = token_losses(
        texts["text"].to_pylist(),
        arguments.checkpoint.with_suffix(""),
        spec.context,
        spec.context // 2,
        f"losses {arguments.out}",
    )
    sums: dict[tuple[str, str], list[float]] = {}
    for kind, name, nats in zip(
        texts["kind"].to_pylist(), texts["id"].to_pylist(), losses, strict=True
    ):
        held = sums.setdefault((kind, name), [0.0, 0])
        held[0] += float(nats.sum(dtype=float))
        held[1] += len(nats)
    rows = [
        {"kind": kind, "id": name, "nats": nats, "tokens": tokens}
        for (kind, name), (nats, tokens) in sums.items()
    ]
    write_table(arguments.out, pa.Table.from_pylist(rows, schema=LOSSES))


if __name__ == "__main__":
    options = parser(__doc__, "--checkpoint", "--notes", "--out", spec=LossesOfPatientsSpec)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
