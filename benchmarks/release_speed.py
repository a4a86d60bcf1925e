"""The checks of texts at size: seconds of each for so many megabytes on each side, and memory.

    python benchmarks/release_speed.py --megabytes 1000
    python benchmarks/release_speed.py --megabytes 200 --checks identifiers rare_text

Corpus and notes are of random words, whose frequencies fall as those of a language do. Thirteen
words of five patients of the control and of ten used ones are copied, so that it is also looked up
what is their own. Each patient of the roster has a name, a number, a telephone and a day of birth;
a hundred canaries are among the notes. The checks are jobs of their own in a study, of which a
machine with two cores runs two at once: here they run one after the other, or the ones that are
asked for, each in a process of its own.
"""

import argparse
import csv
import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
from release import CORPUS, NOTES, Trial

from palimpsest.release import attributes, canaries, linkage, membership, rare_text
from palimpsest.release.check import Given, Released, run_check
from palimpsest.release.config import CheckSpec
from palimpsest.release.identifiers import check as identifiers
from palimpsest.release.patients import read_patients
from palimpsest.runtime.canaries import canary
from palimpsest.runtime.files import table_writer

MODULES = (attributes, canaries, identifiers, linkage, membership, rare_text)  # they register
CHECKS = ["identifiers", "rare_text", "canaries", "membership", "linkage", "attributes"]
CANARIES, SEED = 100, 1
ROSTER = {
    "by": "file", "paths": ["roster.csv"],
    "columns": {
        "patient_id": "patient", "name": ["given", "surname"], "id": ["record"],
        "phone": ["phone"], "date": ["born"],
    },
}  # fmt: skip


def stems(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Words and their chances."""
    words = ["".join(letters) for letters in product("bdfgklmnprst", "aeiou", "bdfgklmnprst", "ay")]
    stock = np.array(words)
    rng.shuffle(stock)
    chances = 1 / np.arange(1, len(stock) + 1)
    return stock, chances / chances.sum()


def write_texts(folder: Path, megabytes: int) -> int:
    """Write the tables of notes and of a corpus; how many patients they have."""
    rng = np.random.default_rng(0)
    stock, chances = stems(rng)
    copied: list[str] = []
    patients = 0
    for name, schema in (("notes", NOTES), ("corpus", CORPUS)):
        with table_writer(folder / f"{name}.parquet", schema) as writer:
            number = written = 0
            while written < megabytes * 1_000_000:
                drawn = rng.choice(stock, 400_000, p=chances)
                texts = [" ".join(drawn[at : at + 400]) for at in range(0, len(drawn), 400)]
                written += sum(map(len, texts))
                if schema is CORPUS:  # into the first documents
                    texts = [f"{text} {copied.pop()}" if copied else text for text in texts]
                elif not number:
                    copied.extend(" ".join(text.split(" ")[50:63]) for text in texts[:30:2])
                writer.write_rows([_row(number + at, text) for at, text in enumerate(texts)])
                number += len(texts)
            patients = max(patients, number // 2)
            if schema is NOTES:
                planted = [canary("ward", SEED, number) for number in range(CANARIES)]
                names = ("note_id", "patient_id", "text")
                writer.write_rows(
                    [{name: getattr(one, name) for name in names} | {"split": "train"}
                     for one in planted]
                )  # fmt: skip
            writer.fields["wildcards"] = {"source" if schema is NOTES else "corpus": "all"}
    return patients


def _row(number: int, text: str) -> dict:
    patient = number // 2
    return {
        "note_id": f"n{number}", "patient_id": f"p{patient}", "text": text,
        "split": "train" if patient % 3 else "audit",
    }  # fmt: skip


def write_roster(path: Path, patients: int) -> None:
    """Made-up identifiers of so many patients."""
    rng = np.random.default_rng(1)
    syllables = ["".join(two) for two in product("bcdfghjklmnpqrstvwz", "aeiou")]
    names = rng.choice(syllables, (patients, 6))
    first = date(1930, 1, 1)
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["patient", "given", "surname", "record", "phone", "born"])
        for number, parts in enumerate(names.tolist()):
            record, phone = rng.integers(10**7, 10**8), rng.integers(10**9, 10**10)
            born = first + timedelta(days=int(rng.integers(0, 30_000)))
            given, surname = "".join(parts[:3]).title(), "".join(parts[3:]).title()
            rows.writerow([f"p{number}", given, surname, record, phone, born.isoformat()])


def timed(name: str, folder: Path, megabytes: int) -> None:
    """Run one check, and print what it took."""
    release = Trial.release(roster=ROSTER, without={})
    spec = CheckSpec(
        release=release, audited=True, canaries=CANARIES, seed=SEED, stage="given"
    )  # fmt: skip
    notes, corpus = folder / "notes.parquet", folder / "corpus.parquet"
    began, wall = time.process_time(), time.time()
    given = Given(
        spec, read_patients(notes, True), notes, Released({"all": corpus}, {}),
        [folder / "roster.csv"], [], folder,
    )  # fmt: skip
    result = run_check(name, given)
    seconds, waited = time.process_time() - began, time.time() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{name}, {megabytes} MB: {seconds:.0f} s of CPU, {waited:.0f} s, {memory:.2f} GB at most"
    )
    for test, made in result.tests.items():
        print(f"    {test}: {made.found}")
    print(*(f"    lacking: {reason}" for reason in result.lacking), sep="\n", flush=True)


def main() -> None:
    formatter = argparse.RawTextHelpFormatter
    made = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    made.add_argument("--megabytes", type=int, default=1000)
    made.add_argument("--checks", nargs="+", choices=CHECKS, default=CHECKS)
    arguments = made.parse_args()
    apart = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_roster(folder / "roster.csv", write_texts(folder, arguments.megabytes))
        for check in arguments.checks:
            process = apart.Process(target=timed, args=(check, folder, arguments.megabytes))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(f"{check}: exit status {process.exitcode}")


if __name__ == "__main__":
    main()
