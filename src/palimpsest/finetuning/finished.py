"""Finished runs, kept by content: predictions and, where it is asked for, the model.

A model is the same whether it is kept or not, so that its key is made of the run's. A run that is
finished with its model serves one that asks for predictions alone.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from palimpsest.finetuning.config import CARD, HEAD_FILE, KEPT_FILES, FinetuneSpec
from palimpsest.finetuning.data import training_phases
from palimpsest.finetuning.heads import RECIPES
from palimpsest.runtime.cache import Cache, work_key
from palimpsest.runtime.checkpoints import described, model_manifest
from palimpsest.runtime.dataset_tables import (
    PREDICTIONS,
    DatasetManifest,
    dataset_manifest,
    read_dataset,
)
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import sealed, write_json, write_table
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.identity import digest

PREDICTED = "predictions.parquet"


@dataclass(frozen=True)
class Order:
    """What a run is made from, and on what machine.

    title: for its messages. encoder, datasets: whose manifests. state: the folder of finished runs.
    """

    title: str
    encoder: Path
    datasets: list[Path]
    state: Path
    threads: int
    gpus: int


def finished_run(order: Order, spec: FinetuneSpec) -> Cache:
    """A finished run, which is made if there is none.

    It holds PREDICTED and, where the specification says so, `kept.KEPT_FILES` but for the card.
    Raises UserError when an input is damaged or lacks what is asked for.
    """
    known = {dataset.name: dataset for dataset in map(dataset_manifest, order.datasets)}
    if lacking := sorted({spec.dataset, *spec.trained_on()} - set(known)):
        raise UserError(f"expected the datasets {lacking} among {list(map(str, known))}")
    encoder = model_manifest(order.encoder, "identity")["identity"]
    content = {name: digest(_content(entry)) for name, entry in known.items()}
    key = work_key(RECIPES[known[spec.dataset].kind], spec.work(content), encoder)
    alone, kept = Cache(order.state, key), Cache(order.state, digest([key, "model"]))
    fitting = [kept] if spec.keep else [alone, kept]
    made = kept if spec.keep else alone
    if not any(cache.is_finished() for cache in fitting):
        with made.alone():
            if not made.is_finished():
                _fit(order, spec, made)
    return next(cache for cache in fitting if cache.is_finished())


def _content(entry: DatasetManifest) -> list[object]:
    return [entry.sha256, entry.kind, entry.labels, entry.answer, entry.none_label]


def _fit(order: Order, spec: FinetuneSpec, cache: Cache) -> None:
    """Fine-tune and predict, and keep what comes of it in the cache."""
    datasets = {dataset.name: dataset for dataset in map(read_dataset, order.datasets)}
    judged = datasets[spec.dataset]
    taken = training_phases(datasets, spec.dataset, spec.phases, spec.size, spec.seed)
    take_gpus(order.gpus)
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.finetuning.kept import save_model
    from palimpsest.finetuning.run import finetune

    run = finetune(
        order.title,
        order.encoder.with_suffix(""),
        judged,
        taken.phases,
        spec.finetuning,
        spec.seed,
        order.threads,
        taken.choosing,
    )
    target = cache.working / "finished"
    shutil.rmtree(target, ignore_errors=True)  # what a killed job left
    write_table(
        target / PREDICTED,
        pa.Table.from_pylist(run.predictions, schema=PREDICTIONS),
        dataset=spec.dataset,
        kind=judged.kind,
        labels=judged.labels,
        trained_on=list(taken.trained_on.values()),
        validated_on=len(taken.choosing),
        cut=run.cut,
    )
    if spec.keep:
        save_model(target, run.head, run.model)
    cache.finish(target)


def write_head(folder: Path, head: dict[str, Any]) -> None:
    """Write what a kept model answers, with the hashes of its files: the folder may go elsewhere.

    head: what `save_model` describes. The other files are there.
    """
    names = [name for name in KEPT_FILES if name not in (CARD, HEAD_FILE)]
    write_json(folder / HEAD_FILE, sealed({**head, "files": described(folder, names)["files"]}))


def run_fields(manifest: dict[str, object], spec: FinetuneSpec, order: Order) -> dict[str, object]:
    """The manifest of a finished run under the names of this job's datasets, and their hashes."""
    counts = manifest["trained_on"]
    assert isinstance(counts, list)
    trained_on = dict(zip(spec.trained_on(), counts, strict=True))
    made_from = {
        "datasets": {entry.name: entry.sha256 for entry in map(dataset_manifest, order.datasets)},
        "encoder": model_manifest(order.encoder, "identity")["identity"],
    }
    named = {"dataset": spec.dataset, "trained_on": trained_on, "made_from": made_from}
    return {**manifest, **named}
