"""The power of the membership test on checkpoints, against what the verdict prints.

    python benchmarks/release_membership.py --runs 10 --repetitions 1 2 4

A run deals the patients of generated notes to used and audit ones anew. A tiny decoder is trained
on case reports of other people, and on a passage of each of some used patients, so many times; the
one that it is compared with is trained on the reports alone, for as many steps. Those patients are
all the used ones, or the share that the verdict prints as found with a power of 0.8, under the
assumption that a leaked patient is known better than all of the control. `null`: more reports are
in their place. Found is what the test of all patients says at its level of 0.005.
"""

import argparse
import contextlib
import io
import math
import random
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import torch
from release import NOTES, Trial, dealt, pool, source

from palimpsest.perplexity.losses import token_losses
from palimpsest.pretraining.config import (
    DecoderArchitecture,
    DecoderRecipe,
    Training,
    TrainingResources,
)
from palimpsest.pretraining.decoder import train_decoder
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.pretraining.training import FILES, Run
from palimpsest.release import membership
from palimpsest.release.check import Given, Released, Result, run_check
from palimpsest.release.config import CheckSpec
from palimpsest.release.losses import LOSSES
from palimpsest.release.patients import read_patients
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.files import write_manifest, write_table
from palimpsest.stats.exchangeable import detectable_rate
from palimpsest.text.tokenizers import encode, load_tokenizer

PATIENTS, WORDS, REPORTS = 300, 100, 250
BATCH, CONTEXT, VOCABULARY = 8, 64, 512
LEVEL = membership.LEVEL


def passages(seed: int) -> list[dict]:
    """One note of each patient, the first words of its first one, dealt anew."""
    first = {}
    for note in source(PATIENTS, 1):
        first.setdefault(note["patient_id"], note)
    return [
        {**note, "split": dealt(patient, seed), "text": " ".join(note["text"].split(" ")[:WORDS])}
        for patient, note in first.items()
    ]


class Bench:
    """What the runs share. arguments: hidden size, layers and rate of the decoders."""

    def __init__(self, folder: Path, arguments: argparse.Namespace) -> None:
        self.folder, self.arguments = folder, arguments
        self.reports = pool("reports")
        made = folder / "bpe"
        made.mkdir()
        words = [note["text"] for note in passages(0)] + self.reports[:REPORTS]
        (made / "tokenizer.json").write_text(train_bpe(words, VOCABULARY).to_str())
        write_manifest(folder / "bpe.json", described(made, ["tokenizer.json"]))
        self.bpe = made / "tokenizer.json"

    def losses(self, texts: list[str], steps: int, notes: list[dict], seed: int) -> list[dict]:
        """Train a decoder on some texts; what it makes of the notes."""
        training = Training(
            steps=steps, batch_size=BATCH, context=CONTEXT, warmup_steps=5, weight_decay=0.1,
            learning_rate=self.arguments.rate,
        )  # fmt: skip
        hidden = self.arguments.hidden
        shape = DecoderArchitecture(
            hidden_size=hidden, intermediate_size=3 * hidden, layers=self.arguments.layers, heads=4
        )
        with tempfile.TemporaryDirectory() as held, contextlib.ExitStack() as silent:
            for redirect in (contextlib.redirect_stdout, contextlib.redirect_stderr):
                silent.enter_context(redirect(io.StringIO()))
            target = Path(held) / "model"
            target.mkdir()
            resources = TrainingResources(checkpoint_steps=steps)
            run = Run("small", training, resources, seed, Path(held) / "work", target)
            recipe = DecoderRecipe(kind="decoder", architecture=shape, training=training)
            train_decoder(run, recipe, texts, self.bpe)
            for path in target.iterdir():
                if path.name not in FILES:
                    path.unlink()
            write_manifest(target.with_suffix(".json"), described(target, FILES))
            told = [note["text"] for note in notes]
            found = token_losses(told, target, CONTEXT, CONTEXT // 2, "small")
        return [
            {"kind": "patient", "id": note["patient_id"], "nats": float(one.sum(dtype=float)),
             "tokens": len(one)}
            for note, one in zip(notes, found, strict=True)
        ]  # fmt: skip

    def tokens(self, texts: list[str]) -> int:
        return sum(map(len, encode(load_tokenizer(self.bpe), texts)))


def asked(folder: Path, notes: list[dict], losses: dict[str, list[dict]], seed: int) -> Result:
    """What the check of membership says of two models."""
    table = pa.Table.from_pylist(notes, schema=NOTES)
    write_table(folder / "notes.parquet", table, wildcards={"source": "ward"})
    paths = []
    for corpus, rows in losses.items():
        paths.append(folder / f"{corpus}.parquet")
        names = {"model": "tiny", "corpus": corpus, "seed": 0}
        write_table(paths[-1], pa.Table.from_pylist(rows, schema=LOSSES), wildcards=names)
    checkpoints = [{"model": "tiny", "corpus": "leaked", "reference": "reports"}]
    release = Trial.release(corpora=[], checkpoints=checkpoints)
    spec = CheckSpec(release=release, audited=True, canaries=0, seed=seed, stage="given")
    patients = read_patients(folder / "notes.parquet", True)
    given = Given(
        spec, patients, folder / "notes.parquet", Released({}, {}), [], paths, folder
    )  # fmt: skip
    return run_check("membership", given)


def main() -> None:
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    made.add_argument("--runs", type=int, default=10)
    made.add_argument("--first", type=int, default=0)
    made.add_argument("--repetitions", type=int, nargs="+", default=[1, 2, 4])
    made.add_argument("--hidden", type=int, default=64)
    made.add_argument("--layers", type=int, default=2)
    made.add_argument("--rate", type=float, default=0.004)
    arguments = made.parse_args()
    torch.set_num_threads(1)
    began, rows = time.process_time(), {}
    with tempfile.TemporaryDirectory() as held:
        bench = Bench(Path(held), arguments)
        for seed in range(arguments.first, arguments.first + arguments.runs):
            draws, notes = random.Random(seed), passages(seed)
            reports = draws.sample(bench.reports, REPORTS)
            used = [note for note in notes if note["split"] == "train"]
            control = sum(note["split"] == "audit" for note in notes)
            printed = detectable_rate(len(used), control, LEVEL)
            cases = [("null", 0.0, 0)]
            for repetitions in arguments.repetitions:
                cases += [("printed", printed, repetitions), ("all", 1.0, repetitions)]
            size = bench.tokens(reports)
            for what, share, repetitions in cases:
                leaked = draws.sample(used, round(share * len(used)))
                texts = [note["text"] for note in leaked] * repetitions
                if what == "null":
                    texts = draws.sample(bench.reports, len(used))
                steps = math.ceil((size + bench.tokens(texts)) / BATCH / CONTEXT)
                losses = {
                    "leaked": bench.losses(reports + texts, steps, notes, seed),
                    "reports": bench.losses(reports, steps, notes, seed),
                }
                with tempfile.TemporaryDirectory() as folder:
                    result = asked(Path(folder), notes, losses, seed)
                (every,) = [test for name, test in result.tests.items() if "all" in name]
                numbers = every.numbers
                row = (every.p <= LEVEL, numbers["auc"], len(leaked), steps)
                rows.setdefault((what, repetitions), []).append(row)
                print(seed, what, repetitions, f"p {every.p:.4f}", row, flush=True)
    print(
        "| leaked | times | patients | steps | runs | found | AUC |\n|---|---|---|---|---|---|---|"
    )
    for (what, repetitions), found in rows.items():
        hits, areas, leaked, steps = map(np.array, zip(*found, strict=True))
        print(
            f"| {what} | {repetitions} | {leaked.mean():.0f} | {steps.mean():.0f} | {len(found)} | "
            f"{hits.sum()} | {areas.mean():.3f} |"
        )
    print(f"{time.process_time() - began:.0f} s of CPU")


if __name__ == "__main__":
    main()
