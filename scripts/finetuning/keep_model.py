"""Keep the model of a run: a folder beside the manifest, which transformers can load.

The model is taken from the finished run; where that is gone, or kept none, the run is made again.
"""

import argparse

from palimpsest.finetuning.card import card
from palimpsest.finetuning.config import CARD, HEAD_FILE, KEPT_FILES, FinetuneSpec
from palimpsest.finetuning.finished import PREDICTED, Order, finished_run, run_fields, write_head
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.files import (
    keep_only,
    manifest_path,
    read_fields,
    write_manifest,
    write_text,
)

TAKEN = ("dataset", "trained_on", "validated_on", "made_from")  # of the predictions' manifest
COPIED = [name for name in KEPT_FILES if name not in (CARD, HEAD_FILE)]


def main(arguments: argparse.Namespace) -> None:
    spec: FinetuneSpec = arguments.spec.model_copy(update={"keep": True})
    order = Order(
        f"fine-tuning {arguments.out}",
        arguments.encoder,
        arguments.datasets,
        arguments.state,
        arguments.threads,
        arguments.gpus,
    )
    finished = finished_run(order, spec)
    folder = arguments.out.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    keep_only(folder, KEPT_FILES)
    for name in COPIED:
        finished.copy(name, folder / name)
    head = read_fields(finished.finished / HEAD_FILE)
    write_head(folder, head)
    predictions = run_fields(read_fields(manifest_path(finished.finished / PREDICTED)), spec, order)
    fields = {
        **{name: head[name] for name in ("kind", "answer", "labels", "none_label")},
        **{name: predictions[name] for name in TAKEN},
        "predictions_sha256": predictions["sha256"],
    }
    write_manifest(arguments.out, {**described(folder, [*COPIED, HEAD_FILE]), **fields})
    names = read_fields(arguments.out).get(WILDCARDS, {})
    write_text(folder / CARD, card(spec, names, fields))


if __name__ == "__main__":
    options = parser(__doc__, "--encoder", "--datasets+", "--state", "--out", spec=FinetuneSpec)
    options.add_argument("--threads", type=int, required=True)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
