"""Train a decoder or an encoder on a corpus, from scratch or from weights.

--start: the manifest of the weights, or of the tokenizer. --valid: the table of notes on which the
valid loss is measured. On several GPUs this program starts itself once for each of them.
"""

import argparse
import shutil
from pathlib import Path

import pyarrow as pa
from pydantic import TypeAdapter

from palimpsest.pretraining.config import DecoderRecipe, Model, TrainingResources, TrainingSpec
from palimpsest.pretraining.curves import SCHEMA, csv_of
from palimpsest.pretraining.recipes import RECIPES
from palimpsest.pretraining.stored import fetch_checkpoint
from palimpsest.pretraining.workers import is_first, is_worker, start_workers
from palimpsest.runtime.cache import Cache, work_key
from palimpsest.runtime.checkpoints import model_manifest
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import (
    read_fields,
    read_json,
    read_manifest,
    read_table,
    write_manifest,
    write_table,
    write_text,
)
from palimpsest.runtime.gpus import held_locks, take_gpus
from palimpsest.runtime.identity import digest
from palimpsest.runtime.origins import recorded
from palimpsest.study.files import read_recipe


def valid_texts(arguments: argparse.Namespace) -> list[str]:
    """The notes on which the valid loss is measured; none where the study declares none."""
    spec: TrainingSpec = arguments.spec
    if spec.validation is None:
        return []
    notes, _ = evaluation_notes(arguments.valid[0], spec.validation, spec.sampling_seed)
    return [note["text"] for note in notes]


def label_of(arguments: argparse.Namespace) -> str:
    """How messages name the training."""
    return f"training {arguments.manifest.with_suffix('')}"


def fit(
    arguments: argparse.Namespace, resources: TrainingResources, working: Path, valid: list[str]
) -> None:
    """Train in a working room, and leave the finished files in it."""
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.pretraining.training import Run, describe_checkpoint

    spec: TrainingSpec = arguments.spec
    texts = read_table(arguments.corpus, ["text"])["text"].to_pylist()
    target, start = finished_in(working), arguments.start.with_suffix("")
    training = Run(label_of(arguments), spec.model.training, resources, spec.seed, working, target)
    if isinstance(spec.model, DecoderRecipe):
        from palimpsest.pretraining.decoder import train_decoder

        notes = train_decoder(training, spec.model, texts, start / "tokenizer.json", valid)
    else:
        from palimpsest.pretraining.encoder import train_encoder

        notes = train_encoder(training, spec.model, texts, start, valid)
    if is_first():
        describe_checkpoint(target, notes)


def finished_in(working: Path) -> Path:
    """Where the finished files are before the cache has them."""
    return working / "finished"


def fit_alone(
    arguments: argparse.Namespace,
    resources: TrainingResources,
    cache: Cache,
    valid: list[str],
    held: int,
) -> None:
    """Train, here or in processes of its own, and keep the checkpoint in the cache.

    held: the descriptor of the cache's lock.
    """
    target = finished_in(cache.working)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    fetch_checkpoint(cache.working)
    take_gpus(resources.gpus)
    if resources.gpus > 1:
        start_workers(label_of(arguments), resources.gpus, [held, *held_locks()])
    else:
        fit(arguments, resources, cache.working, valid)
    cache.finish(target)


def deliver(arguments: argparse.Namespace, cache: Cache) -> None:
    """Copy the checkpoint from the cache, and write its curve of losses."""
    checkpoint = read_fields(cache.finished / "checkpoint.json", "files")
    cache.deliver(arguments.manifest.with_suffix(""), *checkpoint["files"])
    curve = read_json(cache.finished / "curve.json")
    write_table(arguments.curve, pa.Table.from_pylist(curve, schema=SCHEMA))
    write_text(arguments.curve.with_suffix(".csv"), csv_of(curve, recorded()["wildcards"]))
    write_manifest(arguments.manifest, {**checkpoint, "made_from": arguments.made_from})


def main(arguments: argparse.Namespace) -> None:
    spec: TrainingSpec = arguments.spec
    resources = read_recipe(arguments.model, TypeAdapter(Model)).resources
    started_from = model_manifest(arguments.start, "identity")
    from_scratch = spec.model.architecture is not None
    start = started_from["files"]["tokenizer.json"] if from_scratch else started_from["identity"]
    valid = valid_texts(arguments)
    made_from = {"corpus": read_manifest(arguments.corpus)["sha256"], "start": start}
    if valid:
        made_from["valid"] = digest(valid)
    arguments.made_from = made_from
    cache = Cache(arguments.state, work_key(RECIPES[spec.model.kind], spec, made_from))
    if is_worker():
        fit(arguments, resources, cache.working, valid)
        return
    if not cache.is_finished():
        with cache.alone() as held:
            if not cache.is_finished():
                fit_alone(arguments, resources, cache, valid, held)
    deliver(arguments, cache)


if __name__ == "__main__":
    files = ("--corpus", "--valid*", "--model", "--start", "--state", "--manifest", "--curve")
    run(main, parser(__doc__, *files, spec=TrainingSpec))
