"""Train a decoder, or go on pretraining an encoder, on a corpus."""

import argparse
import shutil

from pydantic import TypeAdapter

from palimpsest.pretraining.config import DecoderRecipe, Model, TrainingResources, TrainingSpec
from palimpsest.pretraining.recipes import RECIPES
from palimpsest.runtime.cache import Cache, work_key
from palimpsest.runtime.checkpoints import model_manifest
from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import read_fields, read_manifest, read_table, write_manifest
from palimpsest.runtime.gpus import take_gpus
from palimpsest.study.files import read_recipe


def fit(arguments: argparse.Namespace, resources: TrainingResources, cache: Cache) -> None:
    """Train, and keep the checkpoint in the cache."""
    spec: TrainingSpec = arguments.spec
    take_gpus(resources.gpus)
    texts = read_table(arguments.corpus, ["text"])["text"].to_pylist()
    target = cache.working / "finished"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.pretraining.training import Run, describe_checkpoint

    label = f"training {arguments.manifest.with_suffix('')}"
    training = Run(label, spec.model.training, resources, spec.seed, cache.working, target)
    if isinstance(spec.model, DecoderRecipe):
        from palimpsest.pretraining.decoder import train_decoder

        tokenizer = arguments.start.with_suffix("") / "tokenizer.json"
        notes = train_decoder(training, spec.model, texts, tokenizer)
    else:
        from palimpsest.pretraining.encoder import train_encoder

        notes = train_encoder(training, spec.model, texts, arguments.start.with_suffix(""))
    describe_checkpoint(target, notes)
    cache.finish(target)


def main(arguments: argparse.Namespace) -> None:
    spec: TrainingSpec = arguments.spec
    resources = read_recipe(arguments.model, TypeAdapter(Model)).resources
    started_from = model_manifest(arguments.start, "identity")
    if isinstance(spec.model, DecoderRecipe):
        start = started_from["files"]["tokenizer.json"]
    else:
        start = started_from["identity"]
    made_from = {"corpus": read_manifest(arguments.corpus)["sha256"], "start": start}
    cache = Cache(arguments.state, work_key(RECIPES[spec.model.kind], spec, made_from))
    if not cache.is_finished():
        with cache.alone():
            if not cache.is_finished():
                fit(arguments, resources, cache)
    checkpoint = read_fields(cache.finished / "checkpoint.json", "files")
    cache.deliver(arguments.manifest.with_suffix(""), *checkpoint["files"])
    write_manifest(arguments.manifest, {**checkpoint, "made_from": made_from})


if __name__ == "__main__":
    files = ("--corpus", "--model", "--start", "--state", "--manifest")
    run(main, parser(__doc__, *files, spec=TrainingSpec))
