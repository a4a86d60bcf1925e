"""How small a vocabulary and a decoder must be to learn the order of words from few tokens.

    PYTHONPATH=src python benchmarks/small_decoders.py [--results results]
        [--corpora original medical] [--vocabularies 257 320 512 1024] [--shapes 64x2 128x4]
        [--steps 60] [--seeds 0]

Of a built study with a source `hospital`, such as the demo: trains tokenizers on its passages and
decoders on its corpora, and scores them on notes of valid patients alone, by category, beside the
unigrams of the corpora. A shape is hidden size x layers.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from palimpsest.perplexity.losses import token_losses
from palimpsest.perplexity.score import unigram_losses
from palimpsest.pretraining.config import (
    DecoderArchitecture,
    DecoderRecipe,
    Training,
    TrainingResources,
)
from palimpsest.pretraining.decoder import train_decoder
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.pretraining.training import FILES, Run
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.evaluation_notes import evaluation_notes
from palimpsest.runtime.files import read_table, write_manifest
from palimpsest.runtime.schema import EvaluationNotes
from palimpsest.runtime.shards import shard_tables
from palimpsest.text.tokenizers import encode, load_tokenizer

SOURCE = "hospital"
CATEGORIES = ("Discharge summary", "Radiology report")


def valid_notes(results: Path, count: int, seed: int) -> dict[str, list[str]]:
    """Texts of valid patients by category."""
    found = {}
    for category in CATEGORIES:
        wanted = EvaluationNotes(
            name="valid", source=SOURCE, category=category, split="valid", notes=count
        )
        rows, _ = evaluation_notes(results / f"notes/{SOURCE}.parquet", wanted, seed)
        found[category] = [row["text"] for row in rows]
    return found


def tokenizer(results: Path, size: int, folder: Path) -> Path:
    """A tokenizer of the source's passages."""
    (first,) = (results / f"passages/{SOURCE}").glob("000-of-???.json")
    tables = shard_tables(first)
    texts = [text for path in tables for text in read_table(path, ["text"])["text"].to_pylist()]
    made = folder / f"bpe{size}"
    made.mkdir()
    (made / "tokenizer.json").write_text(train_bpe(texts, size).to_str(), encoding="utf-8")
    write_manifest(folder / f"bpe{size}.json", described(made, ["tokenizer.json"]))
    return made / "tokenizer.json"


def recipe(shape: str, given: argparse.Namespace) -> DecoderRecipe:
    hidden, layers = map(int, shape.split("x"))
    architecture = DecoderArchitecture(
        hidden_size=hidden, intermediate_size=3 * hidden, layers=layers, heads=4
    )
    training = Training(
        steps=given.steps,
        batch_size=8,
        context=given.context,
        learning_rate=given.rate,
        warmup_steps=5,
        weight_decay=0.1,
    )
    return DecoderRecipe(kind="decoder", architecture=architecture, training=training)


def perplexities(
    wanted: DecoderRecipe,
    texts: list[str],
    bpe: Path,
    notes: dict[str, list[str]],
    seed: int,
) -> tuple[list[tuple[float, float]], int, float]:
    """Of model and unigram by category; parameters; CPU seconds of the training."""
    with tempfile.TemporaryDirectory() as held, contextlib.ExitStack() as silent:
        for redirect in (contextlib.redirect_stdout, contextlib.redirect_stderr):
            silent.enter_context(redirect(io.StringIO()))
        target = Path(held) / "model"
        target.mkdir()
        resources = TrainingResources(checkpoint_steps=wanted.training.steps)
        begun = time.process_time()
        run = Run("small", wanted.training, resources, seed, Path(held) / "work", target)
        noted = train_decoder(run, wanted, texts, bpe)
        spent = time.process_time() - begun
        for path in target.iterdir():
            if path.name not in FILES:
                path.unlink()
        write_manifest(target.with_suffix(".json"), described(target, FILES))
        unigram, read = unigram_losses(texts, bpe), load_tokenizer(bpe)
        context = wanted.training.context
        found = []
        for given in notes.values():
            losses = np.concatenate(token_losses(given, target, context, context // 2, "small"))
            ids = np.concatenate(encode(read, given)).astype(int)
            found.append((math.exp(losses.mean()), math.exp(unigram[ids].mean())))
    return found, int(noted["parameters"]), spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--corpora", nargs="+", default=["original", "medical"])
    parser.add_argument("--vocabularies", nargs="+", type=int, default=[257, 320, 512, 1024])
    parser.add_argument("--shapes", nargs="+", default=["64x2", "128x4"])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rate", type=float, default=0.002)
    parser.add_argument("--context", type=int, default=64)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--notes", type=int, default=8, help="of each category, of valid patients")
    given = parser.parse_args()
    torch.set_num_threads(1)
    notes = valid_notes(given.results, given.notes, 2411)
    print("| corpus | vocabulary | shape | parameters | steps | seed | tokens | CPU s |", end="")
    print("".join(f" {name}: model | unigram | ratio |" for name in notes))
    print("|---|--:|---|--:|--:|--:|--:|--:|" + "--:|--:|--:|" * len(notes), flush=True)
    with tempfile.TemporaryDirectory() as held:
        made = {size: tokenizer(given.results, size, Path(held)) for size in given.vocabularies}
        for corpus in given.corpora:
            path = given.results / f"corpora/{corpus}.parquet"
            texts = read_table(path, ["text"])["text"].to_pylist()
            for size, bpe in made.items():
                tokens = sum(map(len, encode(load_tokenizer(bpe), texts)))
                for shape in given.shapes:
                    for seed in given.seeds:
                        wanted = recipe(shape, given)
                        found, many, spent = perplexities(wanted, texts, bpe, notes, seed)
                        row = [corpus, size, shape, f"{many:,}", given.steps, seed, tokens]
                        row.append(f"{spent:.1f}")
                        for model, unigram in found:
                            row += [f"{model:.1f}", f"{unigram:.1f}", f"{model / unigram:.2f}"]
                        print(f"| {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    main()
