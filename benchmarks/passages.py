"""Cut generated notes into passages, and compare with the bare tokenizer over the same text.

    PYTHONPATH=src python benchmarks/passages.py --tokenizer tokenizer.json --notes 1000 10000

One line a number of notes: throughput in MB of UTF-8 a second, medians of the rounds, which take
turns. `encode_batch` runs on all cores, as the library does by itself; ours runs on one. `cutting`
is the cutting alone, `program` the whole of scripts/passages/cut_passages.py with its start, the
reading and verifying of the notes and the writing of the passages. Beyond 10,000 notes the same
texts come again under another number.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from palimpsest.notes.schema import SCHEMA
from palimpsest.passages.config import PassagesSpec
from palimpsest.passages.cut import PassageCutter
from palimpsest.runtime.files import table_writer
from palimpsest.runtime.identity import canonical_json
from palimpsest.text.tokenizers import load_tokenizer
from synthetic_notes import generate_notes

ROOT = Path(__file__).parents[1]
DISTINCT = 10_000
BATCH = 1000  # notes at once, for the tokenizer and for us


def texts(distinct: list[str], notes: int) -> Iterator[list[str]]:
    """Batches of note texts, the same at each call."""
    for at in range(0, notes, BATCH):
        yield [
            f"Unit No: {number}\n{distinct[number % len(distinct)]}"
            for number in range(at, min(notes, at + BATCH))
        ]


def seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def write_notes(path: Path, batches: Iterator[list[str]]) -> None:
    with table_writer(path, SCHEMA) as table:
        for batch in batches:
            first = table.rows
            table.write_rows(
                [
                    {"note_id": f"n{at}", "patient_id": f"p{at}", "text": text}
                    | {"category": "note", "split": "train", "shard": 0}
                    for at, text in enumerate(batch, first)
                ]
            )


def measure(distinct: list[str], notes: int, options: argparse.Namespace) -> str:
    spec = PassagesSpec(max_tokens=options.max_tokens)
    size = sum(len(text.encode()) for batch in texts(distinct, notes) for text in batch) / 1e6
    tokenizer = load_tokenizer(options.tokenizer)

    def bare() -> None:
        os.environ["TOKENIZERS_PARALLELISM"] = "true"
        for batch in texts(distinct, notes):
            tokenizer.encode_batch(batch, add_special_tokens=False)

    def cutting() -> None:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        cutter = PassageCutter(options.tokenizer, spec)
        for batch in texts(distinct, notes):
            cutter.stretches(batch)

    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "notes.parquet"
        write_notes(table, texts(distinct, notes))
        command = [sys.executable, str(ROOT / "scripts/passages/cut_passages.py")]
        command += ["--notes", str(table), "--tokenizer", str(options.tokenizer)]
        command += ["--spec", canonical_json(spec.identity()), "--shard", "000-of-001"]
        command += ["--out", f"{folder}/out.parquet", "--rejects", f"{folder}/rejects.parquet"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}

        def program() -> None:
            subprocess.run(command, check=True, capture_output=True, env=environment)

        works = (bare, cutting, program)
        taken = [[seconds(work) for work in works] for _ in range(options.rounds)]
    times = [median(column) for column in zip(*taken, strict=True)]
    rates = [size / spent for spent in times]
    return (
        f"{notes:>8,} {size:>8.1f} {rates[0]:>14.2f} {rates[1]:>9.2f} {rates[2]:>9.2f} "
        f"{rates[1] / rates[0]:>13.2f} {rates[2] / rates[0]:>13.2f} {times[2]:>11.1f}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    options.add_argument(
        "--notes", type=int, nargs="+", required=True, help="how many, each a line"
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--max-tokens", type=int, default=300)
    arguments = options.parse_args()
    generated = generate_notes(DISTINCT, 1, lambda patient: "train")
    distinct = [note.text for note in islice(generated, min(DISTINCT, max(arguments.notes)))]
    print(
        "   notes       MB   encode_batch   cutting   program  cutting/bare  program/bare  "
        " program s"
    )
    for notes in arguments.notes:
        print(measure(distinct, notes, arguments), flush=True)


if __name__ == "__main__":
    main()
