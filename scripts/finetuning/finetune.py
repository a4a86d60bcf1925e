"""Fine-tune an encoder on datasets, and predict the valid and test examples of one."""

import argparse

from palimpsest.finetuning.config import FinetuneSpec
from palimpsest.finetuning.finished import PREDICTED, Order, finished_run, run_fields
from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.files import manifest_path, read_fields, write_manifest


def main(arguments: argparse.Namespace) -> None:
    order = Order(
        f"fine-tuning {arguments.out}",
        arguments.encoder,
        arguments.datasets,
        arguments.state,
        arguments.threads,
        arguments.gpus,
    )
    finished = finished_run(order, arguments.spec)
    finished.copy(PREDICTED, arguments.out)
    # The same run may have been made under other names: its manifest is that of this job.
    manifest = read_fields(manifest_path(finished.finished / PREDICTED))
    manifest.pop(WILDCARDS, None)
    write_manifest(manifest_path(arguments.out), run_fields(manifest, arguments.spec, order))


if __name__ == "__main__":
    options = parser(__doc__, "--encoder", "--datasets+", "--state", "--out", spec=FinetuneSpec)
    options.add_argument("--threads", type=int, required=True)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
