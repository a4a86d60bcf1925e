"""The check of rare text at size: seconds and memory for so many megabytes on each side.

    python benchmarks/release_speed.py --megabytes 1000

Corpus and notes are of random words, whose frequencies fall as those of a language do. Thirteen
words of five patients of the control and of ten used ones are copied, so that it is also looked up
what is their own.
"""

import argparse
import resource
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
from release import CORPUS, NOTES, Trial

from palimpsest.release import rare_text
from palimpsest.release.check import Given, Released, run_check
from palimpsest.release.config import CheckSpec
from palimpsest.release.patients import read_patients
from palimpsest.runtime.files import table_writer

MODULES = (rare_text,)  # it registers


def speed(arguments: argparse.Namespace) -> None:
    """The check of rare text on so many megabytes of corpus and of notes."""
    rng = np.random.default_rng(0)
    stems = ["".join(letters) for letters in product("bdfgklmnprst", "aeiou", "bdfgklmnprst", "ay")]
    stock = np.array(stems)
    chances = 1 / np.arange(1, len(stock) + 1)
    chances /= chances.sum()

    copied: list[str] = []

    def table(path: Path, schema: pa.Schema, name: str) -> None:
        with table_writer(path, schema) as writer:
            number = written = 0
            while written < arguments.megabytes * 1_000_000:
                drawn = rng.choice(stock, 400_000, p=chances)
                texts = [" ".join(drawn[at : at + 400]) for at in range(0, len(drawn), 400)]
                written += sum(map(len, texts))
                if schema is CORPUS:  # into the first documents
                    texts = [f"{text} {copied.pop()}" if copied else text for text in texts]
                elif not number:
                    copied.extend(" ".join(text.split(" ")[50:63]) for text in texts[:30:2])
                rows = [
                    {
                        "note_id": f"n{number + at}", "patient_id": f"p{(number + at) // 2}",
                        "split": "train" if (number + at) // 2 % 3 else "audit", "text": text,
                    }
                    for at, text in enumerate(texts)
                ]  # fmt: skip
                writer.write_rows(rows)
                number += len(texts)
            writer.fields["wildcards"] = {name: "all"}

    with tempfile.TemporaryDirectory() as folder:
        notes, corpus = Path(folder) / "notes.parquet", Path(folder) / "corpus.parquet"
        table(notes, NOTES, "source")
        table(corpus, CORPUS, "corpus")
        release = Trial.release()
        spec = CheckSpec(release=release, audited=True, canaries=0, seed=1, stage="given")
        began, wall = time.process_time(), time.time()
        patients = read_patients(notes, True)
        given = Given(spec, patients, notes, Released({"all": corpus}, {}), [], [], Path(folder))
        result = run_check("rare_text", given)
        seconds, waited = time.process_time() - began, time.time() - wall
    for name, test in result.tests.items():
        print(f"{name}: {test.found}")
    print(f"{arguments.megabytes} MB: {seconds:.0f} s of CPU, {waited:.0f} s")


def main() -> None:
    formatter = argparse.RawTextHelpFormatter
    made = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    made.add_argument("--megabytes", type=int, default=1000)
    speed(made.parse_args())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{memory:.2f} GB of memory at most")


if __name__ == "__main__":
    main()
