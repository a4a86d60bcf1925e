"""How fast corpora are mixed, in how much memory, and how near to their budgets.

    python benchmarks/mixing.py [--folder DIR] [--corpora 100] [--tokens 20000000]
        [--documents 10000000] [--patients 300]

Simulated tables of rephrases are written once to the folder: a pool of a quarter more tokens than a
corpus takes, in documents of about 250 tokens and 16 shards, and one of many small documents. The
program that the rule calls then mixes corpora of them, each under another seed, as separate
processes. Speed is by the CPU time of these, all threads together, start of Python included; memory
is the most that a process had. What the pages say of a part (diversity, copied 8-grams) is computed
as in any study. The last table is of passages of generated notes: how far parts of different
budgets and seeds are from them, with whole documents and with the last one cut.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Tokenizer

from palimpsest.corpora.mix import Mixer, Source
from palimpsest.corpora.parts import NotesPart
from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import SCHEMA as PASSAGES
from palimpsest.passages.cut import PassageCutter
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.files import (
    read_fields,
    read_table,
    table_writer,
    write_manifest,
    write_table,
    write_text,
)
from palimpsest.runtime.sampling import within_budget
from palimpsest.runtime.shards import shard_names
from palimpsest.screens.rephrases import SCHEMA
from palimpsest.text.tokenizers import load_tokenizer
from synthetic_notes import generate_notes

ROOT = Path(__file__).resolve().parents[1]
BATCH = 20_000  # documents that are written at once
VARIANTS = 20_000  # different texts
WORDS = 30_000
SEEDS = 20  # of the sampling order, for the distances
PROMPT = {"source": "ward", "llm": "small", "prompt": "p"}


def texts(size: int, random: np.random.Generator) -> pa.Array:
    """Different texts of about so many words, in sentences; words are as frequent as Zipf says."""
    vocabulary = np.array([f"w{number:x}" for number in range(WORDS)])
    made = []
    for _ in range(VARIANTS):
        words = vocabulary[np.minimum(random.zipf(1.2, size), WORDS) - 1]
        words[9::10] = np.char.add(words[9::10], ". Then")
        made.append(" ".join(words) + ".")
    return pa.array(made)


def simulate(folder: Path, documents: int, words: int, shards: int) -> None:
    """Tables of rephrases, as the screens write them: a token is a word."""
    random = np.random.default_rng(0)
    known = texts(words, random)
    first = 0
    for number, shard in enumerate(shard_names(shards)):
        rows = documents // shards + (number < documents % shards)
        account = {"in": rows, "kept": rows, "rejected": {}, "failed": {}}
        names = {"llm": "small", "request_set": "ward.p", "shard": shard}
        with table_writer(folder / f"{shard}.parquet", SCHEMA) as table:
            for begin in range(first, first + rows, BATCH):
                numbers = np.arange(begin, min(begin + BATCH, first + rows))
                start = numbers % 20 * 1000
                given = {
                    "request_key": [f"{one:064x}" for one in numbers.tolist()],
                    "note_id": [f"note-{one // 20}" for one in numbers.tolist()],
                    "start": start,
                    "end": start + 900,
                    "text": known.take(pa.array(random.integers(VARIANTS, size=len(numbers)))),
                    "tokens": np.full(len(numbers), words, np.int32),
                    "ngrams": np.full(len(numbers), max(0, words - 7), np.int32),
                    "copied_ngrams": np.full(len(numbers), words // 20, np.int32),
                }
                columns = [
                    pa.array(given[field.name], field.type)
                    if field.name in given
                    else pa.nulls(len(numbers), field.type)
                    for field in SCHEMA
                ]
                table.write(pa.Table.from_arrays(columns, schema=SCHEMA))
            table.fields |= {"account": account, "wildcards": names, "tokens": rows * words}
            table.fields |= {"tokens_in": 3 * rows * words, "tokens_out": 2 * rows * words}
        first += rows


def tokenizer(folder: Path) -> Path:
    """A tokenizer for the sentence at which a corpus is cut."""
    bpe = train_bpe(texts(20, np.random.default_rng(1)).to_pylist()[:2000], 2000)
    write_text(folder / "bpe" / "tokenizer.json", bpe.to_str())
    write_manifest(folder / "bpe.json", described(folder / "bpe", ["tokenizer.json"]))
    return folder / "bpe" / "tokenizer.json"


def mix(folder: Path, pool: Path, tokens: int, seed: int) -> tuple[float, float, float]:
    """Mix one corpus: CPU seconds, seconds, and MiB at most."""
    parts = [{"kind": "rephrases", **PROMPT, "tokens": tokens, "ratio": None, "repeat": 1}]
    corpus = {"name": "simulated", "tokens": None, "parts": parts}
    spec = {"corpus": corpus, "seed": seed, "wildcards": {"corpus": "simulated"}}
    (first,) = pool.glob("000-of-*.json")
    options = {"parts": first, "tokenizer": folder / "bpe" / "tokenizer.json"}
    options |= {"out": folder / "out.parquet", "spec": json.dumps(spec)}
    command = [sys.executable, str(ROOT / "scripts/corpora/mix_corpus.py")]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    begun = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"mixing failed with status {status}")
    made = read_fields(folder / "out.json")["all"]["tokens"]
    assert abs(made - tokens) <= tokens / 100, made
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / 1024


def passages(folder: Path, patients: int) -> tuple[Source, Tokenizer]:
    """Passages of generated notes, with a tokenizer that was trained on these."""
    notes = list(generate_notes(patients, 1, lambda patient: "train"))
    bpe = train_bpe((note.text for note in notes), 8000)
    write_text(folder / "notes-bpe" / "tokenizer.json", bpe.to_str())
    write_manifest(folder / "notes-bpe.json", described(folder / "notes-bpe", ["tokenizer.json"]))
    path = folder / "notes-bpe" / "tokenizer.json"
    cutter = PassageCutter(path, PassagesSpec())
    rows = []
    for note, stretches in zip(notes, cutter.stretches([n.text for n in notes]), strict=True):
        for one in stretches:
            if one.reason is None:
                text = note.text[one.start : one.end]
                row = {"note_id": note.note_id, "start": one.start, "end": one.end, "text": text}
                rows.append(row | {"tokens": one.tokens})
    table = folder / "passages.parquet"
    write_table(table, pa.Table.from_pylist(rows, schema=PASSAGES))
    part = NotesPart(kind="notes", source="ward", tokens=1)
    return Source(part, 1, [[table]], [], "simulated"), load_tokenizer(path)


def distances(folder: Path, patients: int) -> None:
    """Print how far parts are from their budgets."""
    source, bpe = passages(folder, patients)
    rows = read_table(source.rounds[0][0], ["note_id", "start", "tokens"]).to_pylist()
    print("| budget | whole: mean | most | cut: mean | most | within 1% |")
    print("|--:|--:|--:|--:|--:|--:|", flush=True)
    for budget in (250, 1000, 5000, 20_000, 100_000):
        whole, cut = [], []
        for seed in range(SEEDS):
            taken = sum(row["tokens"] for row in within_budget(rows, budget, seed))
            whole.append(taken / budget - 1)
            made = Mixer(seed, bpe, folder).mix(source, budget)
            cut.append(sum(pc.sum(table["tokens"]).as_py() for table in made) / budget - 1)
        shown = [f"{number:.2%}" for side in (whole, cut) for number in _spread(side)]
        near = sum(abs(one) <= 0.01 for one in cut)
        print(f"| {budget:,} | {' | '.join(shown)} | {near} of {SEEDS} |", flush=True)


def _spread(distances: list[float]) -> tuple[float, float]:
    sizes = [abs(distance) for distance in distances]
    return sum(sizes) / len(sizes), max(sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("results/benchmarks/mixing"))
    parser.add_argument("--corpora", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=20_000_000, help="of a corpus")
    parser.add_argument("--documents", type=int, default=10_000_000, help="small ones; 0: none")
    parser.add_argument("--patients", type=int, default=300, help="of generated notes; 0: none")
    given = parser.parse_args()
    tokenizer(given.folder)
    print("| corpora | documents | tokens | CPU s | s | tokens/s of CPU | MiB at most |")
    print("|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    for label, corpora, words, documents, shards in (
        ("large", given.corpora, 250, given.tokens * 5 // 4 // 250, 16),
        ("small", 1, 24, given.documents, 64),
    ):
        if not documents or not corpora:
            continue
        pool = given.folder / f"{label}-{documents}"
        if not list(pool.glob("*-of-*.json")):
            simulate(pool, documents, words, shards)
        tokens = given.tokens if label == "large" else documents * words
        runs = [mix(given.folder, pool, tokens, seed) for seed in range(corpora)]
        cpu, seconds, memory = (list(column) for column in zip(*runs, strict=True))
        print(
            f"| {corpora} | {tokens // words:,} | {tokens:,} | {sum(cpu):.1f} | "
            f"{sum(seconds):.1f} | {corpora * tokens / sum(cpu):,.0f} | {max(memory):,.0f} |",
            flush=True,
        )
    if given.patients:
        print()
        distances(given.folder, given.patients)


if __name__ == "__main__":
    main()
