"""Train a decoder, or go on pretraining an encoder, on a corpus."""

import argparse
import shutil
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from palimpsest.pretraining.config import Model
from palimpsest.runtime.cache import Cache
from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import (
    read_fields,
    read_json,
    read_manifest,
    read_table,
    sha256_file,
    write_json,
)
from palimpsest.runtime.gpus import take_gpus
from palimpsest.runtime.identity import digest
from palimpsest.study.files import read_recipe


def fit(arguments: argparse.Namespace, engine: dict[str, Any], store: Cache) -> None:
    """Train, and keep the checkpoint in the store."""
    take_gpus(engine["gpus"])
    texts = read_table(arguments.corpus, ["text"])["text"].to_pylist()
    target = store.working / "finished"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    # Imported only here: an undone edit takes the finished work without loading torch.
    from palimpsest.pretraining.training import describe_checkpoint

    if arguments.model["kind"] == "decoder":
        from palimpsest.pretraining.decoder import train_decoder as train

        start = arguments.tokenizer
    else:
        from palimpsest.pretraining.encoder import train_encoder as train

        start = arguments.weights
    what = f"training {arguments.out}"
    notes = train(
        what, arguments.model, engine, texts, start, arguments.seed, store.working, target
    )
    describe_checkpoint(target, notes)
    store.finish(target)


def main(arguments: argparse.Namespace) -> None:
    engine = read_recipe(arguments.model_file, TypeAdapter(Model)).engine.model_dump()
    model, seed = arguments.model, arguments.seed
    corpus = read_manifest(arguments.corpus)
    if model["kind"] == "decoder":
        start = sha256_file(arguments.tokenizer)
    else:
        start = read_fields(arguments.weights_manifest, "identity")["identity"]
    key = digest([model, seed, corpus["sha256"], start, arguments.code])
    store = Cache(arguments.state, key)
    if not store.is_finished():
        with store.alone():
            if not store.is_finished():
                fit(arguments, engine, store)
    store.deliver(arguments.out)
    write_json(arguments.manifest, read_json(arguments.out / "checkpoint.json"))


if __name__ == "__main__":
    options = parser(__doc__, "--corpus", "--model-file", "--state", "--out", "--manifest")
    options.add_argument("--model", type=json_argument, required=True, help="identity, as declared")
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--code", required=True, help="fingerprint of the module that trains")
    options.add_argument("--tokenizer", type=Path, help="of a decoder")
    options.add_argument("--weights", type=Path, help="that an encoder starts from")
    options.add_argument("--weights-manifest", type=Path, help="and their manifest")
    run(main, options)
