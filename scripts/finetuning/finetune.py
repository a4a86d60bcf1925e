"""Fine-tune an encoder on datasets, and predict the valid and test examples of one."""

import argparse
import shutil

import pyarrow as pa

from palimpsest.finetuning.config import FinetuneSpec
from palimpsest.finetuning.data import training_phases
from palimpsest.finetuning.heads import RECIPES
from palimpsest.runtime.cache import Cache, work_key
from palimpsest.runtime.cli import WILDCARDS, parser, run
from palimpsest.runtime.dataset_tables import PREDICTIONS, dataset_manifest, read_dataset
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import (
    link_or_copy,
    manifest_path,
    read_fields,
    read_manifest,
    write_manifest,
    write_table,
)
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.identity import digest

KEPT = "predictions.parquet"


def fit(arguments: argparse.Namespace, cache: Cache) -> None:
    """Fine-tune and predict, and keep the predictions in the cache."""
    spec: FinetuneSpec = arguments.spec
    datasets = {dataset.name: dataset for dataset in map(read_dataset, arguments.datasets)}
    judged = datasets[spec.dataset]
    phases, trained_on = training_phases(datasets, spec.dataset, spec.phases, spec.size)
    take_gpus(arguments.gpus)
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.finetuning.run import finetune

    rows = finetune(
        f"fine-tuning {arguments.out}",
        arguments.encoder.with_suffix(""),
        judged,
        phases,
        spec.finetuning,
        spec.seed,
        arguments.threads,
    )
    target = cache.working / "finished"
    shutil.rmtree(target, ignore_errors=True)  # what a killed job left
    write_table(
        target / KEPT,
        pa.Table.from_pylist(rows, schema=PREDICTIONS),
        dataset=spec.dataset,
        kind=judged.kind,
        labels=judged.labels,
        trained_on=list(trained_on.values()),
    )
    cache.finish(target)


def main(arguments: argparse.Namespace) -> None:
    spec: FinetuneSpec = arguments.spec
    known = {dataset.name: dataset for dataset in map(dataset_manifest, arguments.datasets)}
    asked = {spec.dataset, *spec.trained_on()}
    if lacking := sorted(asked - set(known)):
        raise UserError(f"expected the datasets {lacking} among {list(map(str, known))}")
    encoder = read_fields(arguments.encoder, "identity")["identity"]
    content = {
        name: digest([entry.sha256, entry.kind, entry.labels]) for name, entry in known.items()
    }
    key = work_key(RECIPES[known[spec.dataset].kind], spec.renamed(content), encoder)
    cache = Cache(arguments.state, key)
    if not cache.is_finished():
        with cache.alone():
            if not cache.is_finished():
                fit(arguments, cache)
    link_or_copy(cache.finished / KEPT, arguments.out)
    # The same run may have been made under other names: its manifest is that of this job.
    manifest = read_manifest(cache.finished / KEPT)
    manifest.pop(WILDCARDS, None)
    counts = dict(zip(spec.trained_on(), manifest["trained_on"], strict=True))
    names = {"dataset": spec.dataset, "trained_on": counts}
    write_manifest(manifest_path(arguments.out), {**manifest, **names})


if __name__ == "__main__":
    options = parser(__doc__, "--encoder", "--datasets+", "--state", "--out", spec=FinetuneSpec)
    options.add_argument("--threads", type=int, required=True)
    options.add_argument("--gpus", type=int, default=0, help="that the job has to itself")
    run(main, options)
